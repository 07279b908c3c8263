"""The one exception for every "no" of the gate, on the control host and on a target alike."""

from __future__ import annotations


class Refused(Exception):
    """Something is not permitted.

    `reason` says what is wrong and names the thing, `rule` the rule that forbids it, `advice` what to do now.
    """

    def __init__(self, reason: str, rule: str = "", advice: str = "") -> None:
        super().__init__(reason, rule, advice)
        self.reason = reason
        self.rule = rule
        self.advice = advice

    def __str__(self) -> str:
        lines = [self.reason]
        if self.rule:
            lines.append("Rule: " + self.rule)
        if self.advice:
            lines.append("To do: " + self.advice)
        return "\n".join(lines)
