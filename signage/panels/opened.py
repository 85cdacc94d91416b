"""The driver that the settings name; each is loaded only where it is used."""

from importlib import import_module

from signage.panel import Panel
from signage.panel_settings import PanelSettings


def open_panel(settings: PanelSettings) -> Panel:
    """Make the driver; nothing is opened or written yet.

    Raises:
        ValueError: this panel cannot hang at a door as it is set; the sentence says what to change.
    """
    # A machine with one kind of panel needs no library of another.
    driver = import_module(f"signage.panels.{settings.kind}")
    panel: Panel = driver.from_settings(settings)
    return panel
