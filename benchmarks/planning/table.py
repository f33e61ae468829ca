"""The table of docs/embedded-planner.md, by one command: `local` in all the ways that say what counts.

    python -m benchmarks.planning.table --sample 104

Each way is measured in a process of its own, adds a line a goal to `results/`, and goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from .measure import KINDS, share, summary

__all__ = ["WAYS", "main"]

RESULTS = Path(__file__).with_name("results")
Row = Mapping[str, object]

WAYS: Mapping[str, tuple[str, ...]] = {
    "by hand": ("--packs", "written"),
    "tuned": (),
    "tuned, one guess": ("--guesses", "1"),
    "tuned, given, one guess": ("--given", "--guesses", "1"),
    "tuned, free": ("--free",),
    "tuned, free, given": ("--free", "--given"),
    "untuned": (),
    "untuned, sketches": ("--sketch",),
    "untuned, sketches, given": ("--sketch", "--given"),
    "untuned, sketches, free, given": ("--free", "--given"),
}
"""What each way adds to the command: whether retrieval chooses or the functions are given, and the grammar holds."""

SHORTER = 2
"""How many times fewer goals the ways are measured on that are not the product's own."""


def _measured(name: str, sample: int) -> list[Row]:
    """Measure a way on so many goals, or go on with it, and return what came of it."""
    path = RESULTS / f"{name.replace(', ', '-').replace(' ', '-')}.jsonl"
    size = sample // SHORTER if name.startswith("untuned") or "free" in name else sample
    if sample:
        adapter = {"FORETHOUGHT_LOCAL_ADAPTER": "none"} if name.startswith("untuned") else {}
        command = [sys.executable, "-m", "benchmarks.planning.measure", "--out", str(path), "--sample", str(size)]
        subprocess.run([*command, *WAYS[name]], check=True, env={**os.environ, **adapter})
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def _line(name: str, rows: Sequence[Row]) -> str:
    """Return a line: the share of right graphs for each kind of goals."""
    cells = [name]
    for _, packs, steps in KINDS:
        those = [bool(each["graph"]) for each in rows if each["packs"] == packs and each["steps"] in steps]
        cells.append(share(those) if those else "-")
    return f"| {' | '.join(cells)} |"


def _by_steps(rows: Sequence[Row]) -> str:
    """Return the share of right graphs for each number of steps."""
    sizes = range(1, 7)
    lines = [f"| steps | {' | '.join(str(each) for each in sizes)} |", "|---" * (len(sizes) + 1) + "|"]
    for packs in ("seen", "unseen"):
        those = [[bool(each["graph"]) for each in rows if (each["packs"], each["steps"]) == (packs, n)] for n in sizes]
        lines.append(f"| {packs} | {' | '.join(share(each) if each else '-' for each in those)} |")
    return "\n".join(lines)


def _certainty(rows: Sequence[Row]) -> str:
    """Return how often a plan is exact, by how sure the model was of it."""
    lines = ["| the model is sure by | plans | of them exact |", "|---|---|---|"]
    edges = (0.0, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.01)
    told = [each for each in rows if each["confidence"] is not None]
    for low, high in itertools.pairwise(edges):
        those = [each for each in told if low <= math.exp(cast("float", each["confidence"])) < high]
        if those:
            right = share([bool(each["exact"]) for each in those])
            lines.append(f"| {low:.0%} to {min(high, 1):.0%} | {len(those)} | {right} |")
    return "\n".join(lines)


def main() -> None:
    """Measure all ways, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=0, help="how many goals (default: none, only print)")
    parser.add_argument("--way", action="append", choices=list(WAYS), help="only these ways")
    given = parser.parse_args()
    known = {name: _measured(name, given.sample if name in (given.way or WAYS) else 0) for name in WAYS}
    print("| way | " + " | ".join(name for name, _, _ in KINDS) + " |")
    print("|---" * (len(KINDS) + 1) + "|")
    by_hand = known.pop("by hand")
    for name, rows in known.items():
        if rows:
            print(_line(name, rows))
    own = [*by_hand, *(each for each in known["tuned"] if each["packs"] != "written")]
    print(f"\n{summary(own)}\n\n{_by_steps(own)}\n\n{_certainty(own)}")


if __name__ == "__main__":
    main()
