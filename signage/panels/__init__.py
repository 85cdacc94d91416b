"""Drivers, one file each: what hangs above the door."""
