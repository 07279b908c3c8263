"""The yearly review of the asset register: what may be decided of a server, and what closes a review. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, shape
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused

from cadangan.procedure import moment

VERDICTS = ("right", "corrected", "retire", "follow-up")
GONE = ""
"""In place of the digest of a server's entry: the register has none of it."""
RULE = "the register is reviewed at least once a year, each server of it (SOP, Pencatatan)"

ENTRY_TYPES = ("review_opened", "review_recorded", "review_closed")

Entry = dict[str, Any]
Fault = tuple[str, str]
"""A field of an assessment, and what is wrong with it."""

_ID = re.compile(r"T-([0-9]{4})-([0-9]{2,})")
CLOSING: dict[str, Any] = {
    "type": shape.constant("review"),
    "office": shape.NAME,
    "review": shape.matching(_ID.pattern, "a review's id such as T-2026-01"),
    "opened": shape.DIGEST,
    "register": shape.DIGEST,
    "facts": shape.DIGEST,
    "results": shape.DIGEST,
    "person": shape.NAME,
    "role": shape.one_of("bidang", "seksi"),
    "at": shape.TIME,
    "trust": shape.DIGEST,
    "journal": shape.DIGEST,
}


@dataclass(frozen=True)
class Assessment:
    """What a reviewer decided of one server: one of `VERDICTS`, and for a follow-up by whom and until which day.

    `entry` is the digest of what the register said of it then, or `GONE`.
    """

    asset: str
    verdict: str
    note: str = ""
    by_whom: str = ""
    until: str = ""
    entry: str = GONE
    person: str = ""
    at: str = ""

    def to_json(self) -> dict[str, str]:
        """As an entry of the journal holds it, which has person and time once for all."""
        return {name: value for name, value in vars(self).items() if name not in ("person", "at")}


@dataclass(frozen=True)
class Closing:
    """The statement that closed a review: the signed text, its signature, and what it says."""

    text: str
    signature: str
    content: dict[str, Any]


@dataclass(frozen=True)
class Review:
    """A review: `frozen` holds the digest of each server's entry when it was opened.

    `register` and `facts` are the digests of all entries together, and of the reconciliation of `reconciled_at`.
    """

    id: str
    opened_at: str
    opened_by: str
    register: str
    facts: str
    reconciled_at: str
    frozen: Mapping[str, str]
    assessments: dict[str, Assessment] = field(default_factory=dict)
    closing: Closing | None = None

    @property
    def undecided(self) -> list[str]:
        """The servers of which nothing was decided yet."""
        return [asset for asset in self.frozen if asset not in self.assessments]

    def outdated(self, entries: Mapping[str, str], retired: Collection[str]) -> list[str]:
        """The servers whose entry changed after it was decided; what was to be retired may be retired since."""
        return [
            asset
            for asset, decided in self.assessments.items()
            if entries.get(asset, GONE) != decided.entry
            and not (decided.verdict == "retire" and (asset in retired or asset not in entries))
        ]

    @property
    def results(self) -> bytes:
        """Everything that was decided, as canonical JSON; the statement that closes the review names its digest."""
        decided = [vars(self.assessments[asset]) for asset in sorted(self.assessments)]
        return canonical.dumps(
            {"type": "review_results", "review": self.id, "assessments": decided}, canonical.MANIFEST_LIMIT
        )


def fold(entries: Iterable[Entry]) -> dict[str, Review]:
    """The reviews of which these entries of the journal tell, by id, in the order in which they were opened."""
    found: dict[str, Review] = {}
    for entry in entries:
        review_id = entry["review"]
        if entry["type"] == "review_opened":
            found[review_id] = _opened(entry)
        elif entry["type"] == "review_recorded":
            who = {"person": entry["person"], "at": entry["at"]}
            found[review_id].assessments.update(
                {each["asset"]: Assessment(**each, **who) for each in entry["assessments"]}
            )
        elif entry["type"] == "review_closed":
            content = canonical.loads(entry["text"].encode("ascii"))
            found[review_id] = replace(found[review_id], closing=Closing(entry["text"], entry["signature"], content))
    return found


