"""One case in one file: which files it holds, what they are called, and which of them repeat what an entry says."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, shape
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused

from cadangan.errors import BadInput
from cadangan.evidence.chain import Head, Row
from cadangan.evidence.plain_archive import pack, unpack
from cadangan.procedure.work import work_text

Entry = dict[str, Any]

FORMAT = 1
ABOUT = "case.json"
SUMS = "SHA256SUMS"
HASHES = "journal/hashes"
OFFICIALS = "officials.json"
ABOUT_OFFICE = ("opened", "trust", "withdrawal")
"""Types of the entries that every case rests on; all of them are in an export."""

LETTER = "letter/letter.yml"
LETTER_KEY = "letter/letter.key"

_ABOUT = {
    "type": shape.constant("case_export"),
    "format": shape.constant(FORMAT),
    "office": shape.NAME,
    "case": shape.CASE,
    "journal": shape.LINE,
    "head": {"seq": shape.NUMBER, "hash": shape.DIGEST},
    "entries": [shape.NUMBER],
    "missing": [shape.LINE],
}
_OFFICIALS = {
    "type": shape.constant("officials"),
    "persons": [{"id": shape.NAME, "name": shape.TEXT, "position": shape.TEXT, "nip": shape.TEXT}],
}
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


@dataclass(frozen=True)
class ExportedCase:
    """An exported case as it was read; only its form is known to be right.

    `entries` are the numbers of the journal entries that it holds in full, `hashes` those of all entries up to `head`;
    `missing` names what the office itself had no more.
    """

    office: str
    case: str
    journal: str
    head: Head
    entries: list[int]
    missing: list[str]
    files: dict[str, bytes]
    sha256: str

    @classmethod
    def read(cls, data: bytes) -> ExportedCase:
        """The case in the bytes of a file; `BadInput` if that is no exported case."""
        try:
            inside = unpack(data)
            folders = {name.partition("/")[0] for name in inside}
            files = {name.partition("/")[2]: content for name, content in inside.items()}
            about = shape.read(files.get(ABOUT, b""), _ABOUT, ABOUT)
            if folders != {about["case"]}:
                raise BadInput(f"not everything in it lies in the folder {about['case']}")
        except (BadInput, Refused) as error:
            said = error.message if isinstance(error, BadInput) else error.reason
            raise BadInput(
                f"this is not an exported case as it is written: {said}",
                advice="Take the file anew from the office: cadangan case export CASE --out FILE",
            ) from error
        return cls(
            office=about["office"],
            case=about["case"],
            journal=about["journal"],
            head=Head(**about["head"]),
            entries=about["entries"],
            missing=about["missing"],
            files=files,
            sha256=hashlib.sha256(data).hexdigest(),
        )

    @cached_property
    def hashes(self) -> list[str]:
        """The hashes of all entries up to the head, as far as the file of them goes."""
        return self.files.get(HASHES, b"").decode("ascii", "replace").splitlines()

    @cached_property
    def positions(self) -> dict[str, int]:
        """The number of the entry with each hash."""
        return {each: seq for seq, each in enumerate(self.hashes, start=1)}

    def persons(self) -> dict[str, dict[str, str]]:
        """Name, position and NIP by person, as the office's list of officials has them; `Refused` if they are not."""
        listed = shape.read(self.files.get(OFFICIALS, b""), _OFFICIALS, OFFICIALS)["persons"]
        return {person["id"]: person for person in listed}


def write_case(
    office: str,
    case: str,
    journal: str,
    hashes: list[str],
    rows: list[Row],
    missing: list[str],
    files: dict[str, bytes],
) -> bytes:
    """The exported case: `rows` are the entries that it holds in full, `files` what belongs to them."""
    about = {
        "type": "case_export",
        "format": FORMAT,
        "office": office,
        "case": case,
        "journal": journal,
        "head": {"seq": len(hashes), "hash": hashes[-1]},
        "entries": [row.seq for row in rows],
        "missing": sorted(missing),
    }
    inside = {ABOUT: canonical.dumps(about), HASHES: "".join(f"{each}\n" for each in hashes).encode("ascii"), **files}
    for row in rows:
        inside[entry_file(row.seq)] = row.entry.encode("ascii")
        inside |= repeated(row.seq, row.content)
    inside[SUMS] = sums(inside)
    return pack({f"{case}/{name}": content for name, content in inside.items()})


def officials_text(persons: list[dict[str, str]]) -> bytes:
    """The file with the names of the persons of the case."""
    return canonical.dumps({"type": "officials", "persons": persons})


def sums(files: Mapping[str, bytes]) -> bytes:
    """What `sha256sum` says of the files, in the order of their names."""
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files) if name != SUMS]
    return "".join(lines).encode("ascii")


def entry_file(seq: int) -> str:
    """The file with the bytes of an entry."""
    return f"journal/{seq:06d}.json"


def manifest_files(seq: int) -> tuple[str, str]:
    """The manifest of the backup set that the outcome with this number tells of, and its signature."""
    return f"manifests/{seq:06d}.json", f"manifests/{seq:06d}.sig"


def document_file(seq: int, name: str) -> str:
    """The document that the entry with this number says to be called `name`."""
    suffix = name[name.rfind(".") :] if "." in name else ""
    return f"documents/{seq:06d}{suffix if _SUFFIX.fullmatch(suffix) else ''}"


def attachment_file(number: int) -> str:
    """The letter's attachment with this number, from 1."""
    return f"letter/attachment-{number}"


def repeated(seq: int, entry: Entry) -> dict[str, bytes]:
    """The texts in an entry as files of their own, so that they can be checked with standard tools.

    The entry must have the shape of its type, and what stands in it too.
    """
    name = f"{seq:06d}"
    kind = entry["type"]
    if kind == "request":
        request = json.loads(entry["request"])
        work = work_text(request["office"], request["case"], request["agency"], request["items"])
        return {"request.json": _bytes(entry["request"]), "work.json": work}
    if kind == "trust":
        bundle = json.loads(entry["bundle"])
        signed = {f"trust/{name}.{each['person']}.sig": _bytes(each["signature"]) for each in bundle["signatures"]}
        return {f"trust/{name}.json": _bytes(bundle["text"]), **signed}
    if kind in ("decision", "order", "withdrawal"):
        permit = {f"permits/{name}.json": _bytes(entry["permit"])} if kind == "order" else {}
        return {f"signed/{name}.json": _bytes(entry["text"]), f"signed/{name}.sig": _bytes(entry["signature"])} | permit
    return {}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8")
