"""Programs that ask at a terminal."""

from __future__ import annotations

import os
import pty
import shutil
import time


def at_a_terminal(argv: list[str], *answers: str) -> str:
    """Run a program with a terminal of its own, where it asks and `answers` are typed; what it showed."""
    program = shutil.which(argv[0])
    assert program
    child, terminal = pty.fork()
    if child == 0:
        os.execv(program, argv)  # noqa: S606 - no shell is wanted
    shown = b""
    left = list(answers)
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            piece = b""
        if not piece:
            break
        shown += piece
        if left and piece.rstrip().endswith(b":"):
            # age switches the echo off only after it has asked.
            time.sleep(0.2)
            os.write(terminal, f"{left.pop(0)}\n".encode())
    os.close(terminal)
    os.waitpid(child, 0)
    return shown.decode("utf-8", "replace")
