"""Let real workers carry out queued orders over a PostgreSQL of their own, and print what came of it.

    python -m benchmarks.scaling.fleet [--workers 3] [--runs 400] [--wait 0.01] [--rate 2]

All runs lie in the queue before the workers begin; with --rate, they come one by one, as many a second on average.
Every fourth has a higher priority. Each effect is a line in a file, whichever worker has it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import psycopg

from forethought.kernel import Kernel
from forethought.planners import parse, schedule
from forethought.planners.engines.fleet import Fleet

from .postgres import postgres
from .runs import asked
from .work import EFFECTS, PLAN, STEPS

__all__ = ["Finished", "carried_out", "main"]

PACKS = Path(__file__).parent / "packs"
_PAGE, _TICK = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that is over: when it was handed in, when it began and ended, in seconds of the same clock."""

    run: str
    priority: int
    submitted: float
    began: float
    ended: float
    status: str


@dataclass(slots=True)
class Watched:
    """A worker: the memory that it has had, in bytes, and how long it has computed, since it was first looked at."""

    process: subprocess.Popen[str]
    first: int = 0
    most: int = 0
    last: int = 0
    seconds: float = 0.0
    _before: float = 0.0

    def look(self) -> None:
        """Look at it."""
        place = Path("/proc", str(self.process.pid))
        self.last = int((place / "statm").read_text(encoding="ascii").split()[1]) * _PAGE
        self.most = max(self.most, self.last)
        fields = (place / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
        computed = (int(fields[11]) + int(fields[12])) / _TICK
        if not self.first:
            self.first, self._before = self.last, computed
        self.seconds = computed - self._before


@contextlib.contextmanager
def workers(count: int, database: str, effects: Path, wait: float, *options: str) -> Generator[list[Watched]]:
    """Start workers, and wait until each is at work."""
    command = [sys.executable, "-m", "forethought.cli", "worker", "--skills", str(PACKS), "--database", database]
    environment = {**os.environ, "EFFECTS": str(effects), "WAIT": str(wait)}
    with contextlib.ExitStack() as ended:
        started = [
            ended.enter_context(
                subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True, env=environment)
            )
            for _ in range(count)
        ]
        for each in started:
            ended.callback(each.terminate)
            assert each.stderr
            said = ""
            for said in each.stderr:
                if "is at work" in said:
                    break
            else:
                raise SystemExit(f"a worker ended:\n{said}")
        watched = [Watched(each) for each in started]
        for worker in watched:
            worker.look()
        yield watched


async def hand_in(database: str, count: int, rate: float | None) -> float:
    """Hand in so many orders, one after the other or as many a second, and return how long one took."""
    kernel = Kernel.from_packs(PACKS)
    plan = schedule(parse(PLAN), kernel.skills)
    chance = random.Random(1)
    took: list[float] = []
    async with Fleet(kernel, database) as fleet, asyncio.TaskGroup() as group:

        async def one(number: int) -> None:
            started = time.perf_counter()
            await fleet.submit(plan, inputs={"NUMBER": number}, run=f"order-{number}", priority=10 * (not number % 4))
            took.append(time.perf_counter() - started)

        for number in range(count):
            if rate:
                await asyncio.sleep(chance.expovariate(rate))
                group.create_task(one(number))
            else:
                await one(number)
    return statistics.median(took)


def carried_out(database: str, since: float) -> list[Finished]:
    """Return the runs that the journal in the database has; what was handed in before counts from `since` on."""
    asked_for = """
        SELECT id, started, ended, status,
               (SELECT min(at) FROM forethought.entries WHERE run = runs.number AND kind = 'run_started'),
               (SELECT data FROM forethought.decisions WHERE run = runs.number AND kind = 'submitted' LIMIT 1)
        FROM forethought.runs ORDER BY number
    """
    with psycopg.connect(database) as connection:
        rows = connection.execute(asked_for).fetchall()
    return [
        Finished(id_, int(json.loads(said).get("priority", 0)), max(submitted, since), began, ended, status)
        for id_, submitted, ended, status, began, said in rows
    ]


def _tell(database: str, statement: str) -> float:
    with psycopg.connect(database, autocommit=True) as connection:
        (value,) = connection.execute(statement.encode()).fetchone() or (0,)
    return float(cast("float", value))


