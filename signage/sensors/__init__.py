"""Drivers of the sensors beside the panel, one file each, over one I2C wire."""
