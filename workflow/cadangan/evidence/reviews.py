"""Reviews of the asset register as the journal has them: opened, decided server by server, closed by a signature."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, shape
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain

from cadangan.errors import BadInput, Missing
from cadangan.evidence.entries import entries_of
from cadangan.evidence.journal import Entry, Journal, Reader, View
from cadangan.evidence.signing import DECISION, verify_brought
from cadangan.procedure import moment
from cadangan.procedure.review import CLOSING, ENTRY_TYPES, RULE, Assessment, Review, closing_text, fold, next_id


def reviews(journal: Reader) -> dict[str, Review]:
    """Every review by its id, in the order in which they were opened."""
    return fold(entries_of(journal, *ENTRY_TYPES))


def load_review(journal: Reader, review_id: str | None) -> Review:
    """The review with this id, or the newest one; `Missing` if there is none."""
    known = reviews(journal)
    review = known.get(review_id) if review_id else next(reversed(known.values()), None)
    if review is None:
        raise Missing(
            f"there is no review {review_id!a}" if review_id else "there was no review yet",
            advice="Open one with: cadangan register review open --as PERSON",
        )
    return review


def open_one(journal: Reader) -> Review:
    """The review that is open; `Missing` if none is."""
    review = _open_of(journal)
    if review is None:
        raise Missing("no review is open", advice="Open one with: cadangan register review open --as PERSON")
    return review


def last_reviews(journal: Reader) -> dict[str, str]:
    """When the last review of each server was closed, by host."""
    return {asset: at for asset, at, _ in _closed(journal)}


def review_history(journal: Reader, asset: str) -> list[tuple[str, str, Assessment]]:
    """Every closed review of a server, the oldest first: its id, when it was closed, and what was decided."""
    return [(review.id, at, review.assessments[asset]) for each, at, review in _closed(journal) if each == asset]


def _closed(journal: Reader) -> Iterator[tuple[str, str, Review]]:
    """Each server of each closed review, with the time and the review, in their order."""
    for review in reviews(journal).values():
        if review.closing is not None:
            for asset in review.frozen:
                yield asset, review.closing.content["at"], review


def open_review(
    journal: Journal,
    person: str,
    frozen: Mapping[str, str],
    register: str,
    facts: str,
    reconciled_at: str,
    keep: Callable[[str], None],
) -> Review:
    """Open a review under the year's next id; `Refused` while another one is open.

    `keep` puts down what the digests are of, under that id, before the journal tells of it.
    """
    year = int(moment.now()[:4])

    def entry(view: View) -> Entry:
        other = _open_of(view)
        if other is not None:
            raise Refused(
                f"review {other.id} is open since {other.opened_at}",
                "one review at a time",
                "go on with: cadangan register review record",
            )
        review_id = next_id(list(reviews(view)), year)
        keep(review_id)
        return {
            "type": "review_opened",
            "review": review_id,
            "person": person,
            "register": register,
            "facts": facts,
            "reconciled_at": reconciled_at,
            "assets": [{"asset": asset, "entry": digest} for asset, digest in frozen.items()],
        }

    row = journal.append_if(entry)
    assert row is not None
    return load_review(journal, row.content["review"])


def record(journal: Journal, review_id: str, person: str, assessments: Sequence[Assessment]) -> Review:
    """Write what was decided of servers, all or nothing; `Refused` if the review is closed."""

    def entry(view: View) -> Entry:
        if load_review(view, review_id).closing is not None:
            raise Refused(f"review {review_id} is closed", "what was signed is not changed", "open the next one")
        decided = [each.to_json() for each in assessments]
        return {"type": "review_recorded", "review": review_id, "person": person, "assessments": decided}

    journal.append_if(entry)
    return load_review(journal, review_id)


def write_closing(
    journal: Journal, office: str, review: Review, register: str, person: str, role: str, trust: TrustChain
) -> bytes:
    """The statement that closes a review, for its signer; `Refused` if that is not somebody who may."""
    now = moment.now()
    _check_role(person, role, trust, now)
    return closing_text(
        office,
        review,
        register,
        person=person,
        role=role,
        at=now,
        trust=trust.newest_digest,
        journal=journal.head().hash,
    )


def take_closing(
    journal: Journal,
    text: bytes,
    signature: str,
    trust: TrustChain,
    role: str,
    register: Callable[[Review], str],
) -> Review:
    """Check the signed statement as if it came from a stranger, and write it to the journal.

    `register` gives the digest of the entries as they are now; it raises if the review is not complete.
    """
    content = _read_closing(text)

    def entry(view: View) -> Entry:
        now = moment.now()
        review = load_review(view, content["review"])
        if review.closing is not None:
            raise Refused(f"review {review.id} is closed already", "a review is closed once")
        if content["role"] != role:
            raise Refused(f"this statement claims the role {content['role']}; by the office's policy it takes {role}")
        if not review.opened_at <= content["at"] <= now:
            raise Refused(
                f"this statement is dated {content['at']}, and it is {now}",
                f"review {review.id} is closed after it was opened, and not in the future",
                "set the clock right, and sign again: cadangan register review close",
            )
        _check_role(content["person"], role, trust, now)
        wanted = closing_text(
            view.opening()["office"],
            review,
            register(review),
            person=content["person"],
            role=role,
            at=content["at"],
            trust=trust.newest_digest,
            journal=content["journal"],
        )
        if wanted != text:
            raise Refused(
                f"this statement was signed over another state of review {review.id}",
                "it covers the register, the facts and everything that was decided",
                "sign it again: cadangan register review close",
            )
        keys = trust.keys(content["person"])
        armored = verify_brought(text, signature, content["person"], keys, DECISION)
        digest = canonical.digest(text)
        told = {"text": text.decode("ascii"), "signature": armored, "digest": digest}
        return {"type": "review_closed", "review": review.id, **told}

    journal.append_if(entry)
    return load_review(journal, content["review"])


def _open_of(journal: Reader) -> Review | None:
    return next((review for review in reviews(journal).values() if review.closing is None), None)


def _read_closing(text: bytes) -> dict[str, Any]:
    try:
        return shape.read(text, CLOSING, "review")
    except Refused as error:
        raise BadInput(
            f"this is not a text as it was written to be signed: {error.reason}",
            advice="Bring back the file exactly as it was written; an editor or mail program may have changed it.",
        ) from error


def _check_role(person: str, role: str, trust: TrustChain, now: str) -> None:
    trust.person(person)
    if not trust.holds_role(person, role, now):
        raise Refused(
            f"{person} may not close a review: it takes the role {role}, valid today",
            f"{RULE}; who signs it is the office's policy (review_signer)",
            "see who may with: cadangan trust show",
        )
