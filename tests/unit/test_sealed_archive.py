"""Archives that only holders open: what goes in comes out, and nothing else does harm."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import IO

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.set_key import SetKey
from cadangan.errors import BadInput, WorkFailed
from cadangan.evidence.sealed_archive import seal, unseal


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    path = tmp_path / "holder.age"
    path.write_text(SetKey.new().identity + "\n")
    return path


def recipient(identity: Path) -> str:
    return SetKey.of(identity.read_text()).recipient


def sealed(identity: Path, *files: tuple[str, Path]) -> IO[bytes]:
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the test's end closes it
    seal(files, [recipient(identity)], target)
    target.seek(0)
    return target


def sealed_tar(identity: Path, *members: tarfile.TarInfo) -> IO[bytes]:
    """An archive as somebody else may make one: recipients are public."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(bytes(member.size)))
    packed = subprocess.run(["zstd", "-q", "-c"], input=plain.getvalue(), capture_output=True, check=True).stdout
    argv = ["age", "--recipient", recipient(identity)]
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the test's end closes it
    target.write(subprocess.run(argv, input=packed, capture_output=True, check=True).stdout)
    target.seek(0)
    return target


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.size = kind, link, size
    return made


def test_what_goes_in_comes_out_and_nothing_is_executable(identity: Path, tmp_path: Path) -> None:
    big = tmp_path / "big"
    big.write_bytes(os.urandom(5_000_000))
    program = tmp_path / "inventory.py"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    opened = tmp_path / "opened"
    opened.mkdir()
    assert unseal(sealed(identity, ("big", big), ("inventory/x.py", program)), identity, opened) == [
        "big",
        "inventory/x.py",
    ]
    assert (opened / "big").read_bytes() == big.read_bytes()
    assert (opened / "inventory/x.py").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    "hostile",
    [
        member("../out"),
        member("/tmp/cadangan-out"),
        member("link", tarfile.SYMTYPE, "/etc/passwd"),
        member("hard", tarfile.LNKTYPE, "../out"),
        member("fifo", tarfile.FIFOTYPE),
        member("device", tarfile.CHRTYPE),
        member("folder", tarfile.DIRTYPE),
    ],
    ids=lambda each: each.name,
)
def test_a_hostile_archive_writes_nothing_outside(identity: Path, tmp_path: Path, hostile: tarfile.TarInfo) -> None:
    opened = tmp_path / "opened"
    opened.mkdir()
    before = sorted(path for path in tmp_path.rglob("*"))
    try:
        unseal(sealed_tar(identity, hostile), identity, opened)
    except (BadInput, WorkFailed):
        assert sorted(path for path in tmp_path.rglob("*")) == before
    else:
        # An absolute name is taken as one inside.
        assert hostile.name.startswith("/") and not Path(hostile.name).exists()


@pytest.mark.parametrize("length", [0, 100, 300_000])
def test_a_cut_off_archive_is_told(identity: Path, tmp_path: Path, length: int) -> None:
    big = tmp_path / "big"
    big.write_bytes(os.urandom(500_000))
    archive = sealed(identity, ("big", big))
    archive.truncate(length)
    opened = tmp_path / "opened"
    opened.mkdir()
    with pytest.raises(WorkFailed, match="can not be made or read: age"):
        unseal(archive, identity, opened)


def test_somebody_else_does_not_open_it(identity: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.age"
    other.write_text(SetKey.new().identity + "\n")
    with pytest.raises(WorkFailed, match="no identity matched"):
        unseal(sealed(identity, ("holder.age", identity)), other, tmp_path)


def test_a_full_disk_is_told(identity: Path, tmp_path: Path) -> None:
    big = tmp_path / "big"
    big.write_bytes(os.urandom(5_000_000))
    with Path("/dev/full").open("wb") as full, pytest.raises(WorkFailed, match="no space left"):
        seal([("big", big)], [recipient(identity)], full)
