"""From a checkout to a working machine.  Standard library only: it runs before anything is installed."""
