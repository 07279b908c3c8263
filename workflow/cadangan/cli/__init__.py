"""The command line: one file per noun, put together here."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from cadangan import __version__
from cadangan.cli import (
    bring,
    case,
    disposition,
    drill,
    execute,
    hold,
    journal,
    keys,
    office,
    onboard,
    register,
    report,
    request,
    retention,
    schedule,
    service_report,
    set,
    status,
    trust,
)
from cadangan.cli.session import Session
from cadangan.errors import EXIT_FAILED, EXIT_REFUSED, CadanganError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Back up and restore database servers by your office's signed procedure, and prove it.",
    epilog="Exit status: 0 done, 1 work or check failed, 2 bad input, 3 refused by the procedure, "
    "4 something is missing.",
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"cadangan {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    office: Annotated[
        Path, typer.Option(envvar="CADANGAN_OFFICE", help="Folder of the office.", show_default="current folder")
    ] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for machines.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    context.obj = Session(office, as_json)


OFFICE = "The office"
PROCEDURE = "The procedure, step by step"
EVIDENCE = "What there is, and whether it is right"

app.command(rich_help_panel=OFFICE)(office.init)
app.command(rich_help_panel=OFFICE)(office.doctor)
app.add_typer(office.app, name="office", rich_help_panel=OFFICE)
app.add_typer(trust.app, name="trust", rich_help_panel=OFFICE)
app.add_typer(keys.app, name="keys", rich_help_panel=OFFICE)
app.add_typer(register.app, name="register", rich_help_panel=OFFICE)
app.command(rich_help_panel=OFFICE)(onboard.onboard)
app.command(rich_help_panel=PROCEDURE)(request.request)
app.add_typer(disposition.app, name="disposition", rich_help_panel=PROCEDURE)
app.add_typer(schedule.app, name="schedule", rich_help_panel=PROCEDURE)
app.command(rich_help_panel=PROCEDURE)(execute.order)
app.command(rich_help_panel=PROCEDURE)(execute.execute)
app.command(rich_help_panel=PROCEDURE)(report.report)
app.command(rich_help_panel=PROCEDURE)(report.confirm)
app.command(rich_help_panel=PROCEDURE)(report.acknowledge)
app.command(rich_help_panel=PROCEDURE)(bring.bring)
app.command(rich_help_panel=EVIDENCE)(status.status)
app.add_typer(case.app, name="case", rich_help_panel=EVIDENCE)
app.add_typer(set.app, name="set", rich_help_panel=EVIDENCE)
app.add_typer(retention.app, name="retention", rich_help_panel=EVIDENCE)
app.add_typer(hold.app, name="hold", rich_help_panel=EVIDENCE)
app.command(rich_help_panel=EVIDENCE)(report.document)
app.command(rich_help_panel=EVIDENCE)(service_report.service_report)
app.add_typer(drill.app, name="drill", rich_help_panel=EVIDENCE)
app.add_typer(journal.app, name="journal", rich_help_panel=EVIDENCE)


def main() -> None:
    """Run the command line; an expected error is printed as text and ends with its exit status."""
    from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
    from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused

    try:
        app()
    except CadanganError as error:
        print(f"cadangan: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except Refused as refusal:
        print(f"cadangan: refused: {refusal}", file=sys.stderr)
        sys.exit(EXIT_REFUSED)
    except EngineError as error:
        print(f"cadangan: {error.message}\n{error.advice}".rstrip(), file=sys.stderr)
        sys.exit(EXIT_FAILED)
    except BrokenPipeError:
        sys.exit(141)
    except Exception as fault:
        if os.environ.get("CADANGAN_DEBUG"):
            raise
        print(
            f"cadangan: a fault of the program itself: {type(fault).__name__}: {fault}\n"
            "Please report it, with what CADANGAN_DEBUG=1 shows.",
            file=sys.stderr,
        )
        sys.exit(EXIT_FAILED)
