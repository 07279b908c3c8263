"""What every command shares: which office, how to print, how an error ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from cadangan.evidence.journal import Journal
    from cadangan.register.office import Office


@dataclass
class Session:
    """One call of the command line; kept in `typer.Context.obj`.

    Everything heavy is opened on first use, so that `--help` stays fast.
    """

    office_dir: Path
    as_json: bool

    @cached_property
    def office(self) -> Office:
        """The office of `--office`, `CADANGAN_OFFICE` or the current folder; `BadInput` or `Missing` if it is wrong."""
        from cadangan.register.office import Office

        return Office.load(self.office_dir)

    @cached_property
    def journal(self) -> Journal:
        from cadangan.register.office_journal import open_journal

        return open_journal(self.office)

    @cached_property
    def console(self) -> Console:
        from rich.console import Console

        return Console(highlight=False, soft_wrap=True, markup=False)

    @cached_property
    def progress_console(self) -> Console:
        """Where long work tells how far it is: standard error, so that standard output holds the result alone."""
        from rich.console import Console

        return Console(
            stderr=True, highlight=False, soft_wrap=True, markup=False, quiet=self.as_json and not sys.stderr.isatty()
        )

    def show(self, data: dict[str, Any], text: Callable[[Console], None]) -> None:
        """Print `data` as one JSON object with `--json`, otherwise call `text` with the console."""
        if self.as_json:
            print(json.dumps(data, ensure_ascii=False, indent=2))
        else:
            text(self.console)
