"""Putting one case into one file for an auditor: evidence and public keys; no data, no secret, no private key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cadangan.errors import BadInput, Missing
from cadangan.evidence.cases import load_case
from cadangan.evidence.catalogue import Catalogue
from cadangan.evidence.chain import Row
from cadangan.evidence.exported_case import (
    ABOUT_OFFICE,
    LETTER,
    LETTER_KEY,
    OFFICIALS,
    attachment_file,
    document_file,
    manifest_files,
    officials_text,
    write_case,
)
from cadangan.evidence.journal import Journal
from cadangan.procedure.case import Case

_ABOUT_SERVERS = ("onboarded", "imported")


def export_case(
    journal: Journal, case_id: str, folder: Path, catalogue: Catalogue, people: Mapping[str, Mapping[str, str]]
) -> bytes:
    """The file of a case, the same for the same state of the journal; `Missing` if there is no such case.

    `folder` is where the office keeps the letter and the documents of the case, `people` says `name`, `position` and
    `nip` of a person. What the office has no more is named in the file.
    """
    case = load_case(journal, case_id)
    rows, hashes = _rows(journal, case)
    files: dict[str, bytes] = {}
    missing: list[str] = []
    for names, contents in _belongings(case, rows, folder, catalogue):
        for name, content in zip(names, contents, strict=True):
            if content is None:
                missing.append(name)
            else:
                files[name] = content
    files[OFFICIALS] = officials_text(
        [
            {"id": person, **{key: people[person][key] for key in ("name", "position", "nip")}}
            for person in sorted(_persons(case, rows) & people.keys())
        ]
    )
    return write_case(case.office, case.id, journal.id, hashes, rows, missing, files)


def _rows(journal: Journal, case: Case) -> tuple[list[Row], list[str]]:
    """The entries that the case rests on, and the hashes of all: as far as the journal goes at this moment."""
    head = journal.head()
    hashes = []
    for row in journal.entries():
        hashes.append(row.hash)
        if row.seq == head.seq:
            break
    sets = {item["set"] for item in case.items if "set" in item}
    assets = {item["asset"] for item in case.items} | {set_id.split("/")[1] for set_id in sets}
    about = [row for row in journal.of_types(_ABOUT_SERVERS) if _concerns(row.content, assets, sets)]
    found = [*journal.of_types(ABOUT_OFFICE), *about, *journal.of_case(case.id)]
    by_number = {row.seq: row for row in found if row.seq <= head.seq}
    return [by_number[seq] for seq in sorted(by_number)], hashes


def _concerns(entry: dict[str, Any], assets: set[str], sets: set[str]) -> bool:
    return entry["asset"] in assets if entry["type"] == "onboarded" else entry["set"] in sets


def _belongings(
    case: Case, rows: list[Row], folder: Path, catalogue: Catalogue
) -> Iterator[tuple[Iterable[str], Iterable[bytes | None]]]:
    """Names and contents of what entries of the case speak of; None for what is not there any more."""
    letter = (_read(folder / "letter.yml"), _read(folder / "letter.key"))
    yield (LETTER, LETTER_KEY), letter if None not in letter else (None, None)
    for number, attachment in enumerate(case.request["attachments"], start=1):
        yield (attachment_file(number),), (_read(folder / attachment["name"], attachment["sha256"]),)
    for row in rows:
        entry = row.content
        if entry["type"] == "document":
            # A later document of the same name has taken its place.
            yield (document_file(row.seq, entry["name"]),), (_read(folder / entry["name"], entry["sha256"]),)
        if entry["type"] == "outcome" and entry["result"] == "done":
            yield manifest_files(row.seq), _manifest(catalogue, entry["facts"])


def _manifest(catalogue: Catalogue, facts: dict[str, Any]) -> tuple[bytes | None, bytes | None]:
    try:
        kept = catalogue.get(facts["set"])
    except (BadInput, Missing):
        return None, None
    return (kept.manifest_text, kept.signature.encode("utf-8")) if kept.digest == facts["manifest"] else (None, None)


def _read(path: Path, sha256: str | None = None) -> bytes | None:
    """The file's content; None if it is not there, or has another SHA-256."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return content if sha256 in (None, hashlib.sha256(content).hexdigest()) else None


def _persons(case: Case, rows: list[Row]) -> set[str]:
    """Who signed or was named in what is exported."""
    trustees = {
        each["person"]
        for row in rows
        if row.content["type"] == "trust"
        for each in json.loads(row.content["bundle"])["signatures"]
    }
    executors = {person for decision in case.decisions for person in decision.content.get("executors", ())}
    signers = {order.content["person"] for order in case.orders}
    withdrawers = {json.loads(row.content["text"])["person"] for row in rows if row.content["type"] == "withdrawal"}
    return trustees | executors | signers | withdrawers | {passed.person for passed in case.passed}
