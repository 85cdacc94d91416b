"""Posts and signs as devices: their codes, their tokens, and how they say they are."""
