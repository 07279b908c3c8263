"""Carries what a program reads and writes, and cuts both off at once.

    python cut_wire.py up|down BYTES PROGRAM…

BYTES: so many are let through to the program (up), or from it (down).
"""

import contextlib
import os
import subprocess
import sys
import threading

direction, count, *program = sys.argv[1:]


def carry(source: int, target: int, allowed: float) -> None:
    """Until the source ends, the target is gone, or so many bytes were carried."""
    with contextlib.suppress(BrokenPipeError):
        while allowed > 0:
            data = os.read(source, int(min(allowed, 1 << 16)))
            if not data:
                return
            allowed -= len(data)
            while data:
                data = data[os.write(target, data) :]


def main() -> None:
    inner = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    assert inner.stdin and inner.stdout
    limit = {direction: int(count)}
    ways = [
        (0, inner.stdin.fileno(), limit.get("up", float("inf"))),
        (inner.stdout.fileno(), 1, limit.get("down", float("inf"))),
    ]
    threads = [threading.Thread(target=carry, args=way, daemon=True) for way in ways]
    for thread in threads:
        thread.start()
    while all(thread.is_alive() for thread in threads):
        threads[0].join(0.05)
    # The program sees the end of its input, whoever started us that we are gone.
    os._exit(255)


main()
