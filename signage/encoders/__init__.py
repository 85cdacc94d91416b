"""Pure encoders: a frame or a text becomes the bytes that a panel understands."""
