"""Whether a screen hangs on the cable, as the kernel's display driver says."""

from pathlib import Path

# One folder for each connector, card1-HDMI-A-1 for example (kernel documentation, sysfs-class-drm).
DRM = Path("/sys/class/drm")


def connected(drm: Path = DRM) -> bool | None:
    """Whether any connector has a screen; None where the kernel names no connector at all.

    A connector that the kernel's command line forces on (`video=HDMI-A-1:1280x800@60D`) counts as one
    with a screen, because the picture goes out whether somebody takes it or not.
    """
    said = [state for path in drm.glob("card*-*/status") if (state := _read(path))]
    if not said:
        return None
    return any(state != "disconnected" for state in said)


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except OSError:  # it was pulled out while we looked
        return ""
