"""What the asset register says of one database: whose it is, what its agency was promised, and how it is kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from cadangan.procedure.fields import Identifier, Line, Size, Span
from cadangan.procedure.retention import Retention
from cadangan.register.strict import STRICT


class Objectives(BaseModel):
    """What an agency was promised of a database."""

    model_config = STRICT

    recovery_point: Span | None = None
    """How old the newest backup may get."""
    recovery_time: Span | None = None
    """How long a restore may take."""


class Database(BaseModel):
    """A database on a server, or other data that are backed up like one."""

    model_config = STRICT

    engine: Line
    """`postgresql`, `mariadb`, `mysql`, `redis`, `sqlite` or `files`."""
    instance: Annotated[str, Field(max_length=100)] = ""
    """What the engine calls the running server: its port; nothing for `sqlite` and `files`."""
    name: Annotated[str, Field(min_length=1, max_length=4096)]
    """Its name there: of a database, `all` for `redis`, or the absolute path of a file or folder."""
    application: Line | None = None
    """The application that uses it."""
    agency: Identifier
    """Whose data these are; the server's own agency unless it is said here."""
    version: Line | None = None
    """Version of the engine, as long as it is meant to be: `15` is also `15.18`."""
    size: Size | None = None
    """How large it was when it was registered or reviewed."""
    objectives: Objectives = Objectives()
    """What its agency was promised."""
    retention: Retention | None = None
    """Which of its sets are kept, unless the office's own rule does."""

    @property
    def label(self) -> str:
        instance = f":{self.instance}" if self.instance else ""
        return f"{self.engine}{instance} {self.name}"
