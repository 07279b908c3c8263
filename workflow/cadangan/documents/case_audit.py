"""What came out of the audit of an exported case, line by line in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator

from cadangan.documents.words import Words
from cadangan.evidence.audit_standing import Signature
from cadangan.evidence.case_audit import Audit
from cadangan.procedure.names import printable

CHECKED = (
    "files",
    "entries",
    "trust",
    "decisions",
    "steps",
    "permits",
    "runs",
    "manifests",
    "documents",
)


def audit_lines(audit: Audit, said: Words) -> Iterator[str]:
    """All of it: the case, who signed what, what was checked, what does not hold, what can not be known."""
    status = said.name("case_status", audit.status) if audit.status else said("audit.not_followed")
    yield said("audit.case", case=audit.case, office=audit.office, status=status)
    yield said("audit.file", sha256=audit.sha256, head=audit.head)
    yield from _section(said("audit.signatures"), (_signature(audit, each, said) for each in audit.signatures))
    if audit.faults:
        yield from _section(said("audit.faults"), (printable(str(fault)) for fault in audit.faults))
    else:
        checked = (said(f"audit.checked_{key}", **audit.checked) for key in CHECKED)
        yield from _section(said("audit.checked"), checked)
    unknown = (
        said(f"audit.unknown_{each.key}", **{key: printable(value) for key, value in each.values.items()})
        for each in audit.unknown
    )
    yield from _section(said("audit.unknown"), unknown)
    yield ""
    yield said("audit.broken", count=len(audit.faults)) if audit.faults else said("audit.holds")


def _section(heading: str, lines: Iterator[str]) -> Iterator[str]:
    yield ""
    yield heading
    for line in lines:
        yield f"  {line}"


def _signature(audit: Audit, signature: Signature, said: Words) -> str:
    return said(
        "audit.signature",
        seq=signature.seq,
        at=signature.at,
        what=said(f"audit.signed_{signature.what}", note=printable(signature.note))
        if signature.what in ("trust", "manifest")
        else said(f"decision.{signature.what}"),
        who=_who(audit, signature, said) + (f" ({signature.role})" if signature.role else ""),
        fingerprint=signature.key,
    )


def _who(audit: Audit, signature: Signature, said: Words) -> str:
    person = audit.persons.get(signature.person)
    if person is None:
        return signature.person
    acting = f"{signature.acting} " if signature.acting else ""
    return printable(
        said("audit.person", id=signature.person, name=person["name"], position=acting + person["position"])
        + (f", {said('signature.nip', nip=person['nip'])}" if person["nip"] else "")
    )
