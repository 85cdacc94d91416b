"""The figures that people feel, each beside its floor in the same run; nothing here is a test."""
