"""What an operator sees while a case is carried out: a line for each work item, live at a terminal, plain elsewhere."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cadangan.procedure.amounts import size
from cadangan.procedure.work import Item, describe

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

SAY_SECONDS = 15.0
WORK = "diskominfo.cadangan.work"


@dataclass
class Line:
    """How far one work item is."""

    item: Item
    stage: str = "waiting"
    bytes: int = 0
    rate: float = 0.0
    stage_began: float = 0.0
    started: float | None = None
    ended: float | None = None
    result: str = ""

    @property
    def elapsed(self) -> float:
        return (self.ended or time.monotonic()) - self.started if self.started else 0.0

    def text(self) -> str:
        if self.result:
            return f"{self.result} after {clock(self.elapsed)}"
        amount = f", {size(self.bytes)} at {size(self.rate)}/s" if self.bytes else ""
        return f"{self.stage}{amount}, {clock(self.elapsed)}"


class LiveView:
    """Follows a run from ansible-runner's events and from the progress that modules on the targets tell."""

    def __init__(self, console: Console, items: list[Item], progress_dir: Path) -> None:
        self._console = console
        self._lines = {item["id"]: Line(item) for item in items}
        self._progress_dir = progress_dir
        self._said: dict[str, tuple[str, float]] = {}
        self._live: Any = None

    def __enter__(self) -> LiveView:
        if self._console.is_terminal:
            from rich.live import Live

            self._live = Live(self._table(), console=self._console, refresh_per_second=4, transient=False)
            self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.tick()
        if self._live is not None:
            self._live.stop()

    def on_event(self, event: dict[str, Any]) -> None:
        """Take in one event of ansible-runner: the `work` action begins on a host, and its result names the item."""
        data = event.get("event_data") or {}
        if event.get("event") == "runner_on_start" and data.get("task_action") == WORK:
            self._begin(data.get("host"))
        answer = data.get("res") or {}
        line = self._lines.get(str(answer.get("work_item", "")))
        if line is not None and not line.result:
            line.started = line.started or time.monotonic()
            line.ended = time.monotonic()
            line.result = str(answer["result"])

    def _begin(self, asset: str | None) -> None:
        line = next((each for each in self._lines.values() if each.item["asset"] == asset and not each.started), None)
        if line is not None:
            line.started, line.stage = time.monotonic(), "begun"

    def tick(self) -> None:
        """Read the progress files and show what changed."""
        for number, line in self._lines.items():
            progress = self._read(number)
            if progress is not None and not line.result:
                self._move(line, progress)
        if self._live is not None:
            self._live.update(self._table())
        else:
            for line in self._lines.values():
                self._say(line)

    def _read(self, number: str) -> dict[str, Any] | None:
        try:
            progress: dict[str, Any] = json.loads((self._progress_dir / f"{number}.json").read_text())
        except (FileNotFoundError, ValueError):
            return None
        return progress

    @staticmethod
    def _move(line: Line, progress: dict[str, Any]) -> None:
        now = time.monotonic()
        line.started = line.started or now
        if progress["stage"] == line.stage and progress["bytes"] == line.bytes:
            return
        stage, count = str(progress["stage"]), int(progress["bytes"])
        if stage != line.stage:
            line.stage_began = now
        line.stage, line.bytes = stage, count
        line.rate = count / (now - line.stage_began) if now > line.stage_began else 0.0

    def _say(self, line: Line) -> None:
        state = line.result or line.stage
        before, when = self._said.get(line.item["id"], ("waiting", float("-inf")))
        if state == before and (line.result or line.stage == "waiting" or time.monotonic() - when < SAY_SECONDS):
            return
        self._said[line.item["id"]] = (state, time.monotonic())
        self._console.print(f"item {line.item['id']}: {describe(line.item)}: {line.text()}")

    def _table(self) -> Table:
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for name in ("Item", "Work", "Now", "Done", "Rate", "Time"):
            table.add_column(name, justify="right" if name in ("Done", "Rate", "Time") else "left")
        for number, line in self._lines.items():
            table.add_row(
                number,
                describe(line.item),
                line.result or line.stage,
                size(line.bytes) if line.bytes else "",
                f"{size(line.rate)}/s" if line.rate and not line.result else "",
                clock(line.elapsed) if line.started else "",
            )
        return table


def clock(seconds: float) -> str:
    """`0:07`, `12:30`, `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