def _latency(name: str, seconds: Sequence[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return f"| {name} | {cuts[49]:.2f} s | {cuts[94]:.2f} s | {cuts[98]:.2f} s | {max(seconds):.2f} s |"


def overtaken(runs: Sequence[Finished]) -> int:
    """Return by how many places a run was overtaken at most, among those of its priority."""
    most = 0
    for priority in {each.priority for each in runs}:
        same = [each for each in runs if each.priority == priority]
        for place, each in enumerate(sorted(same, key=lambda each: each.began)):
            most = max(most, place - same.index(each))
    return most


def report(runs: Sequence[Finished], effects: Counter[str], watched: Sequence[Watched]) -> None:
    """Print what came of it."""
    begun = min(each.submitted for each in runs)
    took = max(each.ended for each in runs) - begun
    print(f"runs: {len(runs)}, of which succeeded: {sum(each.status == 'succeeded' for each in runs)}")
    print(f"effects: {sum(effects.values())} of {len(runs) * EFFECTS}, ", end="")
    print(f"twice: {sum(count - 1 for count in effects.values())}")
    print(f"took {took:.1f} s: {len(runs) / took:.1f} runs/s, {len(runs) * STEPS / took:.0f} steps/s")
    print("\n| seconds | p50 | p95 | p99 | longest |\n|---|---|---|---|---|")
    print(_latency("handed in to ended", [each.ended - each.submitted for each in runs]))
    for priority in sorted({each.priority for each in runs}, reverse=True):
        waited = [each.began - each.submitted for each in runs if each.priority == priority]
        print(_latency(f"waited, priority {priority}", waited))
    print(_latency("began to ended", [each.ended - each.began for each in runs]))
    print(f"\novertaken by {overtaken(runs)} runs of the same priority at most")
    print("\n| worker | at start | at most | at the end | computed |\n|---|---|---|---|---|")
    for number, each in enumerate(watched, 1):
        sizes = " | ".join(f"{size / 1e6:.0f} MB" for size in (each.first, each.most, each.last))
        print(f"| {number} | {sizes} | {each.seconds:.1f} s |")


def measure(chosen: argparse.Namespace, database: str, file: Path) -> None:
    """Hand in runs, let workers carry them out, and print the figures."""
    took = 0.0 if chosen.rate else asyncio.run(hand_in(database, chosen.runs, None))
    with workers(chosen.workers, database, file, chosen.wait, "--runs", chosen.slots) as watched:
        since = time.time()
        before = _tell(database, "SELECT sum(xact_commit) FROM pg_stat_database")
        if chosen.rate:
            took = asyncio.run(hand_in(database, chosen.runs, chosen.rate))
        while _tell(database, "SELECT count(*) FROM forethought.runs WHERE status IN ('queued', 'running')"):
            for each in watched:
                each.look()
            time.sleep(0.5)
        time.sleep(1.5)  # a server counts its transactions once in a second
        done = _tell(database, "SELECT sum(xact_commit) FROM pg_stat_database") - before
        for each in watched:
            each.look()
        connections = _tell(database, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
    print(f"handing in took {took * 1000:.0f} ms a run")
    effects = Counter(str(json.loads(line)[:2]) for line in file.read_text(encoding="utf-8").splitlines())
    report(carried_out(database, since), effects, watched)
    computed = sum(each.seconds for each in watched) / chosen.runs
    size = _tell(database, "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND oid > 16384")
    journal = _tell(
        database,
        "SELECT sum(pg_total_relation_size(oid)) FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = 'forethought'::regnamespace",
    )
    print(f"\na run: {done / chosen.runs:.0f} transactions, {computed * 1000:.0f} ms computed by workers, ", end="")
    print(f"{size / chosen.runs / 1000:.0f} kB, of which the journal {journal / chosen.runs / 1000:.0f} kB; ", end="")
    print(f"{connections:.0f} connections")


def main() -> None:
    """Print the figures, and those of DBOS alone."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling.fleet")
    parser.add_argument("--workers", type=int, default=3, help="how many workers (default 3)")
    parser.add_argument("--runs", type=int, default=400, help="how many orders (default 400)")
    parser.add_argument("--wait", type=float, default=0.01, help="seconds that each call waits (default 0.01)")
    parser.add_argument("--slots", default="8", help="how many runs a worker has at one time (default 8)")
    parser.add_argument("--rate", type=float, help="how many runs a second come, one by one (default: all at once)")
    chosen = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(f"{datetime.datetime.now(tz=datetime.UTC).date()}; {chosen.workers} workers, each call waits ", end="")
    print(f"{chosen.wait * 1000:g} ms\n")
    with tempfile.TemporaryDirectory() as folder, postgres("max_connections=300") as database:
        measure(chosen, database, Path(folder, "effects"))
        address = database.replace("postgresql:", "postgresql+psycopg:")
        queued = asked("peer", "queued", 300, 0, address)
        print(f"DBOS alone: a queued workflow of one step each, {queued['runs/s']:.0f}/s; ", end="")
        orders = asked("peer", "orders", chosen.runs, chosen.wait, address)
        print(f"orders all at once in one process, {orders['runs/s']:.1f} runs/s")


if __name__ == "__main__":
    main()
