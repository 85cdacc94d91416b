"""Backups: taken while central serves, restored, and made to forget what is erased."""
