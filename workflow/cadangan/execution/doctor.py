"""What is missing in an office, with the command that mends it: its files, keys, trust, journal and servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_host import host_of
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain

from cadangan.errors import CadanganError, Missing
from cadangan.evidence.assets import repository_contacts
from cadangan.evidence.journal import Journal
from cadangan.evidence.trust_pending import PendingTrust
from cadangan.evidence.trust_store import newest_trust, trust_pin
from cadangan.execution.control_host import Check
from cadangan.execution.repositories import reached_repository
from cadangan.execution.runner import run_playbook
from cadangan.procedure import moment
from cadangan.procedure.amounts import size
from cadangan.procedure.trust_document import lacks
from cadangan.register.next_trust import changes, next_version
from cadangan.register.office import Office
from cadangan.register.office_journal import open_journal

_REACHED = "Doctor | Repository | It is reached as a run will"


def check_office(directory: Path, *, targets: bool) -> Iterator[Check]:
    """Everything about the office in `directory`; what depends on something that is wrong is not looked at."""
    try:
        office = Office.load(directory)
        servers = len(office.register.assets())
        holidays = _holidays(office)
        office.repository_host()
    except CadanganError as error:
        yield Check("office files", False, str(error), "correct the file, then: cadangan doctor")
        return
    yield Check("office files", True, f"{office.id}, {servers} server(s) in the register")
    yield holidays
    yield from _officials(office)
    try:
        journal = open_journal(office)
        yield _journal(office, journal)
        yield _trust(office, journal)
        repository = _repository(office, journal)
        yield repository
    except (CadanganError, Refused) as error:
        yield Check("journal", False, str(error), "cadangan journal verify")
        return
    if targets:
        if repository.ok and host_of(office.policy.repository):
            yield _operator(office, journal)
        yield from _targets(office)


def _holidays(office: Office) -> Check:
    year = moment.read(moment.now()).astimezone(office.zone).year
    if not office.holidays.unknown(year, year):
        return Check(f"holidays of {year}", True, "known, with the collective leave")
    mend = "name the decree and its days in holidays.yml, or: pip install --upgrade holidays"
    return Check(f"holidays of {year}", False, "the collective leave is not known to this program", mend)


def _officials(office: Office) -> Iterator[Check]:
    for official in office.officials:
        # Who has neither a role nor a say in the trust signs nothing.
        if official.roles or official.trustee:
            found = f"{len(official.keys)} key(s)" if official.keys else "no public key"
            mend = f"cadangan trust add-key {official.id} FILE.pub"
            yield Check(f"official {official.id}", bool(official.keys), found, mend)
        if official.qualification is None and any(role.role == "personil" for role in official.roles):
            yield Check(
                f"official {official.id}",
                False,
                "executes, but has no qualification on record",
                f"add `qualification:` to {official.id} in officials.yml",
            )
    recipients = len(office.policy.recipients)
    yield Check(
        "recipients of backup sets",
        recipients >= 2,
        f"{recipients}, two at least are needed",
        "cadangan trust add-recipient HOLDER age1…",
    )


def _journal(office: Office, journal: Journal) -> Check:
    result = journal.verify(office.id)
    if result.faults:
        return Check("journal", False, str(result.faults[0]), "cadangan journal verify")
    return Check("journal", True, f"{result.count} entries, head {result.head}")


def _trust(office: Office, journal: Journal) -> Check:
    what = "trust document"
    try:
        newest = newest_trust(journal) if trust_pin(journal) else None
    except Refused as refusal:
        return Check(what, False, str(refusal), "cadangan trust check")
    missing = lacks(office.officials, office.policy)
    if missing:
        return Check(what, False, "; ".join(missing), "cadangan trust compile")
    if newest is not None:
        document = next_version(office, journal.id, newest, moment.now())
        if not changes(newest, document):
            return Check(what, True, f"version {newest.newest['serial']} is signed and says what the files say")
    return Check(what, False, *_unsigned(office, newest))


def _repository(office: Office, journal: Journal) -> Check:
    keeper = office.repository_host()
    if keeper is None:
        return Check("repository", True, f"{office.policy.repository}, a folder on each server")
    contact = repository_contacts(journal).get(keeper.host)
    found = f"at {contact['address']}, port {contact['port']}" if contact else "was not made ready"
    return Check(f"repository host {keeper.host}", contact is not None, found, f"cadangan onboard {keeper.host}")


def _operator(office: Office, journal: Journal) -> Check:
    place = office.policy.repository
    what, mend = "this machine at the repository host", f"cadangan onboard {host_of(place)}"
    try:
        with reached_repository(office, journal, place) as repository:
            return Check(what, True, f"is let in; room in {place}: {size(repository.room())}")
    except Missing as error:
        return Check(what, False, error.message, mend)


def _unsigned(office: Office, newest: TrustChain | None) -> tuple[str, str]:
    try:
        pending = PendingTrust.read(office.trust_dir, newest)
    except (CadanganError, Refused):
        serial = newest.newest["serial"] if newest else None
        found = f"the files say other than version {serial}" if serial else "none is signed yet"
        return found, "cadangan trust compile"
    serial, signers = pending.document["serial"], len(pending.signers)
    found = f"version {serial} is signed by {signers} of {pending.needed} trustees"
    return found, "cadangan trust sign --as TRUSTEE"


def _targets(office: Office) -> Iterator[Check]:
    wanted = [asset.host for asset in office.register.assets() if asset.status == "in_operation"]
    run = run_playbook("doctor", inventory=office.inventory, office=office.root, limit=",".join([*wanted, "localhost"]))
    if "localhost" in run.failures:
        yield Check("servers", False, run.failures["localhost"], "cadangan doctor")
        return
    for host in wanted:
        failure = run.failures.get(host, "" if host in run.results else "did not report")
        reached = run.results.get(host, {}).get(_REACHED, {})
        found = failure or f"ready; room in {reached['repository']}: {size(reached['room'])}"
        yield Check(f"server {host}", not failure, found, f"cadangan onboard {host}")
