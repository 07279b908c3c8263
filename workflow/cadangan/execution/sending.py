"""Sending the journal elsewhere: with the office's files, encrypted to its holders, into the repository."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository

from cadangan.errors import CadanganError
from cadangan.evidence.chain import Head, Row
from cadangan.evidence.journal import Journal
from cadangan.evidence.journal_elsewhere import JOURNAL_FILE, Sent, newest_sent
from cadangan.evidence.journal_file import write_rows
from cadangan.evidence.sealed_archive import seal
from cadangan.evidence.trust_store import newest_trust
from cadangan.execution.repositories import reached_repository
from cadangan.register.office import Office
from cadangan.register.office_files import office_files


def send_journal(office: Office, journal: Journal, repository: Repository) -> Sent:
    """Put a copy into the repository, unless the newest one there is of the journal as it is; gives the newest.

    Raises `CadanganError` or `EngineError` if it can not be sent.
    """
    newest = newest_sent(repository, office.id)
    if newest and newest.is_of(journal.head().hash):
        return newest
    recipients = [each["key"] for each in newest_trust(journal).newest["policy"]["recipients"]]
    with tempfile.TemporaryDirectory(prefix="cadangan-send-") as folder, tempfile.TemporaryFile() as sealed:
        exported = Path(folder, JOURNAL_FILE)
        last = _Last(journal.entries())
        write_rows(last, exported)
        seal([(JOURNAL_FILE, exported), *office_files(office)], recipients, sealed)
        sealed.seek(0)
        sent = Sent.of(office.id, last.head)
        repository.put_evidence(sent.name, sealed)
    return sent


def send_after_run(office: Office, journal: Journal) -> str | None:
    """Send the journal when a run has ended; why that failed, which the journal is told, or None.

    Never raises for it: the work itself is done.
    """
    try:
        with reached_repository(office, journal) as repository:
            send_journal(office, journal, repository)
    except (CadanganError, EngineError, Refused, OSError) as error:
        message = f"the journal was not sent to the repository: {error}"
        journal.append({"type": "not_sent", "message": message})
        return f"{message}\nIf this machine is lost now, so is its newest part. Mend it, then: cadangan journal send"
    return None


class _Last:
    """Rows on their way, and the head that the last of them makes."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = rows
        self.head = Head(0, "")

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.head = Head(row.seq, row.hash)
            yield row
