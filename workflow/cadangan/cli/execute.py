"""`cadangan execute` and `cadangan order`: carry out what was permitted (step 4)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cadangan.cli.deciding import Apart, CaseId, Key, Person, Yes
from cadangan.cli.sending import send_and_tell
from cadangan.cli.session import Session
from cadangan.errors import WorkFailed

if TYPE_CHECKING:
    from rich.console import Console

    from cadangan.execution.execute import Execution
    from cadangan.procedure.case import Case

Identity = Annotated[
    Path | None,
    typer.Option(
        "--identity",
        envvar="CADANGAN_IDENTITY",
        metavar="FILE",
        help="For a restore: file with the age identity of one recipient of the set.",
    ),
]


def order(
    context: typer.Context, case_id: CaseId, person: Person, key: Key = None, apart: Apart = None, yes: Yes = False
) -> None:
    """Sign the order to carry out a case, for a later `execute`, `ansible-playbook` or AWX job."""
    from cadangan.cli.deciding import say_where_it_stands

    after = _order(context.obj, case_id, person, key, apart, yes)
    if after is not None:
        say_where_it_stands(context.obj, after)


def execute(
    context: typer.Context,
    case_id: CaseId,
    person: Person,
    key: Key = None,
    identity: Identity = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only check: what would be done, and what stands in the way.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Carry out a case as permitted, and show how it goes.

    Signs the order first unless you signed one that still covers the case.
    """
    from cadangan.cli.deciding import load, trust_of
    from cadangan.evidence.orders import usable_order
    from cadangan.execution.execute import execute_case, rehearse_case
    from cadangan.execution.run_log import check_work, close_if_gone
    from cadangan.execution.set_keys import check_identity, unlocked
    from cadangan.procedure import moment
    from cadangan.procedure.rules import check_act

    session: Session = context.obj
    case: Case | None = close_if_gone(session.journal, load(session, case_id))
    assert case is not None
    check_act(case, "execute", person, trust_of(session), moment.now())
    check_work(session.office, session.journal, case.open_items)
    with unlocked(identity if case.kind == "restore" else None) as usable_identity:
        check_identity(session.office, case.open_items, usable_identity)
        if usable_order(session.journal, case, person) is None:
            case = _order(session, case_id, person, key, None, yes)
            assert case is not None
        if check:
            checked = rehearse_case(session.office, case, usable_identity)
            session.show(checked, lambda console: console.print(f"{case_id}: {checked['result']}."))
            return
        execution = execute_case(session.office, session.journal, case, usable_identity, session.progress_console)
    send_and_tell(session)
    session.show(execution.as_dict(), lambda console: _print_execution(console, execution))
    if not execution.succeeded:
        raise WorkFailed(
            f"case {case_id}: the run ended as {execution.run.result}",
            advice=f"See what is next with: cadangan case show {case_id}",
        )


def _print_execution(console: Console, execution: Execution) -> None:
    from cadangan.cli.case import next_line

    for item in execution.as_dict()["items"]:
        console.print(f"item {item['item']}: {item['result']} {item['message']}".rstrip())
        for name in ("set", "aside"):
            if item["facts"].get(name):
                console.print(f"  {name}: {item['facts'][name]}")
    if execution.succeeded:
        console.print(next_line(execution.case))


def _order(session: Session, case_id: str, person: str, key: Path | None, apart: Path | None, yes: bool) -> Case | None:
    from cadangan.cli.deciding import load, sign_and_take, trust_of
    from cadangan.evidence.orders import take_order, write_order

    case = load(session, case_id)
    text = write_order(session.journal, case, person, trust_of(session))
    return sign_and_take(
        session,
        case,
        text,
        person=person,
        key=key,
        apart=apart,
        yes=yes,
        take=lambda signed, signature, trust: take_order(session.journal, signed, signature, trust),
    )
