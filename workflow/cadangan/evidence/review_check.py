"""Whether the closed reviews in a journal are what their signers signed, by the trust that was in force then."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any, Protocol

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, shape, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.decisions import NAMESPACE
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain

from cadangan.evidence.chain import Fault, Row
from cadangan.procedure.review import CLOSING, ENTRY_TYPES, Review, fold

# Asked before an entry is parsed: a journal has a hundred thousand others.
_CONCERNS = re.compile('"type":"(?:trust|review_[a-z]+)"')


class Source(Protocol):
    """What gives the rows of some types: a journal."""

    def of_types(self, types: Collection[str]) -> Iterator[Row]: ...


class ReviewCheck:
    """Takes the rows of a journal in their order, and gathers what is wrong with the closed reviews in it.

    The statement of each has its form; it is about the register, the facts and the decisions that the journal tells of;
    and it is signed with a key of its person, who held the role then.
    """

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._trusts: dict[str, dict[str, Any]] = {}
        self._entries: list[dict[str, Any]] = []

    def take(self, row: Row) -> None:
        """Take in one row; what does not concern reviews is passed over."""
        if not _CONCERNS.search(str(row.entry)):
            return
        try:
            self._take(json.loads(row.entry))
        except Refused as refusal:
            self._add(row, refusal.reason)
        except sshsig.SignatureError as error:
            self._add(row, f"it is not signed by the person that it names: {error}")
        except (AttributeError, KeyError, TypeError, ValueError):
            self._add(row, "it is not as Cadangan writes it")

    def _take(self, entry: dict[str, Any]) -> None:
        if entry["type"] == "trust":
            text = json.loads(entry["bundle"])["text"]
            self._trusts[canonical.digest(text.encode("ascii"))] = json.loads(text)
        elif entry["type"] in ENTRY_TYPES:
            self._entries.append(entry)
            if entry["type"] == "review_closed":
                self._check(fold(self._entries)[entry["review"]], entry["at"])

    def _check(self, review: Review, taken_at: str) -> None:
        closing = review.closing
        assert closing is not None
        content = shape.read(closing.text, CLOSING, "statement")
        told = {
            "review": review.id,
            "opened": review.register,
            "facts": review.facts,
            "results": canonical.digest(review.results),
        }
        for name, value in told.items():
            if content[name] != value:
                raise Refused(f"its statement names other {name} than the journal tells of")
        if not review.opened_at <= content["at"] <= taken_at:
            raise Refused(f"its statement is dated {content['at']}, outside the time in which it was open")
        trust = self._trusts.get(content["trust"])
        if trust is None:
            raise Refused("its statement names a trust version that the journal does not have")
        in_force = TrustChain([trust], [content["trust"]])
        if not in_force.holds_role(content["person"], content["role"], content["at"]):
            raise Refused(f"{content['person']} did not hold the role {content['role']} at {content['at']}")
        keys = in_force.keys(content["person"])
        sshsig.verify(closing.text.encode("ascii"), closing.signature, keys, NAMESPACE)

    def _add(self, row: Row, said: str) -> None:
        self.faults.append(Fault("unsound", row.seq, row.seq, f"this review does not stand: {said}"))


def review_faults(journal: Source) -> list[Fault]:
    """What is wrong with the closed reviews in a journal; whether its entries are chained is not looked at."""
    check = ReviewCheck()
    for row in journal.of_types(("trust", *ENTRY_TYPES)):
        check.take(row)
    return check.faults
