"""Print a line for everything in a folder: metadata, attributes, link target, SHA-256. It knows nothing of Cadangan."""

import hashlib
import os
import sys
from pathlib import Path

os.chdir(sys.argv[1])
first = {}
for path in sorted([Path(), *Path().rglob("*")]):
    status = path.lstat()
    is_file = path.is_file() and not path.is_symlink()
    names = sorted(os.listxattr(path, follow_symlinks=False))
    print(
        os.fsencode(path),
        oct(status.st_mode),
        (status.st_uid, status.st_gid),
        status.st_mtime_ns,
        (status.st_size, hashlib.sha256(path.read_bytes()).hexdigest()) if is_file else "",
        os.fsencode(path.readlink()) if path.is_symlink() else "",
        os.fsencode(first.setdefault(status.st_ino, path)),
        [(name, os.getxattr(path, name, follow_symlinks=False)) for name in names],
    )
