"""The archive of plain files: one form, opened by tar, and nothing else is taken for one."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest
from cadangan.errors import BadInput
from cadangan.evidence.plain_archive import pack, unpack

FILES = {"B-1/a": b"", "B-1/b.json": b"{}\n", "B-1/c/d": b"x" * 512, "B-1/c/e": bytes(range(256)) * 5}


def test_files_come_back_and_make_the_same_bytes() -> None:
    data = pack(FILES)
    assert unpack(data) == FILES
    assert pack(dict(reversed(FILES.items()))) == data
    assert unpack(pack({})) == {}


def test_tar_opens_it(tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(pack(FILES))
    done = subprocess.run(["tar", "-xf", "x.tar"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert {name: (tmp_path / name).read_bytes() for name in FILES} == FILES


@pytest.mark.parametrize("name", ["", "/a", "../a", "a/../b", "a//b", "a/", ".a", "a/.b", "a b", "é", "a\n", "a" * 101])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="no name for a file"):
        pack({name: b""})


def test_what_other_programs_may_write_is_refused() -> None:
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE):
            member = tarfile.TarInfo("a")
            member.type = kind
            member.linkname = "b" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            buffer = io.BytesIO()
            with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
                archive.addfile(member)
            with pytest.raises(BadInput):
                unpack(buffer.getvalue())


def test_names_twice_or_out_of_order_are_refused() -> None:
    one, two = (pack({name: b"x"})[:-1024] for name in ("a", "b"))
    end = bytes(1024)
    assert list(unpack(one + two + end)) == ["a", "b"]
    for pieces in (one + one, two + one):
        with pytest.raises(BadInput, match="in the order of their names, each once"):
            unpack(pieces + end)


def test_every_byte_counts() -> None:
    data = pack({"a": b"abc", "b": b""})
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        try:
            assert unpack(changed) != unpack(data), at
        except BadInput:
            continue
    for cut in range(len(data)):
        with pytest.raises(BadInput):
            unpack(data[:cut])


def test_a_size_that_is_not_there_is_refused() -> None:
    huge = tarfile.TarInfo("a")
    huge.size = 1 << 32
    with pytest.raises(BadInput, match="cut off in a"):
        unpack(huge.tobuf(tarfile.USTAR_FORMAT) + bytes(1024))
