"""Verifying a journal: is it whole, unchanged, this office's, and does it reach as far as it once did?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical

from cadangan.errors import BadInput, WorkFailed
from cadangan.evidence.chain import ChainCheck, Fault, Head, Row, read_head
from cadangan.evidence.review_check import ReviewCheck

Progress = Callable[[int], None]
_TELL_EVERY = 1000


@dataclass(frozen=True)
class Verification:
    """What came out: how many entries were read, the newest of them, and everything that is wrong."""

    count: int
    head: Head
    faults: list[Fault]


def verify(
    rows: Iterable[Row], office: str, expected_head: str | None = None, progress: Progress | None = None
) -> Verification:
    """Check the rows of a whole journal, which come in the order of their numbers, and the signed reviews in it.

    `expected_head` is a head that was printed earlier: without it nobody can see that the newest entries were cut
    off. `progress` is told the count every now and then. Raises `BadInput` if `expected_head` is not a head.
    """
    expected = _read_expected(expected_head)
    check = ChainCheck()
    reviews = ReviewCheck()
    strange: list[Fault] = []
    reached = expected is None
    damage: list[Fault] = []
    try:
        for row in rows:
            check.take(row)
            reviews.take(row)
            said = _strangeness(row, office)
            if said:
                strange.append(Fault("foreign", row.seq, row.seq, said))
            reached = reached or (expected is not None and expected.is_of(row))
            if progress and check.count % _TELL_EVERY == 0:
                progress(check.count)
    except WorkFailed as error:
        next_seq = check.head.seq + 1
        damage.append(Fault("damaged", next_seq, next_seq, f"cannot be read from about here on: {error.message}"))
    faults = check.faults()
    faults += [
        fault for fault in [*strange, *reviews.faults] if not any(_lies_in(fault, other) for other in faults)
    ] + damage
    if expected and not reached:
        faults.append(expected.fault(check.head))
    return Verification(check.count, check.head, sorted(faults, key=lambda fault: fault.first))


@dataclass(frozen=True)
class _Expected:
    """The entry that an earlier head names; `hash` may be the beginning of one."""

    seq: int | None
    hash: str

    def is_of(self, row: Row) -> bool:
        return self.seq in (None, row.seq) and str(row.hash).startswith(self.hash)

    def fault(self, head: Head) -> Fault:
        """What is wrong with a journal that ends with `head` and does not hold this entry."""
        if self.seq is None:
            message = f"no entry has the hash {self.hash}: the newest ones were cut off, or rewritten"
            return Fault("cut", head.seq + 1, head.seq + 1, message)
        if self.seq > head.seq:
            return Fault("cut", head.seq + 1, self.seq, f"cut off: the journal once reached entry {self.seq}")
        return Fault("edited", self.seq, self.seq, f"does not have the hash {self.hash}: the journal was rewritten")


def _read_expected(text: str | None) -> _Expected | None:
    if text is None:
        return None
    try:
        return _Expected(*read_head(text))
    except ValueError as error:
        raise BadInput(str(error), where="--head", advice="Copy it from a report, an order or a manifest.") from error


def _strangeness(row: Row, office: str) -> str | None:
    """Why an entry cannot have been written by this office's Cadangan, if it cannot."""
    try:
        content = canonical.loads(str(row.entry).encode("ascii"))
    except (canonical.CanonicalError, UnicodeEncodeError) as error:
        return f"not written by Cadangan: {error}"
    if not isinstance(content.get("type"), str) or not isinstance(content.get("at"), str):
        return "not written by Cadangan: it has no type or no time"
    if (content["type"] == "opened") != (row.seq == 1):
        return "not written by Cadangan: a journal is opened by its first entry and by no other"
    if row.seq == 1 and content.get("office") != office:
        return f"this is the journal of another office: {content.get('office')!a}, not {office!a}"
    return None


def _lies_in(fault: Fault, other: Fault) -> bool:
    return other.first <= fault.first <= other.last
