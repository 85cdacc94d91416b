from pathlib import Path

import pytest

from tests.central.fleet.bundles import Signer


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    """Whoever makes the releases."""
    return Signer(tmp_path_factory.mktemp("signer"))


@pytest.fixture
def data(tmp_path: Path, signer: Signer) -> Path:
    """A data folder that trusts them."""
    folder = tmp_path / "central"
    folder.mkdir()
    (folder / "allowed_signers").write_text(signer.trust, "ascii")
    (folder / "releases").mkdir()
    return folder
