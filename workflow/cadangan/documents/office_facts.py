"""What documents take from an office's files: its letterhead, and its people."""

from __future__ import annotations

from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain

from cadangan.documents.blocks import Letterhead
from cadangan.documents.facts import Person
from cadangan.procedure import moment
from cadangan.register.office import Office

UNKNOWN = Person("–", "–", "–")


def letterhead(office: Office) -> Letterhead:
    """The head of every document of this office, with its logo."""
    head = office.letterhead
    logo = (office.root / head.logo).read_bytes() if head.logo else None
    return Letterhead(head.government, head.office, tuple(head.address), logo)


def person(office: Office, trust: TrustChain, person_id: str, role: str) -> Person:
    """An official as a document names them, with `Plh.` or `Plt.` if they hold the role so today."""
    official = office.officials.officials.get(person_id)
    if official is None:
        return Person(person_id, UNKNOWN.position, UNKNOWN.nip)
    now = moment.now()
    acting = next(
        (
            held["as"]
            for held in trust.person(person_id)["roles"]
            if held["role"] == role and held["as"] and held["from"] <= now <= held["until"]
        ),
        "",
    )
    return Person(official.name, official.position, official.nip, acting, official.qualification or "")


def name_of(office: Office, person_id: str) -> str:
    """The name of an official, or the id of who is none any more."""
    official = office.officials.officials.get(person_id)
    return official.name if official else person_id
