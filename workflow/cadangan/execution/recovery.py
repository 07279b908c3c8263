"""Disaster day: an office made anew from the copy that its control host kept in the repository."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository

from cadangan.errors import BadInput, CadanganError, Missing, WorkFailed
from cadangan.evidence.catalogue import Catalogue
from cadangan.evidence.chain import Head
from cadangan.evidence.journal import Journal
from cadangan.evidence.journal_elsewhere import JOURNAL_FILE, Sent, all_sent
from cadangan.evidence.journal_file import read_rows
from cadangan.evidence.journal_import import import_rows
from cadangan.evidence.sealed_archive import unseal
from cadangan.evidence.set_adoption import SetAdoption
from cadangan.evidence.set_history import disposed_sets
from cadangan.evidence.trust_store import newest_trust
from cadangan.register.office import Office
from cadangan.register.office_edit import keep_journal_here


@dataclass(frozen=True)
class SetsTaken:
    """What became of the sets in the repository: how many are in the catalogue, and what is to be said of some.

    `newer`: ids of those made after the copy. `missing`: known to the journal, but not there. `faults`: what is wrong
    with those that were not taken.
    """

    taken: int
    newer: list[str]
    missing: list[str]
    faults: dict[str, str]


@dataclass(frozen=True)
class Recovered:
    """The copy that was taken, the head of its journal, the digest of trust serial 1.

    `unknown_copies`: names of the copies whose end this journal does not hold.
    """

    sent: Sent
    head: Head
    trust: str
    unknown_copies: list[str]

    def as_data(self) -> dict[str, Any]:
        return {
            "office": self.sent.office,
            "copy": self.sent.name,
            "head": {"seq": self.head.seq, "hash": self.head.hash},
            "trust": self.trust,
            "unknown_copies": self.unknown_copies,
        }


def choose(repository: Repository, office: str | None, name: str | None) -> list[Sent]:
    """The copies of one office to look at, the newest first; only the one of that `name`, if it is given.

    `Missing` if there is none, `BadInput` if it is not clear which office is meant.
    """
    found = [sent for sent in all_sent(repository) if office in (None, sent.office)]
    offices = sorted({sent.office for sent in found})
    if name is not None:
        offices = [sent.office for sent in found if sent.name == name]
    if not offices:
        raise Missing(
            f"{repository.name} keeps no copy of {name or 'a journal'}",
            advice=f"There are: {', '.join(sent.name for sent in found) or 'none'}",
        )
    if len(offices) > 1:
        raise BadInput(
            f"{repository.name} keeps the journals of {', '.join(offices)}", advice="Name the office with --id."
        )
    of_office = [sent for sent in found if sent.office == offices[0]]
    # What was chosen by hand is looked at first; the others tell whether there is something newer.
    return sorted(of_office, key=lambda sent: sent.name != name)


def recover_office(
    directory: Path,
    repository: Repository,
    copies: Sequence[Sent],
    identity: Path,
    *,
    pin: str | None,
    head: str | None,
    knowingly: bool,
) -> Recovered:
    """Make the office in `directory` from the first of `copies`, as yet without a catalogue of sets.

    Unless it was chosen `knowingly`, it must be the newest: it opens, it holds the ends of all the others. Raises
    `WorkFailed` if it is not, or its chain or the signatures of its trust do not hold; nothing is left behind then.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise BadInput(f"{directory} is there already and is not an empty folder", advice="Name a new folder.")
    directory.parent.mkdir(parents=True, exist_ok=True)
    first, others = copies[0], copies[1:]
    with tempfile.TemporaryDirectory(prefix=".recover-", dir=directory.parent) as made:
        folder = Path(made, "office")
        folder.mkdir(mode=0o750)
        try:
            recovered = _make(folder, repository, first, others, identity, pin, head)
        except (CadanganError, EngineError, Refused) as error:
            raise _not_usable(first, others, error) from error
        if recovered.unknown_copies and not knowingly:
            raise WorkFailed(
                f"the copy {first.name} does not hold the end of {recovered.unknown_copies[0]}: that one is newer, or "
                "one of the two was put there by somebody else",
                advice=f"Find out why. To take one of them all the same: --copy {first.name}",
            )
        folder.rename(directory)
    return recovered


def take_sets(directory: Path, repository: Repository, recovered: Recovered) -> SetsTaken:
    """Fill the catalogue of a recovered office, and write to its journal where it came from."""
    office = Office.load(directory)
    journal = Journal.open(office.journal_url, office.id)
    adoption = SetAdoption(journal, Catalogue(office.sets_dir), repository)
    there = repository.sets()
    faults: dict[str, str] = {}
    for set_id in there:
        try:
            adoption.adopt(set_id)
        except (CadanganError, EngineError) as error:
            faults[set_id] = error.message
    newer = [set_id for set_id in there if set_id not in adoption.known and set_id not in faults]
    missing = sorted(adoption.known.keys() - set(there) - disposed_sets(journal))
    sets = SetsTaken(len(there) - len(faults), newer, missing, faults)
    journal.append(
        {
            "type": "recovered",
            "copy": recovered.sent.name,
            "head": str(recovered.head),
            "repository": repository.name,
            "sets": sets.taken,
            "newer": len(sets.newer),
        }
    )
    return sets


def _make(
    folder: Path,
    repository: Repository,
    sent: Sent,
    others: Sequence[Sent],
    identity: Path,
    pin: str | None,
    head: str | None,
) -> Recovered:
    """Write the office's files and journal into `folder`, and check all that can be checked."""
    source, _ = repository.open_evidence(sent.name)
    with source, tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(source, copy)
        copy.seek(0)
        names = unseal(copy, identity, folder)
    if JOURNAL_FILE not in names:
        raise WorkFailed("it holds no journal")
    keep_journal_here(folder)
    office = Office.load(folder)
    if office.id != sent.office:
        raise WorkFailed(f"it is of the office {office.id}")
    import_rows(read_rows(folder / JOURNAL_FILE), folder / "journal.db")
    (folder / JOURNAL_FILE).unlink()
    (folder / "cases").mkdir(mode=0o750)
    journal = Journal.open(office.journal_url, office.id)
    verified = journal.verify(office.id, head)
    if verified.faults:
        raise WorkFailed("; ".join(str(fault) for fault in verified.faults))
    if not sent.is_of(verified.head.hash):
        raise WorkFailed(f"its journal ends with {verified.head}, not as its name says")
    trust = newest_trust(journal, pin)
    begins = {row.hash[: len(sent.head)] for row in journal.entries()}
    unknown = [other.name for other in others if other.head not in begins]
    return Recovered(sent, verified.head, trust.serial1_digest, unknown)


def _not_usable(sent: Sent, others: Sequence[Sent], error: Exception) -> WorkFailed:
    older = f"The one before it is {others[0].name}; take it, if you must, with --copy. " if others else ""
    return WorkFailed(f"the copy {sent.name} can not be used: {error}", advice=f"{older}Nothing was made.")
