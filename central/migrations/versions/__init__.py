"""One file a step, numbered; a file that has been released never changes."""
