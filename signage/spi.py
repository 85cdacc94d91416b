"""SPI by the kernel alone, for the blanker."""

import fcntl
import os
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

# linux/spi/spidev.h: _IOW('k', 1, __u8) and _IOW('k', 4, __u32)
SPI_IOC_WR_MODE = 0x40016B01
SPI_IOC_WR_MAX_SPEED_HZ = 0x40046B04


def send(node: Path, transfers: Sequence[bytes], hertz: int) -> None:
    """Send *transfers*: each write(2) is one, with its own chip select (kernel, spi/spidev.rst).

    Raises:
        OSError: the device is not there, or does not take them.
    """
    handle = os.open(node, os.O_RDWR | os.O_CLOEXEC)
    try:
        try:
            fcntl.ioctl(handle, SPI_IOC_WR_MODE, struct.pack("B", 0))
            fcntl.ioctl(handle, SPI_IOC_WR_MAX_SPEED_HZ, struct.pack("I", hertz))
        except OSError as error:
            # The speed that the dead service had set is still in force; trying beats giving up.
            sys.stderr.write(
                f"{node} did not take its speed ({error.strerror}); blanking all the same.\n"
            )
        for transfer in transfers:
            os.write(handle, transfer)
    finally:
        os.close(handle)
