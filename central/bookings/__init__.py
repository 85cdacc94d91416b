"""Bookings, and the vehicle register that is asked for what a booking does not say."""
