"""Stations, their bays and their hours."""