def next_id(ids: Collection[str], year: int) -> str:
    """The first free id of the year, as `T-2026-01`."""
    used = [int(found[2]) for each in ids if (found := _ID.fullmatch(each)) and int(found[1]) == year]
    return f"T-{year}-{max(used, default=0) + 1:02d}"


def faults(review: Review, decided: Assessment, today: date) -> list[Fault]:
    """What is wrong with an assessment that is about to be recorded; empty if nothing."""
    if decided.asset not in review.frozen:
        return [("asset", f"{decided.asset!a} is not among the servers of review {review.id}")]
    if decided.verdict not in VERDICTS:
        return [("verdict", f"there is no verdict {decided.verdict!a}; there are: {', '.join(VERDICTS)}")]
    found: list[Fault] = []
    is_as_it_was = decided.entry == review.frozen[decided.asset]
    if decided.verdict == "right" and not is_as_it_was:
        found.append(("verdict", "its entry was changed since the review was opened: that is corrected, not right"))
    if decided.verdict == "corrected" and is_as_it_was:
        found.append(("verdict", "the register still says what it said when the review was opened: correct it first"))
    if decided.verdict != "follow-up":
        return found + [(name, "only a follow-up has it") for name in ("by_whom", "until") if getattr(decided, name)]
    found += [
        (name, f"a follow-up says {words}")
        for name, words in (("note", "what is to be done"), ("by_whom", "by whom"), ("until", "until when"))
        if not getattr(decided, name)
    ]
    if decided.until:
        try:
            is_past = date.fromisoformat(decided.until) < today
        except ValueError:
            found.append(("until", f"must be a date like 2026-12-31, not {decided.until!a}"))
        else:
            found += [("until", f"{decided.until} is over")] if is_past else []
    return found


def check_complete(review: Review, entries: Mapping[str, str], retired: Collection[str]) -> None:
    """`Refused` unless every server is decided, as the register has it now."""
    if review.undecided:
        raise Refused(
            f"{len(review.undecided)} of {len(review.frozen)} servers not decided: {some(review.undecided)}",
            RULE,
            "decide them with: cadangan register review record",
        )
    outdated = review.outdated(entries, retired)
    if outdated:
        raise Refused(
            f"the register says otherwise since it was decided of: {some(outdated)}",
            "a review is of the register as it is",
            "decide them again with: cadangan register review record",
        )


def closing_text(
    office: str, review: Review, register: str, *, person: str, role: str, at: str, trust: str, journal: str
) -> bytes:
    """The statement that closes a review, to be signed; `register` is the digest of the entries as they are now."""
    return canonical.dumps(
        {
            "type": "review",
            "office": office,
            "review": review.id,
            "opened": review.register,
            "register": register,
            "facts": review.facts,
            "results": canonical.digest(review.results),
            "person": person,
            "role": role,
            "at": at,
            "trust": trust,
            "journal": journal,
        }
    )


def due_day(closed_at: str | None, zone: tzinfo) -> date | None:
    """The last day for a server's next review, a year after the review that closed at that time; None if never."""
    if closed_at is None:
        return None
    closed = moment.read(closed_at).astimezone(zone).date()
    is_leap_day = (closed.month, closed.day) == (2, 29)
    return closed.replace(year=closed.year + 1, day=28 if is_leap_day else closed.day)


def _opened(entry: Entry) -> Review:
    return Review(
        entry["review"],
        entry["at"],
        entry["person"],
        entry["register"],
        entry["facts"],
        entry["reconciled_at"],
        {each["asset"]: each["entry"] for each in entry["assets"]},
    )


def some(names: Sequence[str]) -> str:
    """The first of these names, for a message."""
    return ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
