"""What a card brings to a post or a sign, taken once at its first boot."""
