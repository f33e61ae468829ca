"""Measure many runs at once in one process beside plain asyncio and DBOS, and what a step costs; print two tables.

    python -m benchmarks.scaling.runs [--runs 1000] [--waits 0.01 0.5] [--rounds 3]

Each kind runs in a process of its own, all in turn; figures are medians. The journal lies on a disk, in the working
directory; PostgreSQL is started for it, and waits for the disk as well.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.measuring import ROOT, Subject

from .postgres import postgres

__all__ = ["asked", "main"]

KINDS = {
    "asyncio, by hand": "plain",
    "forethought, no journal": "ours",
    "forethought, journal": "normal",
    'forethought, journal, `"full"`': "full",
    "forethought, journal in PostgreSQL": "postgres",
    "DBOS, PostgreSQL": "dbos",
}


def asked(module: str, *arguments: object) -> dict[str, float]:
    """Run a module of this folder in a process of its own, and return what it prints."""
    command = [sys.executable, "-m", f"benchmarks.scaling.{module}", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise SystemExit(f"{module} {arguments} failed:\n{done.stderr}")
    return {str(name): float(value) for name, value in json.loads(done.stdout.splitlines()[-1]).items()}


def _for_dbos(address: str) -> str:
    return address.replace("postgresql:", "postgresql+psycopg:")


def _medians(found: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: statistics.median(each[name] for each in found) for name in found[0]}


def _orders(kind: str, runs: int, wait: float, database: str) -> dict[str, float]:
    if kind == "dbos":
        return asked("peer", "orders", runs, wait, _for_dbos(database))
    if kind == "postgres":
        return asked("at_once", kind, runs, wait, database)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:  # a disk, where there is one, and not memory
        return asked("at_once", kind, runs, wait, folder)


def many(runs: int, wait: float, rounds: int, database: str) -> None:
    """Print one table: so many orders at once, of each kind."""
    found = [{kind: _orders(kind, runs, wait, database) for kind in KINDS.values()} for _ in range(rounds)]
    print(f"\n{runs:,} orders at once, each call waits {wait * 1000:g} ms\n")
    print("| | runs/s | × asyncio | p50 | p95 | p99 | last ÷ first | Jain | memory | kept | twice |")
    print(f"|---|{'---|' * 10}")
    plain = _medians([each["plain"] for each in found])
    for name, kind in KINDS.items():
        row = _medians([each[kind] for each in found])
        quantiles = " | ".join(f"{row[each]:.2f} s" for each in ("p50", "p95", "p99"))
        spread = f"{row['last'] / row['first']:.2f} | {row['fairness']:.2f}"
        slower = plain["runs/s"] / row["runs/s"]
        kept = f"{row['kept'] / 1024:.1f} kB" if "kept" in row else ""
        rest = f"{row['memory'] / 1024:.0f} kB | {kept} | {row['twice']:.0f}"
        print(f"| {name} | {row['runs/s']:,.0f} | {slower:.1f} | {quantiles} | {spread} | {rest} |", flush=True)


def single(rounds: int, database: str) -> None:
    """Print one table: what a step of a chain costs, and a run on a queue."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        subjects: dict[str, Callable[[], float]] = {
            "forethought, journal": lambda: Subject.script("ours", "run_journal.py", "1000", "normal").measure(),
            'forethought, journal, `"full"`': lambda: Subject.script("ours", "run_journal.py", "300", "full").measure(),
            "DBOS, SQLite": lambda: asked("peer", "steps", 200, 0, f"sqlite:///{folder}/dbos.db")["step"],
            "DBOS, PostgreSQL": lambda: asked("peer", "steps", 500, 0, _for_dbos(database))["step"],
        }
        found = [{name: measure() for name, measure in subjects.items()} for _ in range(rounds)]
    medians = _medians(found)
    print("\n| one step of a chain | µs | × DBOS on PostgreSQL |\n|---|---|---|")
    for name, took in medians.items():
        print(f"| {name} | {took:,.0f} | {took / medians['DBOS, PostgreSQL']:.3f} |", flush=True)
    queued = _medians([asked("peer", "queued", 300, 0, _for_dbos(database)) for _ in range(rounds)])
    print("\n| one run on a queue | put | whole | runs/s |\n|---|---|---|---|")
    print(f"| DBOS, PostgreSQL, one step | {queued['put']:.1f} ms | {queued['run']:.1f} ms | {queued['runs/s']:.0f} |")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling.runs")
    parser.add_argument("--runs", type=int, default=1000, help="how many at once (default 1000)")
    parser.add_argument("--waits", type=float, nargs="*", default=[0.01, 0.5], help="seconds that each call waits")
    parser.add_argument("--rounds", type=int, default=3, help="how often each kind runs in turn (default 3)")
    chosen = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(f"{datetime.datetime.now(tz=datetime.UTC).date()}, medians of {chosen.rounds} rounds in turn")
    with postgres() as database:
        for wait in chosen.waits:
            many(chosen.runs, wait, chosen.rounds, database)
        single(chosen.rounds, database)


if __name__ == "__main__":
    main()
