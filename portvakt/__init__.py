"""The command line; it starts the other parts as processes and is imported by none of them."""
