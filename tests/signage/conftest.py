from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.panel_recorder import PanelRecorder
from tests.fakes.sign_central import SignCentral

MODULES = 5


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[PanelRecorder]:
    """The far end of a wire to five modules, outside of the sign."""
    recorder = PanelRecorder(tmp_path / "panel.sock", MODULES)
    yield recorder
    recorder.close()


@pytest.fixture
def central() -> Iterator[SignCentral]:
    """Central as a sign sees it."""
    central = SignCentral()
    yield central
    central.close()
