"""Whether the files of an exported case are those that belong to it, unchanged, by digests and hashes alone."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused

from cadangan.evidence.chain import GENESIS, entry_hash
from cadangan.evidence.entry_shapes import read_entry, read_request
from cadangan.evidence.exported_case import (
    ABOUT,
    HASHES,
    LETTER,
    LETTER_KEY,
    OFFICIALS,
    SUMS,
    Entry,
    ExportedCase,
    attachment_file,
    document_file,
    entry_file,
    manifest_files,
    repeated,
    sums,
)

_HASH = re.compile(r"[0-9a-f]{64}")
_SEAL_KEY = re.compile(r"([0-9a-f]{64})\n")
_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")


@dataclass(frozen=True)
class Fault:
    """Something that does not hold: in which file or entry, and what."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def sum_faults(export: ExportedCase) -> Iterator[Fault]:
    """Files that are not what `SHA256SUMS` says."""
    wanted = sums(export.files).decode("ascii")
    stated = export.files.get(SUMS, b"").decode("ascii", "replace")
    if stated == wanted:
        return
    known = {match[2]: match[1] for line in stated.splitlines() if (match := _LINE.fullmatch(line))}
    there = {match[2]: match[1] for line in wanted.splitlines() if (match := _LINE.fullmatch(line))}
    differing = sorted(name for name in known.keys() | there.keys() if known.get(name) != there.get(name))
    for name in differing:
        what = "is missing" if name not in there else "is not in it" if name not in known else "has another SHA-256"
        yield Fault(name, f"{what}, by {SUMS}")
    if not differing:
        yield Fault(SUMS, "it is not written as sha256sum writes it")


def chain_faults(export: ExportedCase) -> Iterator[Fault]:
    """Entries whose hash does not come out again, and hashes that do not lead to the head."""
    hashes = export.hashes
    text = "".join(f"{each}\n" for each in hashes).encode("ascii", "replace")
    if text != export.files.get(HASHES) or not all(_HASH.fullmatch(each) for each in hashes):
        yield Fault(HASHES, "it is not one hash in each line")
    elif len(export.positions) != len(hashes):
        yield Fault(HASHES, "a hash stands there twice")
    if not hashes or (len(hashes), hashes[-1]) != export.head:
        yield Fault(HASHES, f"it does not end with the head {export.head}")
    if export.entries != sorted(set(export.entries)) or export.entries[:1] != [1]:
        yield Fault(ABOUT, "the numbers of its entries are not in their order, each once, from 1")
    for seq in export.entries:
        if seq > len(hashes) or entry_file(seq) not in export.files:
            yield Fault(f"entry {seq}", "it is missing")
            continue
        before = hashes[seq - 2] if seq > 1 else GENESIS
        entry = export.files[entry_file(seq)].decode("utf-8", "surrogateescape")
        if entry_hash(seq, before, entry) != hashes[seq - 1]:
            yield Fault(f"entry {seq}", "edited, moved or from another journal: the hash does not fit")


def read_entries(export: ExportedCase, faults: list[Fault]) -> list[tuple[int, Entry]]:
    """The entries that have the shape of their type; the others are told in `faults`."""
    entries = []
    for seq in export.entries:
        try:
            entries.append((seq, read_entry(export.files.get(entry_file(seq), b""), f"entry {seq}")))
        except Refused as refusal:
            faults.append(Fault(f"entry {seq}", refusal.reason))
    return entries


def belonging_faults(export: ExportedCase, entries: list[tuple[int, Entry]]) -> Iterator[Fault]:
    """Files that belong to no entry, that should be there and are not, or that are others than the entries say."""
    wanted: set[str] = {ABOUT, SUMS, HASHES, OFFICIALS} | {entry_file(seq) for seq in export.entries}
    for seq, entry in entries:
        copies = repeated(seq, entry)
        stated = dict(_stated_files(seq, entry, export))
        wanted |= copies.keys() | stated.keys()
        for name, content in copies.items():
            if name in export.files and export.files[name] != content:
                yield Fault(name, f"it is not the text in entry {seq}")
        for name, sha256 in stated.items():
            content = export.files.get(name, b"")
            if sha256 and name in export.files and hashlib.sha256(content).hexdigest() != sha256:
                yield Fault(name, f"it has another SHA-256 than entry {seq} says")
        if entry["type"] == "request":
            yield from _seal_faults(export, read_request(entry["request"])["sealed"])
    yield from _presence_faults(export, wanted)


def _presence_faults(export: ExportedCase, wanted: set[str]) -> Iterator[Fault]:
    missing = set(export.missing)
    for name in sorted(wanted - export.files.keys() - missing):
        yield Fault(name, "it is missing")
    for name in sorted(export.files.keys() - wanted):
        yield Fault(name, "it belongs to no entry")
    for name in sorted(missing - wanted | (missing & export.files.keys())):
        yield Fault(ABOUT, f"it calls {name} missing, which it is not")


def _stated_files(seq: int, entry: Entry, export: ExportedCase) -> Iterator[tuple[str, str]]:
    """Files whose SHA-256 an entry states, with it; empty where it is checked elsewhere."""
    if entry["type"] == "document" and entry["case"] == export.case:
        yield document_file(seq, entry["name"]), entry["sha256"]
    if entry["type"] == "outcome" and entry["result"] == "done":
        for name in manifest_files(seq):
            yield name, ""
    if entry["type"] == "request":
        yield LETTER, ""
        yield LETTER_KEY, ""
        for number, attachment in enumerate(read_request(entry["request"])["attachments"], start=1):
            yield attachment_file(number), attachment["sha256"]


def _seal_faults(export: ExportedCase, sealed: str) -> Iterator[Fault]:
    """The letter is the one that the request was made from, if it is there."""
    if LETTER not in export.files:
        return
    key = _SEAL_KEY.fullmatch(export.files.get(LETTER_KEY, b"").decode("ascii", "replace"))
    if key is None:
        yield Fault(LETTER_KEY, "it is not the key of a seal")
    elif hmac.new(bytes.fromhex(key[1]), export.files[LETTER], hashlib.sha256).hexdigest() != sealed:
        yield Fault(LETTER, "it is not the letter that the request was made from: the seal does not fit")
