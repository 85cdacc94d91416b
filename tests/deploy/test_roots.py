"""What a release for another kind of machine needs here: each lack is one sentence."""

import os
from pathlib import Path

import pytest

from deploy import roots
from deploy.errors import InstallError
from deploy.platforms import PLATFORMS, Python
from deploy.roots import root_for

PI = PLATFORMS["cp313-aarch64"]


def programs(folder: Path, monkeypatch: pytest.MonkeyPatch, **texts: str) -> None:
    folder.mkdir()
    for name in ("mmdebstrap", "arch-test", "chroot"):
        path = folder / name.replace("_", "-")
        path.write_text(texts.get(name, "#!/bin/sh\n"))
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(roots, "_runs_foreign", lambda _machine: True)
    monkeypatch.setattr(roots, "_teach_kernel", lambda _machine: None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def refused(kept: Path, python: Python = PI) -> str:
    with pytest.raises(InstallError) as caught:
        root_for(python, kept, lambda _line: None)
    return str(caught.value)


def test_what_is_missing_is_named_with_debians_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(roots, "_runs_foreign", lambda _machine: False)

    text = refused(tmp_path)

    assert text.startswith("cp313-aarch64 is compiled in a root of Debian trixie; run first:")
    assert "apt-get install mmdebstrap arch-test" in text
    assert "qemu-user-static" in text


def test_only_root_makes_roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs(tmp_path / "bin", monkeypatch)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert refused(tmp_path).endswith("which only root can make; run this with sudo")


def test_no_network_for_a_root_is_said_with_the_words_of_apt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "E: Could not resolve 'debian.example'"
    programs(
        tmp_path / "bin",
        monkeypatch,
        mmdebstrap=f"#!/bin/sh\necho \"{words}\" >&2\necho 'E: apt-get update failed' >&2\nexit 1\n",
    )

    text = refused(tmp_path / "kept")

    assert text == "no root of Debian trixie could be made: Could not resolve 'debian.example'"
    assert not (tmp_path / "kept/trixie-arm64.ready").exists()


def test_a_root_is_made_once_and_a_torso_of_it_never_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = '#!/bin/sh\nfor word; do case $word in */trixie-arm64) mkdir "$word";; esac; done\n'
    programs(tmp_path / "bin", monkeypatch, mmdebstrap=made)
    said: list[str] = []
    kept = tmp_path / "kept"
    (kept / "trixie-arm64").mkdir(parents=True)
    (kept / "trixie-arm64/half").touch()

    first = root_for(PI, kept, said.append)
    second = root_for(PI, kept, said.append)

    assert first == second
    assert list(first.path.iterdir()) == []
    assert said == ["Making a root of Debian trixie for aarch64; this takes minutes ..."], (
        "the second time it was there"
    )


def test_a_kernel_that_cannot_be_taught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules, binfmt = tmp_path / "rules", tmp_path / "binfmt"
    rules.mkdir()
    (rules / "qemu-aarch64.conf").write_text(":qemu-aarch64:\n")
    (binfmt / "register").mkdir(parents=True)  # nobody can write into that
    monkeypatch.setattr(roots, "_RULES", rules)
    monkeypatch.setattr(roots, "_BINFMT", binfmt)

    with pytest.raises(InstallError, match="this kernel runs no programs for aarch64"):
        roots._teach_kernel("aarch64")


def test_a_python_of_no_debian_that_we_know(tmp_path: Path) -> None:
    text = refused(tmp_path, Python((3, 12), "aarch64", (2, 39)))

    assert text == (
        "no release can be made here for Python 3.12 on aarch64; "
        "run deploy/install from a checkout on such a machine"
    )
