"""A release on the processor of a Pi: both Debians as arm64 roots, run by qemu-user."""
