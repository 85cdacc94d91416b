"""What is known about a vehicle and its driver, for how long, and how it goes."""
