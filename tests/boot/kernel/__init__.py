"""A whole machine with simulated hardware: what a box on the host's kernel cannot show.

`make test-kernel` (root; QEMU without virtualisation).  Debian's own kernel has gpio-sim compiled for it, and
two modules of ours: contacts between the chip's lines (`modules/pretend_keys.c`) and an SPI host that keeps
what it was sent (`modules/pretend_spi.c`).  Nothing of ours that runs in the machine knows of them: services,
units, udev rules and libraries are those that `deploy/install` puts there.  What differs stands in
`guest/files/etc` and in `image.SETTINGS`, with its reason.
"""
