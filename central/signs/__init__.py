"""Which plate may be lit above which door, and what is known of each sign."""
