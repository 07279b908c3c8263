"""Make the uploads of an application in the folder that is named, of all kinds that there are."""

import os
import struct
import sys
from pathlib import Path

TOP = Path(sys.argv[1])
WWW_DATA = 33
NAMES = [b"-rf", b"baris\nbaru", b"\xff\xfe bukan utf-8", b"%FF", "Größe".encode(), b"'; $(touch jebol)", b"c\\141"]


def access_list(user):
    nobody = 0xFFFFFFFF
    entries = [(1, 6, nobody), (2, 7, user), (4, 4, nobody), (16, 7, nobody), (32, 0, nobody)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


TOP.mkdir(parents=True)
for number in range(2000):
    month = TOP / f"2026-{number % 12 + 1:02}"
    month.mkdir(exist_ok=True)
    (month / f"surat {number}.pdf").write_bytes(b"Surat nomor %d. " % number * (number % 90))
for name in map(os.fsdecode, NAMES):
    (TOP / name).mkdir()
    (TOP / name / name).write_text("isi")
    (TOP / f"tautan {name}").symlink_to(name)
for folder in ("cache", "log"):
    (TOP / folder).mkdir()
    (TOP / folder / "sementara.log").write_text("tidak perlu")
    (TOP / folder / "x").write_text("x")
(TOP / "sama.pdf").hardlink_to(TOP / "2026-02" / "surat 1.pdf")
(TOP / "keluar").symlink_to("/etc/passwd")
with (TOP / "berlubang").open("wb") as file:
    file.truncate(100 << 20)
    file.write(b"awal")
os.setxattr(TOP / "sama.pdf", "user.label", b"penting")
os.setxattr(TOP / "2026-01", "system.posix_acl_default", access_list(4321))
(TOP / "2026-01" / "diwarisi").touch()
for path in (TOP, *TOP.rglob("*")):
    os.chown(path, WWW_DATA, WWW_DATA, follow_symlinks=False)
    os.utime(path, ns=(0, 981173106123456789), follow_symlinks=False)
os.chown(TOP / "log", 0, 4)
(TOP / "log").chmod(0o2750)
TOP.parent.chmod(0o755)
