"""Random changes to an exported case: to its bytes, and, with all sums made right again, to the files in it."""

from __future__ import annotations

import io
import random
import re
import tarfile
from collections.abc import Callable, Iterator

from cadangan.evidence.exported_case import HASHES, OFFICIALS, SUMS, sums
from cadangan.evidence.plain_archive import pack, unpack
from support.mutations import mutations

Files = dict[str, bytes]
Change = tuple[str, bytes]


def changes(original: bytes, other: bytes, count: int, seed: int) -> Iterator[Change]:
    """`count` changed archives, each with what was done; `other` is an export of another case of the same office.

    The same for the same seed. What no file of its own can show is left alone: names that nobody signed, and hashes
    of entries that are not in it.
    """
    rng = random.Random(seed)
    files, others = inside(original), inside(other)
    made = 0
    while made < count:
        kind = rng.choice(KINDS)
        said, data = kind(rng, original, dict(files), others)
        if data != original:
            made += 1
            yield f"{kind.__name__.strip('_')} {said}", data


def inside(archive: bytes) -> Files:
    """The files of an exported case, without the folder that they lie in."""
    return {name.partition("/")[2]: content for name, content in unpack(archive).items()}


def packed(files: Files, *, right_sums: bool = True) -> bytes:
    """An exported case made of these files, in the folder of the case that it says to be of."""
    if right_sums:
        files = files | {SUMS: sums(files)}
    named = re.search(rb'"case":"([A-Z0-9-]+)"', files["case.json"])
    folder = named[1].decode() if named else "B-2026-0001"
    return pack({f"{folder}/{name}": content for name, content in files.items()})


def _pick(rng: random.Random, files: Files, *endings: str) -> str:
    # Sums are made anew; the rest is what no file of its own can show.
    own = [name for name in files if name not in (SUMS, HASHES, OFFICIALS)]
    return rng.choice([name for name in own if name.endswith(endings or ("",))] or own)


def _bytes_changed(rng: random.Random, original: bytes, files: Files, others: Files) -> Change:
    at, length = rng.randrange(len(original)), rng.randint(1, 600)
    flipped = original[:at] + bytes([original[at] ^ 1 << rng.randrange(8)]) + original[at + 1 :]
    return f"at {at}", rng.choice(
        [
            flipped,
            flipped,
            original[:at],
            original[:at] + original[at + length :],
            original[:at] + rng.randbytes(length) + original[at:],
            original[:at] + bytes(length) + original[at + length :],
            original + rng.choice([b"\0", bytes(512), bytes(10240), original]),
        ]
    )


def _bytes_of_a_file_changed(rng: random.Random, original: bytes, files: Files, others: Files) -> Change:
    name = _pick(rng, files)
    at = rng.randrange(len(files[name]))
    content = bytearray(files[name])
    content[at] ^= 1 << rng.randrange(8)
    files[name] = bytes(content)
    return f"{name} at {at}", packed(files, right_sums=rng.random() < 0.8)


def _document_changed(rng: random.Random, original: bytes, files: Files, others: Files) -> Change:
    name = _pick(rng, files, ".json")
    (files[name],) = mutations(files[name], 1, rng.randrange(1 << 30))
    return name, packed(files)


def _removed(rng: random.Random, original: bytes, files: Files, others: Files) -> Change:
    names = rng.sample(sorted(files), rng.choice([1, 1, 2]))
    for name in names:
        if name != "case.json" or len(names) == 1:
            del files[name]
    if "case.json" not in files:
        return "case.json", pack({f"x/{name}": content for name, content in files.items()})
    return " ".join(names), packed(files, right_sums=rng.random() < 0.8)


def _exchanged(rng: random.Random, original: bytes, files: Files, others: Files) -> Change:
    ending = rng.choice([".sig", ".json", ".pdf"])
    one, two = (_pick(rng, files, ending) for _ in range(2))
    files[one], files[two] = files[two], files[one]
    return f"{one} and {two}", packed(files)


def _replayed(rng: random.Random, original: bytes, files: Files, others: Files) -> Change:
    name = _pick(rng, others)
    target = rng.choice([name, _pick(rng, files)])
    if files.get(target) != others[name]:
        files[target] = others[name]
    return f"{name} as {target}", packed(files)


def _replayed_with_texts(rng: random.Random, original: bytes, files: Files, others: Files) -> Change:
    """An entry of the other case, under its own number or another one, with all that repeats it."""
    number = rng.choice([name[8:14] for name in others if name.startswith("journal/0")])
    place = rng.choice([number, rng.choice([name[8:14] for name in files if name.startswith("journal/0")])])
    files = {name: content for name, content in files.items() if place not in name}
    files |= {name.replace(number, place): content for name, content in others.items() if number in name}
    return f"{number} as {place}", packed(files)


def _added(rng: random.Random, original: bytes, files: Files, others: Files) -> Change:
    name = rng.choice(["more", "journal/000099.json", "signed/000005.txt", "manifests/000099.sig", "documents/1.pdf"])
    files[name] = rng.choice([b"", b"{}\n", rng.randbytes(40)])
    return name, packed(files)


def _added_by_tar(rng: random.Random, original: bytes, files: Files, others: Files) -> Change:
    """What `tar` can do and an export has not: links, devices, folders, paths that lead elsewhere, names twice."""
    name = rng.choice(["B/x", "../x", "/tmp/x", "B-2026-0001/../../x", "B-2026-0001/case.json", "B-2026-0001/signed"])
    member = tarfile.TarInfo(name)
    member.type = rng.choice([tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.REGTYPE])
    member.linkname = "/etc/passwd" if member.type in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
    buffer = io.BytesIO()
    form = rng.choice([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        archive.addfile(member)
    entry = buffer.getvalue()[:512]
    first = rng.random() < 0.5
    return f"{name} {member.type!r}", entry + original if first else original[:-1024] + entry + original[-1024:]


def _renamed(rng: random.Random, original: bytes, files: Files, others: Files) -> Change:
    name = _pick(rng, files)
    while name == "case.json":
        name = _pick(rng, files)
    new = rng.choice([name + "x", name.upper(), f"more/{name}", name.replace("0000", "0001")])
    files[new if new != name else name + "x"] = files.pop(name)
    return name, packed(files, right_sums=rng.random() < 0.8)


KINDS: list[Callable[[random.Random, bytes, Files, Files], Change]] = [
    _bytes_changed,
    _bytes_of_a_file_changed,
    _document_changed,
    _document_changed,
    _removed,
    _exchanged,
    _replayed,
    _replayed_with_texts,
    _added,
    _added_by_tar,
    _renamed,
]
