"""From the cases in the journal to the facts of a service-standard report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cadangan.documents.blocks import Letterhead
from cadangan.documents.office_facts import letterhead
from cadangan.evidence.cases import list_summaries, load_case
from cadangan.evidence.journal import Journal
from cadangan.procedure import moment
from cadangan.procedure.period import Period
from cadangan.procedure.service import StepService, TimedCase, measure
from cadangan.register.case_times import case_clocks, unknown_years
from cadangan.register.office import Office


@dataclass(frozen=True)
class AgencyService:
    """How one agency's cases were served."""

    id: str
    name: str
    cases: int
    steps: tuple[StepService, ...]


@dataclass(frozen=True)
class ServiceFacts:
    """Everything that the report says of the cases that were filed in `period`, as they stand at the time `at`.

    `agency` names the only one that it is about, `""` for all. `set_back` names the cases in which a clock was,
    `unknown_years` those whose holidays are not known.
    """

    letterhead: Letterhead
    timezone: str
    period: Period
    at: str
    agency: str
    cases: int
    steps: tuple[StepService, ...]
    agencies: tuple[AgencyService, ...]
    set_back: tuple[str, ...]
    unknown_years: tuple[int, ...]
    journal_seq: int
    journal_head: str


def service_facts(office: Office, journal: Journal, period: Period, agency: str | None, now: str) -> ServiceFacts:
    """The cases of `agency`, or of all if None, that were filed in the office's `period`; `BadInput` if unknown."""
    name = "" if agency is None else office.agency(agency).name
    head = journal.head()
    wanted = [
        row["case"]
        for row in list_summaries(journal)
        if agency in (None, row["agency"])
        and period.first <= moment.read(row["opened"]).astimezone(office.zone).date() <= period.last
    ]
    cases = [_timed(office, journal, case, now) for case in wanted]
    return ServiceFacts(
        letterhead=letterhead(office),
        timezone=office.settings.timezone,
        period=period,
        at=now,
        agency=name,
        cases=len(cases),
        steps=measure(cases),
        agencies=tuple(_by_agency(office, cases)),
        set_back=tuple(case.id for case in cases if any(clock.set_back for clock in case.clocks)),
        unknown_years=tuple(unknown_years(office, (clock for case in cases for clock in case.clocks), now)),
        journal_seq=head.seq,
        journal_head=head.hash,
    )


def _timed(office: Office, journal: Journal, case_id: str, now: str) -> TimedCase:
    case = load_case(journal, case_id)
    return TimedCase(case.id, case.agency, case_clocks(office, case, now))


def _by_agency(office: Office, cases: Iterable[TimedCase]) -> list[AgencyService]:
    grouped: dict[str, list[TimedCase]] = {}
    for case in cases:
        grouped.setdefault(case.agency, []).append(case)
    served = [
        AgencyService(
            id=agency,
            name=office.settings.agencies[agency].name if agency in office.settings.agencies else agency,
            cases=len(of_agency),
            steps=measure(of_agency),
        )
        for agency, of_agency in grouped.items()
    ]
    return sorted(served, key=lambda each: each.name)
