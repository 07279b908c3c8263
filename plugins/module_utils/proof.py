# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Comparing what was in a database when it was backed up with what is in it after a restore."""

from __future__ import annotations

from typing import Dict, List, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError, Fact

_TOLD = 20


class ProofFailed(EngineError):
    """A restored database is not what was backed up; `differences` has a readable line for each one."""

    def __init__(self, differences: List[str]) -> None:
        told = "; ".join(differences[:_TOLD])
        more = f"; and {len(differences) - _TOLD} more" if len(differences) > _TOLD else ""
        super().__init__(
            f"The restored database is not what was backed up: {told}{more}",
            "The original was left as it was. Keep this set for an investigation and use another one.",
        )
        self.differences = differences


def differences(expected: List[Fact], found: List[Fact]) -> List[str]:
    """One line for each fact that was lost, added or changed, in whatever order they came."""
    before, after = _by_name(expected), _by_name(found)
    lines = []
    for key in sorted(before.keys() | after.keys()):
        kind, name = key
        # A name may hold line breaks; in a message it must stay within its line.
        thing = f"{kind} {name!a}"
        if key not in after:
            lines.append(f"lost: {thing}")
        elif key not in before:
            lines.append(f"added: {thing}")
        elif before[key] != after[key]:
            was, now = " and ".join(before[key]), " and ".join(after[key])
            lines.append(f"changed: {thing} (was {was}, is {now})")
    return lines


def compare(expected: List[Fact], found: List[Fact]) -> None:
    """Raise ProofFailed unless both say the same."""
    lines = differences(expected, found)
    if lines:
        raise ProofFailed(lines)


def _by_name(facts: List[Fact]) -> Dict[Tuple[str, str], List[str]]:
    # A list of values, so that a fact that is there twice is not the same as one that is there once.
    index: Dict[Tuple[str, str], List[str]] = {}
    for fact in facts:
        index.setdefault((fact["kind"], fact["name"]), []).append(fact["value"])
    for values in index.values():
        values.sort()
    return index
