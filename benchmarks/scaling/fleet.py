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
import heapq
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
from forethought.planners.engines.fleet import Fleet as Workers

from .model import DAY, FREE, Fleet, Load, wait_mm
from .postgres import postgres
from .runs import asked
from .simulation import simulate
from .work import EFFECTS, PLAN, STEPS

__all__ = ["Finished", "carried_out", "main"]

PACKS = Path(__file__).parent / "packs"
_IDLE = 6.0  # seconds
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
    before: float = 0.0

    def look(self) -> None:
        """Look at it."""
        pages = Path("/proc", str(self.process.pid), "statm").read_text(encoding="ascii").split()[1]
        self.last = int(pages) * _PAGE
        self.most = max(self.most, self.last)
        computed = _computed(self.process.pid)
        if not self.first:
            self.first, self.before = self.last, computed
        self.seconds = computed - self.before


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


def _stat(process: int) -> list[str]:
    return Path("/proc", str(process), "stat").read_text(encoding="ascii").rpartition(")")[2].split()


def _computed(process: int, *, children: bool = False) -> float:
    """Return for how many seconds a process has computed, with those of its `children` that have ended."""
    return sum(map(int, _stat(process)[11 : 15 if children else 13])) / _TICK


@dataclass(frozen=True, slots=True)
class Spent:
    """What the server has done: transactions, and seconds of computing."""

    transactions: float
    computed: float

    @classmethod
    def now(cls, database: str) -> Spent:
        """Look at it."""
        with psycopg.connect(database) as connection:
            server = int(_stat(connection.info.backend_pid)[1])  # its parent
        computed = _computed(server, children=True)
        for each in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if each.name.isdecimal() and int(_stat(int(each.name))[1]) == server:
                    computed += _computed(int(each.name))
        return cls(_tell(database, "SELECT sum(xact_commit) FROM pg_stat_database"), computed)

    def since(self, before: Spent) -> Spent:
        """Return what it has done since then."""
        return Spent(self.transactions - before.transactions, self.computed - before.computed)


async def hand_in(database: str, count: int, rate: float | None) -> float:
    """Hand in so many orders, one after the other or as many a second, and return how long one took."""
    kernel = Kernel.from_packs(PACKS)
    plan = schedule(parse(PLAN), kernel.skills)
    chance = random.Random(1)
    took: list[float] = []
    async with Workers(kernel, database) as fleet, asyncio.TaskGroup() as group:

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


def modelled(runs: Sequence[Finished], slots: int) -> list[float]:
    """Return how long the same runs would have waited for one of so many slots that are taken in no time."""
    free = [0.0] * slots
    waited: list[float] = []
    for each in sorted(runs, key=lambda each: each.submitted):
        begins = max(each.submitted, heapq.heappop(free))
        heapq.heappush(free, begins + each.ended - each.began)
        waited.append(begins - each.submitted)
    return waited


def compare(runs: Sequence[Finished], rate: float, slots: int) -> None:
    """Print how long runs waited on average, and how long they would in the models."""
    took = statistics.mean(each.ended - each.began for each in runs)
    load = Load(runs=rate * DAY, peak=1, steps=1, calls=1, thinking=took, spread=0.1, working=0)
    simulated = simulate(load, FREE, Fleet(slots=slots), end=20_000 / rate, warm=1_000 / rate).started
    measured = statistics.mean(each.began - each.submitted for each in runs)
    print(f"waited on average {measured:.2f} s; the same runs, slots without delay: ", end="")
    print(f"{statistics.mean(modelled(runs, slots)):.2f} s; simulated, many more such runs: ", end="")
    print(f"{statistics.mean(simulated):.2f} s; M/M/c: {wait_mm(rate, took, slots):.2f} s")


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
        before = Spent.now(database)
        if chosen.rate:
            took = asyncio.run(hand_in(database, chosen.runs, chosen.rate))
        while _tell(database, "SELECT count(*) FROM forethought.runs WHERE status IN ('queued', 'running')"):
            for each in watched:
                each.look()
            time.sleep(0.5)
        time.sleep(1.5)  # a server counts its transactions once in a second
        spent = Spent.now(database).since(before)
        for each in watched:
            each.look()
        computed = sum(each.seconds for each in watched)
        before = Spent.now(database)
        time.sleep(_IDLE)
        idle = Spent.now(database).since(before)
        idly = sum(_computed(each.process.pid) - each.before for each in watched) - computed
        connections = _tell(database, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
    print(f"handing in took {took * 1000:.0f} ms a run")
    effects = Counter(str(json.loads(line)[:2]) for line in file.read_text(encoding="utf-8").splitlines())
    runs = carried_out(database, since)
    report(runs, effects, watched)
    if chosen.rate:
        compare(runs, chosen.rate, chosen.workers * int(chosen.slots))
    size = _tell(database, "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND oid > 16384")
    journal = _tell(
        database,
        "SELECT sum(pg_total_relation_size(oid)) FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = 'forethought'::regnamespace",
    )
    print(f"\na run: {spent.transactions / chosen.runs:.0f} transactions, computed by workers ", end="")
    print(
        f"{computed / chosen.runs * 1000:.0f} ms, by the server {spent.computed / chosen.runs * 1000:.0f} ms; ", end=""
    )
    print(f"{size / chosen.runs / 1000:.0f} kB, of which the journal {journal / chosen.runs / 1000:.0f} kB; ", end="")
    print(f"{connections:.0f} connections")
    print(f"a worker with nothing to do: {idle.transactions / _IDLE / chosen.workers:.0f} transactions/s, ", end="")
    print(f"computed by it {idly / _IDLE / chosen.workers:.1%}, ", end="")
    print(f"by the server {idle.computed / _IDLE / chosen.workers:.1%} of a core")


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
