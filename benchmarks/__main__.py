"""Measure the performance laws of this project against its peers and print one table.

    python -m benchmarks [start-up] [reading] [running] [manual] [--rounds N]

Peers get environments of their own under build/benchmarks (Semantic Kernel 1.32.2, LangGraph, pydantic-graph), made
at the first run, which needs a package index.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sys
from collections.abc import Callable, Iterator

from .measuring import Row
from .rows import manual, reading, running, start_up

PARTS: dict[str, Callable[[int], Iterator[Row]]] = {
    "start-up": start_up,
    "reading": reading,
    "running": running,
    "manual": manual,
}


def main() -> None:
    """Print a Markdown table of the chosen parts."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("parts", nargs="*", help=f"what to measure: {', '.join(PARTS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each pair runs in turn (default 5)")
    chosen = parser.parse_args()
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(f"{datetime.datetime.now(tz=datetime.UTC).date()}, medians of {chosen.rounds} rounds in turn\n")
    print("| what | ours | peer | ratio | bar | met |\n|---|---|---|---|---|---|")
    failed = False
    for part in chosen.parts or PARTS:
        for row in PARTS[part](chosen.rounds):
            print(f"| {' | '.join(row.cells())} |", flush=True)
            failed |= row.met is False
    sys.exit(failed)


if __name__ == "__main__":
    main()
