"""The updater that stays when releases come and go, for the machine's own Python: standard library only."""
