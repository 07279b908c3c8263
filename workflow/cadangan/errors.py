"""Errors that a user reads, and the exit status that each of them ends with."""

from __future__ import annotations

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_BAD_INPUT = 2
EXIT_REFUSED = 3
EXIT_MISSING = 4


class CadanganError(Exception):
    """Something that the user can act on: `message` says what is wrong, `advice` what to do.

    `where` names the file and field (`office.yml: policy.recipients`) when the cause is in one.
    """

    exit_code = EXIT_FAILED

    def __init__(self, message: str, *, where: str = "", advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.advice = advice

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head}\n{self.advice}" if self.advice else head


class WorkFailed(CadanganError):
    """A run, a check or a verification found that something is not right."""


class BadInput(CadanganError):
    """A file or an argument of the user is not as it must be."""

    exit_code = EXIT_BAD_INPUT


class Missing(CadanganError):
    """A thing that is named or needed is not there: a case, a tool, an office."""

    exit_code = EXIT_MISSING
