"""Run the benchmarks beside this file: all, or those named (`python tests/benchmark control`)."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from measuring import print_table  # noqa: E402

names = sys.argv[1:] or sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
for name in names:
    print_table(name, importlib.import_module(f"bench_{name}").measure())
