"""A hall box names its office on the command line; what cannot be one is refused in a sentence."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from portvakt.cli import main


def serve(tmp_path: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(
        main, ["central", "serve", "--data", str(tmp_path / "data"), "--port", "0", *options]
    )
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--office-url", "http://office.example.com"], "must begin with https://"),
        (["--office-url", "https://office.example.com"], "--office-token-file FILE"),
    ],
)
def test_what_cannot_be_an_office_is_refused_before_anything_is_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    code, output = serve(tmp_path, *options)
    assert code == 2
    assert said in output + capsys.readouterr().err
    assert not (tmp_path / "data").exists()
