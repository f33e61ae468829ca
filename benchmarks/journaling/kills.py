"""Kill runs at random instants, resume each until it is done, and print what happened to the world.

    python -m benchmarks.journaling.kills [--kills N] [--seed N]

The plan has twelve steps, with branches side by side, a loop and nine counted effects; what is in doubt is settled by
looking whether the effect is there. The exit status is 1 where an effect is lost, or happens twice, or the end of a run
is not that of one that was left alone.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.counting import print_counts
from tests.integration.killing import Killed, sweep

__all__ = ["main", "table"]


def table(whole: Killed, killed: list[Killed]) -> tuple[list[tuple[str, str]], bool]:
    """Return what is told of the runs that were killed, and whether all of it is as it must be."""
    wanted = Counter(map(str, whole.effects))
    once = twice = lost = 0
    for each in killed:
        had = Counter(map(str, each.effects))
        once += sum(1 for effect in wanted.elements() if had[effect] == wanted[effect])
        twice += (had - wanted).total()
        lost += (wanted - had).total()
    equal = sum(each.outcome == whole.outcome for each in killed)
    rows = [
        ("runs that were killed", f"{len(killed):,}"),
        ("times killed", f"{sum(each.kills for each in killed):,}"),
        ("times resumed", f"{sum(each.resumes for each in killed):,}"),
        ("resumes that reported a step in doubt", f"{sum(each.doubtful for each in killed):,}"),
        ("effects that happened exactly once", f"{once:,} of {wanted.total() * len(killed):,}"),
        ("effects repeated unasked", f"{twice:,}"),
        ("effects lost", f"{lost:,}"),
        ("runs with the value and variables of an uninterrupted one", f"{equal:,} of {len(killed):,}"),
    ]
    return rows, not twice and not lost and equal == len(killed)


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.journaling.kills")
    parser.add_argument("--kills", type=int, default=200, help="how many runs are killed (default 200)")
    parser.add_argument("--seed", type=int, default=1, help="which instants (default 1)")
    chosen = parser.parse_args()
    started, killed = time.perf_counter(), list[Killed]()
    with tempfile.TemporaryDirectory() as folder:
        runs = sweep(Path(folder), chosen.seed)
        whole = next(runs)
        while len(killed) < chosen.kills:
            if (each := next(runs)).kills:  # else it was done before
                killed.append(each)
    rows, good = table(whole, killed)
    print_counts(rows, time.perf_counter() - started)
    sys.exit(not good)


if __name__ == "__main__":
    main()
