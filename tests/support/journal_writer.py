"""A process that writes to a journal: `python journal_writer.py URL OFFICE NAME COUNT`.

It prints number and hash of every entry as soon as the journal has acknowledged it.
"""

from __future__ import annotations

import sys

from cadangan.evidence.journal import Journal

url, office, name, count = sys.argv[1:]
journal = Journal.open(url, office)
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(count)):
    row = journal.append({"type": "x", "case": f"B-2026-{number + 1:04d}", "writer": name, "n": number})
    print(row.seq, row.hash, flush=True)
