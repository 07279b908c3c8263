"""`cadangan case`: what is done, what is next, by whom, and how long it may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cadangan.cli.case_audit import audit
from cadangan.cli.case_export import export
from cadangan.cli.deciding import Apart, CaseId, Key, Person, Yes, load, sign_and_take, trust_of
from cadangan.cli.session import Session

if TYPE_CHECKING:
    from rich.console import Console

    from cadangan.procedure.case import Case

app = typer.Typer(no_args_is_help=True, help="The cases: what is done, what is next, by whom.")
app.command()(export)
app.command()(audit)


@app.command("list")
def list_cases(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also cases that are over.")] = False,
) -> None:
    """List cases, those that wait longest first."""
    from cadangan.evidence.cases import list_summaries

    session: Session = context.obj
    rows = [row for row in list_summaries(session.journal) if everything or row["next"] or row["status"] == "running"]
    rows.sort(key=lambda row: row["since"])
    session.show({"cases": rows}, lambda console: _print_list(console, session, rows, everything))


@app.command()
def show(context: typer.Context, case_id: CaseId) -> None:
    """Show one case: its work, every step with its working time, its runs, and what comes next."""
    from cadangan.cli.clocks import clock_lines, clock_rows
    from cadangan.procedure import moment
    from cadangan.procedure.case import summary_of
    from cadangan.register.case_times import case_clocks, unknown_years

    session: Session = context.obj
    case = load(session, case_id)
    now = moment.now()
    clocks = case_clocks(session.office, case, now)
    unknown = unknown_years(session.office, clocks, now)
    details = _details(case) | {"clocks": clock_rows(clocks), "unknown_holidays": unknown}
    session.show(
        summary_of(case) | details,
        lambda console: _print_case(console, session, case, list(clock_lines(clocks, session.office.zone, unknown))),
    )


@app.command()
def withdraw(
    context: typer.Context, case_id: CaseId, person: Person, key: Key = None, apart: Apart = None, yes: Yes = False
) -> None:
    """Withdraw a case before it is carried out (bidang or seksi); its permit is void from then on."""
    from cadangan.cli.deciding import say_where_it_stands
    from cadangan.evidence.withdrawals import take_withdrawal, write_withdrawal

    session: Session = context.obj
    case = load(session, case_id)
    text = write_withdrawal(session.journal, case, person, trust_of(session))
    after = sign_and_take(
        session,
        case,
        text,
        person=person,
        key=key,
        apart=apart,
        yes=yes,
        take=lambda signed, signature, trust: take_withdrawal(session.journal, signed, signature, trust),
    )
    if after is not None:
        say_where_it_stands(session, after)


def next_line(case: Case) -> str:
    """What comes next, by whom and within which time, and with which command."""
    from cadangan.cli.clocks import standard
    from cadangan.procedure import moment
    from cadangan.procedure.steps import procedure

    if not case.next_acts:
        return "Nothing is left to do." if case.status != "running" else "It is being carried out."
    act = case.next_acts[0]
    over = ""
    if act.id == "execute" and case.window and case.window["until"] < moment.now():
        act = procedure().acts["propose"]
        over = f"The window was over at {case.window['until']}. "
    limit = procedure().step_of(act).limit_minutes
    within = f", within {standard(limit)}" if limit else ""
    command = COMMANDS[act.id].format(case=case.id)
    return f"{over}Next: step {act.step}, {act.id} by {'/'.join(act.by)}{within}: cadangan {command}"


COMMANDS = {
    "disposition_bidang": "disposition accept {case} --as PERSON",
    "disposition_seksi": "disposition accept {case} --as PERSON --executor PERSON",
    "propose": "schedule propose {case} --as PERSON --from TIME --until TIME",
    "agree": "schedule agree {case} --as PERSON",
    "execute": "execute {case} --as PERSON",
    "report": "report {case} --as PERSON",
    "confirm": "confirm {case} --as PERSON",
    "acknowledge": "acknowledge {case} --as PERSON",
}


def _details(case: Case) -> dict[str, Any]:
    return {
        "items": case.items,
        "window": case.window,
        "steps": [
            {
                "act": passed.act.id,
                "step": passed.act.step,
                "person": passed.person,
                "at": passed.at,
                "verdict": passed.verdict,
            }
            for passed in case.passed
        ],
        "runs": [
            {
                "run": run.id,
                "started": run.started_at,
                "via": run.via,
                "result": run.result,
                "items": run.ended["items"] if run.ended else [],
            }
            for run in case.runs
        ],
        "documents": [{"name": entry["name"], "sha256": entry["sha256"]} for entry in case.documents],
    }


def _print_list(console: Console, session: Session, rows: list[dict[str, Any]], everything: bool) -> None:
    from cadangan.procedure.moment import read

    if not rows:
        console.print("There is no case." if everything else "No case is open. See all with --all.")
        return
    zone = session.office.zone
    lines = [("CASE", "STATUS", "SINCE", "NEXT", "BY", "AGENCY", "SUBJECT")]
    for row in rows:
        since = f"{read(row['since']).astimezone(zone):%Y-%m-%d %H:%M}"
        by = "/".join(row["by"]) or "-"
        lines.append((row["case"], row["status"], since, row["next"] or "-", by, row["agency"], row["subject"]))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]) - 1)]
    # Padded by hand: a table object costs seconds for ten thousand rows.
    for line in lines:
        padded = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
        console.out("  ".join([*padded, line[-1]]), highlight=False)


def _print_case(console: Console, session: Session, case: Case, clocks: list[str]) -> None:
    from cadangan.procedure.work import describe

    letter = case.request["letter"]
    console.print(f"{case.id}  {case.status}  {case.request['subject']}")
    console.print(f"Letter {letter['number']} of {letter['date']}, {case.agency}")
    console.print("\nWork")
    done = case.done_items
    for item in case.items:
        console.print(f"  {'✓' if item['id'] in done else '·'} {item['id']}. {describe(item)}")
        if "set" in item:
            console.print(f"      from set {item['set']}, data of {item['data_from']}")
    if case.window:
        console.print(f"  window {case.window['from']} to {case.window['until']}")
    console.print("\nSteps")
    for passed in case.passed:
        console.print(f"  {passed.act.step}  {passed.at}  {passed.act.id}: {passed.verdict}, {passed.person}")
    console.print(f"\nWorking time ({session.office.settings.timezone})")
    for line in clocks:
        console.print(line)
    for run in case.runs:
        console.print(f"\nRun {run.id} of {run.started_at} by {run.via}: {run.result}")
        for item in run.ended["items"] if run.ended else []:
            console.print(f"  item {item['item']}: {item['result']} {item['message']}".rstrip())
            facts = run.outcomes[item["item"]]["facts"] if item["item"] in run.outcomes else {}
            for name in ("set", "aside"):
                if facts.get(name):
                    console.print(f"    {name}: {facts[name]}")
    for document in case.documents:
        console.print(f"\nDocument {session.office.case_dir(case.id) / document['name']}")
    console.print(f"\n{next_line(case)}")
