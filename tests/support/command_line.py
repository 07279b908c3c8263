"""The command line without a process of its own: the same `main`, and hundreds of commands in the time of a few."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from unittest import mock

import pytest
from cadangan.cli import main


def types(*arguments: str, status: int = 0) -> str:
    """Run `cadangan` with these arguments; it must end with `status`. What it printed, and its errors after that."""
    printed, errors = _terminal(), _terminal()
    # Nothing of a test runner's own settings and keys.
    environment = {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ}
    with (
        mock.patch.object(sys, "argv", ["cadangan", *arguments]),
        mock.patch.dict(os.environ, environment, clear=True),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(errors),
        pytest.raises(SystemExit) as end,
    ):
        main()
    said = (printed.buffer.getvalue() + errors.buffer.getvalue()).decode()
    assert (end.value.code or 0) == status, said
    return said


def _terminal() -> io.TextIOWrapper[io.BytesIO]:
    # Ansible wants more of standard error than `StringIO` has.
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
