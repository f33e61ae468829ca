"""Run many orders at once in this process, and print as JSON what came of it: `at_once.py KIND RUNS WAIT PLACE`.

KIND is `plain` for asyncio by hand, `ours` without a journal, `normal` or `full` with one in a file of the folder
PLACE, `postgres` with one in the database PLACE. Figures of time are seconds.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from forethought.planners import Journal, parse, run, schedule

from .work import EFFECTS, PLAN, Work, jain

__all__ = ["Kind", "Outcome", "at_once"]

Kind = Literal["plain", "ours", "normal", "full", "postgres"]
BATCHES = 3
"""Times that all are run: what is held for good grows with each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one batch: when each run ended, from the beginning of all; memory in bytes."""

    took: float
    ends: list[float]
    fairness: float
    memory: int
    twice: int


async def at_once(kind: Kind, runs: int, wait: float, place: str) -> Outcome:
    """Run as many orders, all of them from the same moment on."""
    work = Work(runs, wait)
    kernel = work.kernel()
    journal = _journal(kind, place)
    ready = schedule(parse(PLAN), kernel.skills)

    async def planned(number: int) -> None:
        result = await run(ready, kernel, inputs={"NUMBER": number}, journal=journal)
        assert result.ok, result.error

    begin: Callable[[int], Awaitable[object]] = work.by_hand if kind == "plain" else planned
    ends: list[float] = []
    peak = 0

    async def one(number: int) -> None:
        nonlocal peak
        await begin(number)
        ends.append(time.perf_counter() - started)
        if not len(ends) % 50:
            peak = max(peak, resident())

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(runs):
            group.create_task(one(number))
    took = time.perf_counter() - started
    if journal:
        journal.close()
    assert len(work.effects) == runs * EFFECTS
    twice = sum(count - 1 for count in work.effects.values())
    return Outcome(took=took, ends=ends, fairness=jain(work.half), memory=peak, twice=twice)


def _journal(kind: Kind, place: str) -> Journal | None:
    if kind == "postgres":
        return Journal(place)
    return Journal(Path(place, "runs.db"), synchronous=kind) if kind in ("normal", "full") else None


def resident() -> int:
    """Return the memory that this process has at this moment, in bytes."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * 4096


def main(kind: Kind, runs: int, wait: float, place: str) -> None:
    """Print the figures of the first batch, and by how much memory grew with the later ones."""
    asyncio.run(at_once(kind, 10, 0, place))  # so that everything is imported
    before = resident()
    several = BATCHES if kind in ("plain", "ours", "normal") else 1  # the others wait for a disk
    batches = [asyncio.run(at_once(kind, runs, wait, place)) for _ in range(several)]
    first = batches[0]
    latency = statistics.quantiles(first.ends, n=100, method="inclusive")
    figures = {
        "runs/s": runs / first.took,
        "p50": latency[49],
        "p95": latency[94],
        "p99": latency[98],
        "first": first.ends[0],
        "last": first.ends[-1],
        "fairness": first.fairness,
        "memory": (first.memory - before) / runs,
        "twice": sum(each.twice for each in batches),
    }
    if several > 1:
        figures["kept"] = (batches[-1].memory - first.memory) / runs / (several - 1)
    print(json.dumps(figures))


if __name__ == "__main__":
    assert sys.argv[1] in get_args(Kind)
    main(cast("Kind", sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4])
