"""Kill workers at random instants while runs go on, until these have ended, and print what happened to the world.

    python -m benchmarks.scaling.kills [--kills N] [--seed N]

Three workers share a PostgreSQL. Each that is killed, with SIGKILL, is replaced by another one. The plan has twelve
steps, with branches side by side, a loop and counted effects; what is in doubt is settled by looking whether the
effect is there. The exit status is 1 where an effect is lost, or happens twice unasked, or a run does not come to what
it comes to in process.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.counting import print_counts
from forethought.planners import parse
from tests.integration.killing_workers import PLAN, REPEATABLE, Ended, alone, sweep

from .postgres import postgres

__all__ = ["main", "table"]


def table(whole: Ended, ended: Sequence[Ended], kills: int) -> tuple[list[tuple[str, str]], bool]:
    """Return what is told of the runs, and whether all of it is as it must be."""
    wanted = Counter(whole.effects)
    once = again = twice = lost = 0
    for each in ended:
        had = Counter(each.effects)
        for effect in wanted | had:
            more = had[effect] - wanted[effect]
            once += had[effect] == wanted[effect]
            again += max(more, 0) * (effect[0] in REPEATABLE)
            twice += max(more, 0) * (effect[0] not in REPEATABLE)
            lost += max(-more, 0)
    equal = sum(each.outcome == whole.outcome for each in ended)
    rows = [
        ("workers killed", f"{kills:,}"),
        ("runs that went on meanwhile", f"{len(ended):,}"),
        ("steps that were reported in doubt", f"{sum(each.doubtful for each in ended):,}"),
        ("effects that happened exactly once", f"{once:,} of {len(wanted) * len(ended):,}"),
        ("idempotent effects repeated", f"{again:,}"),
        ("other effects repeated unasked", f"{twice:,}"),
        ("effects lost", f"{lost:,}"),
        ("runs that came to what they come to in process", f"{equal:,} of {len(ended):,}"),
    ]
    return rows, not twice and not lost and equal == len(ended)


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling.kills")
    parser.add_argument("--kills", type=int, default=200, help="how many workers are killed (default 200)")
    parser.add_argument("--seed", type=int, default=1, help="which instants (default 1)")
    chosen = parser.parse_args()
    plan, started = parse(PLAN), time.perf_counter()
    with tempfile.TemporaryDirectory() as name, postgres() as database:
        folder = Path(name)
        whole = asyncio.run(alone(folder, plan))
        ended = asyncio.run(sweep(database, folder, [plan], times=chosen.kills, seed=chosen.seed, tell=_tell))
    rows, good = table(whole, ended, chosen.kills)
    print_counts(rows, time.perf_counter() - started)
    sys.exit(not good)


def _tell(said: str) -> None:
    print(said, file=sys.stderr)


if __name__ == "__main__":
    main()
