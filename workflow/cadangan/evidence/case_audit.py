"""The audit of one exported case, from nothing but its file: what holds, who signed what, what can not be known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused

from cadangan.errors import BadInput, CadanganError
from cadangan.evidence.audit_files import Fault, belonging_faults, chain_faults, read_entries, sum_faults
from cadangan.evidence.audit_journal import journal_faults
from cadangan.evidence.audit_standing import Signature
from cadangan.evidence.audit_walk import AuditWalk
from cadangan.evidence.chain import Head, Row, read_head
from cadangan.evidence.entry_shapes import is_known
from cadangan.evidence.exported_case import Entry, ExportedCase


@dataclass(frozen=True)
class Unknown:
    """What can not be known from the file: a key of the words for it, and what is put into them."""

    key: str
    values: dict[str, str]


@dataclass(frozen=True)
class Audit:
    """What came out; everything holds if there are no `faults`.

    `signatures` are those that hold, in the order of the journal; `persons` who they are, by id; `checked` counts by
    what was checked; `status` is where the case stands, empty if it could not be followed to its end.
    """

    case: str
    office: str
    status: str
    head: Head
    sha256: str
    faults: list[Fault]
    signatures: list[Signature]
    persons: dict[str, dict[str, str]]
    checked: dict[str, int]
    unknown: list[Unknown]


def audit(data: bytes, pin: str | None = None, head: str | None = None, journal: Iterable[Row] | None = None) -> Audit:
    """Audit the bytes of an exported case; `BadInput` if they are none, or `head` is no head.

    `pin` is the digest of the first trust version as a report prints it, `head` a head of the journal from one,
    `journal` the whole journal, which closes the gaps between the entries of the case.
    """
    export = ExportedCase.read(data)
    faults = [*sum_faults(export), *chain_faults(export), *_head_faults(export, head)]
    if journal is not None:
        faults += journal_faults(export, journal)
    entries = read_entries(export, faults)
    faults += belonging_faults(export, entries)
    persons = _persons(export, faults)
    walk = AuditWalk(export, pin)
    followed = _follow(walk, entries, faults)
    if walk.case is None and followed:
        faults.append(Fault(export.case, "there is no request"))
    return Audit(
        case=export.case,
        office=export.office,
        status=walk.case.status if walk.case and followed else "",
        head=export.head,
        sha256=export.sha256,
        faults=faults,
        signatures=walk.standing.signatures,
        persons=persons,
        checked=_counts(export, walk),
        unknown=list(_unknown(export, entries, walk, pin, head, journal is not None)),
    )


def _head_faults(export: ExportedCase, head: str | None) -> list[Fault]:
    if head is None:
        return []
    try:
        seq, beginning = read_head(head)
    except ValueError as error:
        raise BadInput(str(error), where="--head", advice="Copy it from a report, an order or a manifest.") from error
    if any(each.startswith(beginning) and seq in (None, at) for each, at in export.positions.items()):
        return []
    return [Fault("--head", f"the journal that was exported has no entry {head}: it was rewritten, or is older")]


def _persons(export: ExportedCase, faults: list[Fault]) -> dict[str, dict[str, str]]:
    try:
        return export.persons()
    except Refused as refusal:
        faults.append(Fault("officials.json", refusal.reason))
        return {}


def _follow(walk: AuditWalk, entries: list[tuple[int, Entry]], faults: list[Fault]) -> bool:
    """Judge the entries up to the first that does not hold: what comes after it can not be judged."""
    for seq, entry in entries:
        try:
            walk.take(seq, entry)
        except (Refused, EngineError, CadanganError) as error:
            faults.append(Fault(f"entry {seq}", f"{_said(error)} (what comes after it in the case was not judged)"))
            return False
    return True


def _said(error: Exception) -> str:
    if isinstance(error, Refused):
        return f"{error.reason} Rule: {error.rule}" if error.rule else error.reason
    return str(getattr(error, "message", error))


def _counts(export: ExportedCase, walk: AuditWalk) -> dict[str, int]:
    return {
        "files": len(export.files),
        "entries": len(export.entries),
        "hashes": len(export.hashes),
        "trust": walk.standing.versions,
        **{key: walk.checked[key] for key in ("decisions", "orders", "runs", "done", "manifests", "signed_head")},
        "documents": sum(1 for name in export.files if name.startswith("documents/")),
    }


def _unknown(
    export: ExportedCase,
    entries: list[tuple[int, Entry]],
    walk: AuditWalk,
    pin: str | None,
    head: str | None,
    whole: bool,
) -> Iterator[Unknown]:
    if pin is None:
        yield Unknown("pin", {"digest": ", ".join(walk.standing.roots) or "–"})
    if head is None:
        yield Unknown("head", {"head": str(export.head)})
    yield Unknown("later", {"seq": str(export.head.seq)})
    gaps = len(export.hashes) - len(export.entries)
    if gaps and not whole:
        yield Unknown("gaps", {"count": str(gaps), "case": export.case})
    for name in export.missing:
        yield Unknown("missing", {"name": name})
    for kind in sorted({entry["type"] for _, entry in entries if not is_known(entry["type"])}):
        yield Unknown("type", {"type": ascii(kind)})
    for key in ("unsigned", "names", "data", "root", "keys"):
        yield Unknown(key, {})
