"""A folder with all that files can be, and a comparison of two folders by other means than our proof."""

from __future__ import annotations

import os
import struct
import subprocess
from pathlib import Path

NAMES = [
    b"-rf",
    b"--checkpoint-action=exec=touch owned",
    b"baris\nbaru",
    b" spasi ",
    b"\xff\xfe bukan utf-8",
    b"%FF%FE bukan utf-8",
    b"c\\141\\n",
    b"*?[a]{b}",
    "Größe 表".encode(),
    b"$(touch owned) `touch owned` '\";",
    b"{{ lookup('pipe', 'touch owned') }}",
    b"n" * 255,
]
SECONDS = 981173106  # 2001; with a fraction, to see that nanoseconds come back
_ACCESS, _DEFAULT = "system.posix_acl_access", "system.posix_acl_default"


def access_list(user: int, rights: int = 7) -> bytes:
    """An access list in the kernel's form: that of a file with mode 0640, and one more user."""
    nobody = 0xFFFFFFFF
    entries = [(1, 6, nobody), (2, rights, user), (4, 4, nobody), (16, 7, nobody), (32, 0, nobody)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def make_awkward(folder: Path) -> str:
    """Make the folder as whoever runs this can; root adds owners and more."""
    folder.mkdir()
    for name in map(os.fsdecode, NAMES):
        (folder / name).write_bytes(os.fsencode(name))
        below = folder / "dalam" / name
        below.mkdir(parents=True)
        (below / name).write_text("isi")
        (folder / f"tautan {name[:200]}").symlink_to(name)
    (folder / "kosong").mkdir()
    (folder / "kosong.txt").touch()
    (folder / "foto.jpg").write_bytes(os.urandom(300_000))
    (folder / "dalam" / "foto yang sama.jpg").hardlink_to(folder / "foto.jpg")
    (folder / "keluar").symlink_to("/etc/passwd")
    (folder / "ke atas").symlink_to("../../..")
    (folder / "putus").symlink_to("tidak ada")
    os.mkfifo(folder / "pipa")
    with (folder / "berlubang").open("wb") as file:
        file.truncate(20 << 20)
        file.seek(10 << 20)
        file.write(b"di tengah")
    (folder / "foto.jpg").chmod(0o4711)
    (folder / "kosong").chmod(0o3777)
    os.setxattr(folder / "foto.jpg", "user.label", b"penting\0\xff")
    os.setxattr(folder / "kosong.txt", _ACCESS, access_list(54321))
    inheriting = folder / "mewariskan"
    inheriting.mkdir()
    os.setxattr(inheriting, _DEFAULT, access_list(54322))
    (inheriting / "diwarisi").touch()
    (inheriting / "folder").mkdir()
    (inheriting / "tidak").touch()
    os.removexattr(inheriting / "tidak", _ACCESS)
    os.setxattr(folder, "user.top", b"1")
    folder.chmod(0o2750)
    if os.geteuid() == 0:
        _add_what_only_root_can(folder)
    read_only = folder / "hanya baca"
    read_only.mkdir()
    (read_only / "isi").write_text("isi")
    read_only.chmod(0o555)
    for number, path in enumerate(sorted(folder.rglob("*"), reverse=True)):
        os.utime(path, ns=(0, SECONDS * 10**9 + 123456789 + number), follow_symlinks=False)
    os.utime(folder, ns=(0, SECONDS * 10**9 + 5))
    return str(folder)


def differences(one: str | Path, other: str | Path) -> list[str]:
    """How two folders differ, told by diff, find, getfacl and getfattr."""
    found = _output(["diff", "--recursive", "--brief", "--no-dereference", one, other], statuses=(0, 1)).splitlines()
    # diff has nothing to say about pipes but that they are pipes.
    found = [line for line in found if b" is a fifo while " not in line]
    before, after = _metadata(one), _metadata(other)
    return [line.decode("utf-8", "replace") for line in found] + [
        f"{before.get(path)!r} -> {after.get(path)!r}"
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    ]


def _metadata(folder: str | Path) -> dict[bytes, list[bytes]]:
    printed = _output(["find", ".", "-printf", r"%p\0%y %m %U:%G %T@ %n %l\0%s\0"], folder).split(b"\0")
    lines: dict[bytes, list[bytes]] = {}
    for path, about, size in zip(*[iter(printed)] * 3, strict=False):
        # The size of a folder is the file system's own affair.
        lines[path] = [about] if about.startswith(b"d") else [about, size]
    lists = {b"acl": ["getfacl", "-R", "-n", "-p", "."], b"xattr": ["getfattr", "-R", "-h", "-d", "-m", "-", "."]}
    for kind, argv in lists.items():
        for block in _output(argv, folder).split(b"\n\n"):
            lines[kind + block.partition(b"\n")[0]] = [block]
    return lines


def _output(argv: list[str | Path], folder: str | Path | None = None, statuses: tuple[int, ...] = (0,)) -> bytes:
    done = subprocess.run(argv, cwd=folder, capture_output=True, check=False)
    assert done.returncode in statuses, done.stderr
    return done.stdout


def _add_what_only_root_can(folder: Path) -> None:
    os.chown(folder, 33, 33)
    os.chown(folder / "dalam", 33, 1234)
    os.chown(folder / "keluar", 4242, 33, follow_symlinks=False)
    os.setxattr(folder / "foto.jpg", "trusted.rahasia", b"x")
    os.setxattr(folder / "putus", "trusted.link", b"x", follow_symlinks=False)
    program = folder / "program"
    program.write_bytes(b"\x7fELF")
    os.chown(program, 0, 33)
    program.chmod(0o750)
    os.setxattr(program, "security.capability", bytes.fromhex("0100000200200000000000000000000000000000"))
