"""What a document says, before it is put in words: plain values taken from one case.

Times are UTC text as in signed texts (`2026-11-25T02:06:37Z`), dates `2026-11-20`, sizes bytes, durations
seconds, digests lower-case hex. A value that is not known yet is `None`; text that does not apply is `""`.
"""

from __future__ import annotations

from dataclasses import dataclass

from cadangan.documents.blocks import Letterhead


@dataclass(frozen=True)
class Person:
    """An official as named in a document; `acting` is `"Plh."`, `"Plt."` or `""`, `nip` `""` for who has none."""

    name: str
    position: str
    nip: str
    acting: str = ""
    qualification: str = ""


@dataclass(frozen=True)
class StepTime:
    """One of the six steps of the procedure in this case.

    `activity` is in the language of the document; `limit_minutes` is the standard (480 are a working day),
    `taken_seconds` what it took so far and `over_seconds` by how much that is longer, in working time. `set_back`: a
    clock was, so that some of its time is not known. `outside_hours`: all of it lay outside the office's hours.
    """

    no: int
    activity: str
    who: tuple[str, ...]
    limit_minutes: int | None
    ended_at: str | None
    taken_seconds: int | None
    over_seconds: int = 0
    outside_hours: bool = False
    set_back: bool = False


@dataclass(frozen=True)
class WorkResult:
    """What became of one work item; `mode` and `target` concern restores, `set` the one made or read.

    `result` is `done`, `failed`, `refused` or `unreachable` as in an `outcome` entry, or `pending`.
    `proof_facts` counts the facts of the proof; `differences` names those that differed when they were
    compared. `aside` is the name under which the replaced database is kept. `left_out` names what a backup
    does not hold. `ground` is why a set could be disposed of (`no_rule`, `superseded`), `rule` the numbers of the
    retention rule that said so.
    """

    id: str
    action: str
    asset: str
    engine: str
    instance: str
    database: str
    result: str
    mode: str = ""
    target: str = ""
    message: str = ""
    started_at: str | None = None
    ended_at: str | None = None
    set: str = ""
    manifest: str = ""
    repository: str = ""
    bytes_stored: int | None = None
    bytes_plain: int | None = None
    data_from: str | None = None
    proof_facts: int | None = None
    differences: tuple[str, ...] = ()
    drilled: bool = False
    versions: tuple[tuple[str, str], ...] = ()
    aside: str = ""
    left_out: tuple[str, ...] = ()
    ground: str = ""
    rule: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class FailedAttempt:
    """An attempt that did not succeed; `item` is the id of the work item, `""` when the whole run failed."""

    at: str
    item: str
    message: str


@dataclass(frozen=True)
class SignedDecision:
    """A signed decision; `step` and `verdict` are as in its text, for an order `order` and `execute`.

    `fingerprint` is that of the key that signed, as `SHA256:…`.
    """

    step: str
    role: str
    verdict: str
    person: Person
    at: str
    fingerprint: str
    note: str = ""


@dataclass(frozen=True)
class TrustFacts:
    """`trustees` is how many trustees must sign the next version of the office's trust."""

    serial: int
    serial1_digest: str
    trustees: int


@dataclass(frozen=True)
class ReportFacts:
    """Everything that the report on the result of one case says.

    `kind` is `backup`, `restore` or `disposal`, `date` the day of the report. `unknown_years` are those of the case
    whose holidays are not known. `decisions` are in the order in
    which they were signed, those on the report included; `reporter`, `confirmer` and `acknowledger` are those who
    sign the report, whether they have done so yet or not.
    """

    letterhead: Letterhead
    place: str
    timezone: str
    number: str
    date: str
    kind: str
    case: str
    agency: str
    subject: str
    letter_number: str
    letter_date: str
    window_from: str
    window_until: str
    executors: tuple[Person, ...]
    steps: tuple[StepTime, ...]
    unknown_years: tuple[int, ...]
    results: tuple[WorkResult, ...]
    failed_attempts: tuple[FailedAttempt, ...]
    remarks: tuple[str, ...]
    decisions: tuple[SignedDecision, ...]
    reporter: Person
    confirmer: Person
    acknowledger: Person
    legal_basis: tuple[str, ...]
    trust: TrustFacts
    journal_seq: int
    journal_head: str
