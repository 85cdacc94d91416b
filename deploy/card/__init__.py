"""What a post or a sign must know, put on the boot partition of its card, where its first boot takes it."""
