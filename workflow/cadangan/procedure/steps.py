"""The six steps of the procedure and the acts within them, read from `steps.yml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml import YAML

Text = dict[str, str]

MINUTES_OF_A_DAY = 480
"""So many minutes of standard time, and multiples of them, are working days, however long those of an office are."""


@dataclass(frozen=True)
class Step:
    """One row of the procedure's table; `limit_minutes` is the standard time in minutes of working time."""

    no: int
    activity: Text
    actors: tuple[str, ...]
    needs: tuple[Text, ...]
    limit_minutes: int | None
    output: Text


@dataclass(frozen=True)
class Act:
    """One thing that one person does within a step."""

    id: str
    step: int
    by: tuple[str, ...]
    leads: dict[str, tuple[str, ...]]
    decision: str | None = None


@dataclass(frozen=True)
class Procedure:
    steps: tuple[Step, ...]
    acts: dict[str, Act]

    @property
    def first(self) -> Act:
        return next(iter(self.acts.values()))

    def step_of(self, act: Act) -> Step:
        return self.steps[act.step - 1]

    def act_of_decision(self, decision: dict[str, Any]) -> Act:
        """The act whose decision this is: the kind of decision and the role tell it."""
        return next(
            act for act in self.acts.values() if act.decision == decision["step"] and decision["role"] in act.by
        )


@cache
def procedure() -> Procedure:
    """The procedure as it stands in `steps.yml`."""
    source = resources.files(__package__).joinpath("steps.yml").read_text("utf-8")
    raw = YAML(typ="safe").load(source)
    steps = tuple(
        Step(
            no=row["no"],
            activity=row["activity"],
            actors=tuple(row["actors"]),
            needs=tuple(row["needs"]),
            limit_minutes=row["limit_minutes"],
            output=row["output"],
        )
        for row in raw["steps"]
    )
    acts = {
        row["id"]: Act(
            id=row["id"],
            step=row["step"],
            by=tuple(row["by"]),
            leads={verdict: tuple(acts) for verdict, acts in row["leads"].items()},
            decision=row.get("decision"),
        )
        for row in raw["acts"]
    }
    return Procedure(steps, acts)
