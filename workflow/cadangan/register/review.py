"""The yearly review of an office's register: what it freezes, how each server stands in it, what it ends with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical

from cadangan.errors import BadInput, Missing
from cadangan.evidence import reviews
from cadangan.evidence.journal import Journal
from cadangan.procedure.review import GONE, Assessment, Review, check_complete, faults, some
from cadangan.register.office import Office
from cadangan.register.reconcile import AssetResult, Reconciliation
from cadangan.register.reconciliations import Reconciliations
from cadangan.register.register import Register
from cadangan.register.review_files import CLOSED, FACTS, OPENED, ReviewFiles

Entry = dict[str, Any]
"""What the register says of a server, in types of JSON; what it does not say is left out."""


@dataclass(frozen=True)
class Change:
    """A field of a server's entry that was changed; `""` where it was not stated."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class ServerInReview:
    """How one server stands: its entry when the review was opened and now (None: it left the register).

    `found` is what the reconciliation said of it, None if it did not look. `is_outdated`: its entry changed after it
    was decided.
    """

    host: str
    opened: Entry
    present: Entry | None
    found: AssetResult | None
    assessment: Assessment | None
    is_outdated: bool

    @property
    def changes(self) -> list[Change]:
        """What became otherwise in the register since the review was opened."""
        return changes(self.opened, self.present or {})

    @property
    def entry(self) -> str:
        """Digest of its entry now, or `GONE`."""
        return GONE if self.present is None else _digest(self.present)


def entries(register: Register) -> dict[str, Entry]:
    """What the register says of each server, by host."""
    return {asset.host: {"host": asset.host, **asset.as_written()} for asset in register.assets()}


def open_review(office: Office, journal: Journal, person: str) -> Review:
    """Freeze the register and the newest reconciliation; `Missing` if there is nothing to review."""
    office.officials.get(person)
    frozen = {host: entry for host, entry in entries(office.register).items() if entry["status"] != "retired"}
    if not frozen:
        raise Missing("there is no server in the register to review", advice="See it with: cadangan register list")
    facts = _newest_facts(office, list(frozen))
    register = _text(frozen)

    def keep(review_id: str) -> None:
        files = ReviewFiles(office.reviews_dir, review_id)
        files.keep(OPENED, register)
        files.keep(FACTS, facts.to_bytes())

    return reviews.open_review(
        journal,
        person,
        {host: _digest(entry) for host, entry in frozen.items()},
        canonical.digest(register),
        canonical.digest(facts.to_bytes()),
        facts.at,
        keep,
    )


def servers(office: Office, review: Review) -> list[ServerInReview]:
    """Every server of a review: of a closed one as it was then, of an open one as the register has it now."""
    files = ReviewFiles(office.reviews_dir, review.id)
    opened = _by_host(files.read(OPENED, review.register))
    if review.closing is not None:
        present = _by_host(files.read(CLOSED, review.closing.content["register"]))
        outdated: list[str] = []
    else:
        present = entries(office.register)
        outdated = review.outdated(*_state(present))
    found = {result.host: result for result in reconciliation(office, review).assets}
    return [
        ServerInReview(
            host, opened[host], present.get(host), found.get(host), review.assessments.get(host), host in outdated
        )
        for host in review.frozen
    ]


def reconciliation(office: Office, review: Review) -> Reconciliation:
    """The facts that a review froze."""
    return Reconciliation.from_json(ReviewFiles(office.reviews_dir, review.id).read(FACTS, review.facts))


def check(office: Office, review: Review, assessments: Sequence[Assessment], today: date) -> list[tuple[str, str, str]]:
    """What is wrong with these assessments: each time the server, the field, and the fault."""
    found = []
    for each in assessments:
        found += [(each.asset, *fault) for fault in faults(review, each, today)]
        if each.by_whom:
            try:
                office.officials.get(each.by_whom)
            except BadInput as error:
                found.append((each.asset, "by_whom", str(error)))
    return found


def record(
    office: Office, journal: Journal, review: Review, person: str, assessments: Sequence[Assessment], today: date
) -> Review:
    """Write assessments to the journal, all or nothing; `BadInput` with everything that is wrong with them."""
    office.officials.get(person)
    wrong = check(office, review, assessments, today)
    if wrong:
        raise BadInput("\n".join(f"{asset}: {name}: {said}" for asset, name, said in wrong))
    return reviews.record(journal, review.id, person, assessments)


def keep_closing_register(office: Office, review: Review) -> str:
    """Keep what the register says of the review's servers now, and give its digest.

    `Refused` unless all of them are decided as the register says it.
    """
    present = entries(office.register)
    check_complete(review, *_state(present))
    text = _text({host: entry for host, entry in present.items() if host in review.frozen})
    ReviewFiles(office.reviews_dir, review.id).keep(CLOSED, text)
    return canonical.digest(text)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What is said otherwise, field by field."""
    old, new = dict(_fields(before)), dict(_fields(after))
    names = [*old, *(name for name in new if name not in old)]
    return [
        Change(name, old.get(name, ""), new.get(name, "")) for name in names if old.get(name, "") != new.get(name, "")
    ]


def fields(entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Everything that an entry says, field by field: `databases[postgresql 5432 siak].size`."""
    return list(_fields(entry))


def _newest_facts(office: Office, hosts: Sequence[str]) -> Reconciliation:
    """The newest reconciliation; `Missing` unless it looked at all these servers."""
    facts = Reconciliations(office.reconcile_dir).newest()
    looked_at = {result.host for result in facts.assets} if facts else set()
    left_out = [host for host in hosts if host not in looked_at]
    if facts is None or left_out:
        when = f"the last time, at {facts.at}" if facts else "ever"
        raise Missing(
            f"{len(left_out)} of {len(hosts)} servers were not compared with the register {when}: {some(left_out)}",
            advice="A review is of the register beside what was found: cadangan register reconcile",
        )
    return facts


def _fields(value: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        parts = [(f"{path}.{key}" if path else key, part) for key, part in value.items()]
    elif isinstance(value, list):
        parts = [(f"{path}[{_name_of(part, number)}]", part) for number, part in enumerate(value, 1)]
    else:
        return [(path, str(value))]
    return [found for name, part in parts for found in _fields(part, name)]


def _name_of(part: Any, number: int) -> str:
    """By what an entry of a list is known, so that one more before it changes nothing."""
    if not isinstance(part, Mapping):
        return str(number)
    known = [str(part[key]) for key in ("engine", "instance", "name", "what") if part.get(key)]
    return " ".join(known) or str(number)


def _state(present: Mapping[str, Entry]) -> tuple[dict[str, str], set[str]]:
    """The digest of each entry, and which servers are retired."""
    return (
        {host: _digest(entry) for host, entry in present.items()},
        {host for host, entry in present.items() if entry["status"] == "retired"},
    )


def _digest(entry: Entry) -> str:
    return canonical.digest(canonical.dumps(entry))


def _text(by_host: Mapping[str, Entry]) -> bytes:
    whole = {"type": "register_entries", "assets": [by_host[host] for host in sorted(by_host)]}
    return canonical.dumps(whole, canonical.MANIFEST_LIMIT)


def _by_host(text: Entry) -> dict[str, Entry]:
    return {entry["host"]: entry for entry in text["assets"]}
