"""Workers that are killed at any instant, each a process of its own; as a program, what forks them.

Each effect adds one line to a file. What is in doubt is settled by looking there, as a person would who has made sure
that the worker is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import random
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from forethought.kernel import Kernel, skill
from forethought.planners import Plan, parse, run
from forethought.planners.engines.fleet import Fleet
from forethought.planners.engines.working import Worker
from forethought.planners.running.result import RunResult

__all__ = [
    "LEASE",
    "LIMIT",
    "PLAN",
    "REPEATABLE",
    "Ended",
    "Workers",
    "alone",
    "any_plan",
    "effects",
    "kernel",
    "killed",
    "sweep",
]

PLAN = """
<plan goal="Twelve steps, with branches side by side and a loop">
  <input name="RUN" type="string"/>
  <function.Work.look run="$RUN" input="start" setContextVariable="A"/>
  <function.Work.look run="$RUN" input="$A 1" setContextVariable="L1"/>
  <function.Work.look run="$RUN" input="$A 2" setContextVariable="R1"/>
  <function.Work.left run="$RUN" input="$L1 3" setContextVariable="L2"/>
  <function.Work.right run="$RUN" input="$R1 4" setContextVariable="R2"/>
  <foreach item="WHO" in='["x", "y", "z"]' setContextVariable="SENT">
    <function.Work.look run="$RUN" input="$WHO $A" setContextVariable="SEEN"/>
    <function.Work.post run="$RUN" input="$SEEN"/>
  </foreach>
  <if test="L2 != ''">
    <function.Work.stamp run="$RUN" input="$L2"/>
    <function.Work.post run="$RUN" input="yes $R2" setContextVariable="B"/>
  </if>
  <else>
    <function.Work.post run="$RUN" input="no" setContextVariable="B"/>
  </else>
  <function.Work.look run="$RUN" input="$L2 | $R2" setContextVariable="C"/>
  <function.Work.post run="$RUN" input="$C | $B | $SENT" appendToResult="RESULT"/>
  <function.Work.look run="$RUN" input="done" appendToResult="RESULT"/>
</plan>
"""
LEASE = 1.5
LIMIT = 60.0
"""Seconds that anything may take."""
_AT_ONCE = 4
REPEATABLE = ("stamp",)
_WORKER = re.compile(r"the worker \S+-(\d+)-[0-9a-f]{8} was lost")


def kernel(folder: Path) -> Kernel:
    """Return a kernel with functions that take a moment, each call another one, and count what they do to the world."""
    file = os.open(folder / "effects.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    made = Kernel()

    def function(name: str, effect: str, *, idempotent: bool = False) -> Callable[..., object]:
        @skill(name=name, effect=effect, idempotent=idempotent)
        async def work(run: str, input: str) -> str:
            """Take a moment, and change the world, unless it only looks."""
            moment = 0.01 + sum(input.encode()) % 10 / 100
            await asyncio.sleep(moment)
            if name != "look":
                os.write(file, f"{json.dumps([run, name, input])}\n".encode())
            await asyncio.sleep(moment)
            return f"{name}({input})"

        return work

    made.add_functions(function("look", "reads:world"), "Work")
    for name in ("left", "right", "post", *REPEATABLE):
        made.add_functions(function(name, f"writes:{name}", idempotent=name in REPEATABLE), "Work")
    return made


def effects(folder: Path, run: str) -> list[tuple[str, str]]:
    """Return what a run did to the world, each effect as the function and what it was given."""
    lines = (folder / "effects.txt").read_text(encoding="utf-8").splitlines()
    return [(name, given) for of, name, given in map(json.loads, lines) if of == run]


class Workers:
    """Processes that work for a database, `count` at any time; what they do is told in `folder`."""

    def __init__(self, database: str, folder: Path, count: int = 3) -> None:
        command = [sys.executable, __file__, database, str(folder)]
        self._nursery = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._folder = folder
        self.kills = 0
        self.living = [self._start() for _ in range(count)]

    @property
    def at_work(self) -> list[int]:
        """Those that have begun to work."""
        return [each for each in self.living if (self._folder / f"worker-{each}").exists()]

    async def all_at_work(self) -> None:
        """Wait until all have begun."""
        while len(self.at_work) < len(self.living):  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    def kill(self, worker: int) -> None:
        """Kill a worker, and start another one in its place."""
        self.kills += 1
        os.kill(worker, signal.SIGKILL)
        self.living[self.living.index(worker)] = self._start()

    def close(self) -> None:
        """Kill all workers."""
        for each in self.living:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        self._nursery.communicate(timeout=LIMIT)

    def _start(self) -> int:
        assert self._nursery.stdin
        assert self._nursery.stdout
        self._nursery.stdin.write("another\n")
        self._nursery.stdin.flush()
        return int(self._nursery.stdout.readline())


def _fork_workers(database: str, folder: Path) -> None:
    """Fork a worker for each line that is read, and print its number."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
            asyncio.run(_work(Worker(kernel(folder), database, lease=LEASE), (folder / f"worker-{os.getpid()}").touch))
        print(child, flush=True)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


async def _work(worker: Worker, begun: Callable[[], None]) -> None:
    async with worker:
        begun()
        await asyncio.Event().wait()


async def settle(fleet: Fleet, result: RunResult, workers: Workers, folder: Path) -> int:
    """Say of each step in doubt what is true, and return how many there were."""
    history = fleet.journal.history(result.run)
    doubtful = [each.id for each in result.steps if each.status == "in_doubt"]
    assert doubtful, f"'{result.run}' is in doubt, and no step of it"
    for past in map(history.steps.__getitem__, doubtful):
        lost = _WORKER.search(past.error or "")
        if lost and int(lost[1]) in workers.living:
            workers.kill(int(lost[1]))  # it was not heard of, and could still do it
        given = str(history.arguments(past)["input"][0])
        name = past.function.partition(".")[2]
        if (name, given) in effects(folder, result.run):
            await fleet.signal(result.run, "done", step=past.id, output=f"{name}({given})", name="Ada")
        else:
            await fleet.signal(result.run, "redo", step=past.id, name="Ada")
    return len(doubtful)


@dataclass(frozen=True, slots=True)
class Ended:
    """What a run came to and did, and how many of its steps were in doubt on the way."""

    run: str
    plan: int
    outcome: str
    effects: tuple[tuple[str, str], ...]
    doubtful: int

    @classmethod
    def of(cls, result: RunResult, folder: Path, plan: int = 0, doubtful: int = 0) -> Ended:
        """Tell a result; runs that have come to the same are told in the same words."""
        variables = {name: value for name, value in result.variables.items() if name != "RUN"}
        steps = [(each.id, each.status, each.output) for each in result.steps]
        outcome = json.dumps([result.status, result.error, result.value, variables, steps])
        return cls(result.run, plan, outcome, tuple(effects(folder, result.run)), doubtful)


async def alone(folder: Path, plan: Plan) -> Ended:
    """Return what a run of a plan comes to that nobody disturbs, in process."""
    name = f"alone-{secrets.token_hex(4)}"
    return Ended.of(await run(plan, kernel(folder), inputs={"RUN": name}, ids=lambda: name), folder)


def any_plan(chance: random.Random) -> Plan:
    """Return a plan of some steps, each with what some of those before gave; many look at something side by side."""
    known, steps = list[str](), list[str]()
    for number in range(chance.randint(4, 9)):
        name = chance.choice(("look", "look", "look", "left", "right", "post", "stamp"))
        given = " ".join(f"${each}" for each in chance.sample(known, k=min(len(known), chance.randint(0, 2))))
        step = f'<function.Work.{name} run="$RUN" input="{number} {given}" setContextVariable="V{number}"/>'
        if chance.random() < 0.2:
            step = f'<foreach item="I" in="[1, 2, 3]">{step.replace(f"{number} ", f"{number} $I ", 1)}</foreach>'
        else:
            known.append(f"V{number}")
        steps.append(step)
    return parse(f'<plan goal="any"><input name="RUN" type="string"/>{"".join(steps)}</plan>')


async def killed(workers: Workers, chance: random.Random) -> None:
    """Kill one worker at a random instant, while another one is at work."""
    while True:
        await asyncio.sleep(chance.uniform(0.1, 1.0))
        if len(workers.at_work) > 1:
            workers.kill(chance.choice(workers.at_work))
            return


async def sweep(
    database: str,
    folder: Path,
    plans: Sequence[Plan],
    disturb: Callable[[Workers, random.Random], Awaitable[None]] = killed,
    *,
    times: int,
    seed: int,
    tell: Callable[[str], None] = print,
) -> list[Ended]:
    """Disturb workers so many times while runs of these plans go on, and return what these came to, all of them."""
    chance, done = random.Random(seed), list[Ended]()
    workers = Workers(database, folder)
    functions, numbers, left = kernel(folder), itertools.count(), times

    async def carry_out(fleet: Fleet) -> None:
        while left:
            plan, name, doubtful = (number := next(numbers)) % len(plans), f"run-{number}", 0
            await fleet.submit(plans[plan], inputs={"RUN": name}, run=name)
            while (result := await fleet.wait(name, LIMIT)).status == "in_doubt":
                doubtful += await settle(fleet, result, workers, folder)
            entries = fleet.journal.history(name).entries
            finished = Counter(each.step for each in entries if each.kind == "step_finished")
            assert finished.total() == len(finished), f"'{name}' was written by two at one time: {finished}"
            done.append(Ended.of(result, folder, plan, doubtful))
            tell(f"{name}: {result.status}, {doubtful} in doubt; {times - left} times disturbed")

    async def disturb_all() -> None:
        nonlocal left
        while left:
            async with asyncio.timeout(LIMIT):
                await disturb(workers, chance)
            left -= 1

    try:
        async with Fleet(functions, database) as fleet, asyncio.TaskGroup() as group:
            group.create_task(disturb_all())
            for _ in range(_AT_ONCE):
                group.create_task(carry_out(fleet))
    finally:
        workers.close()
    return done


if __name__ == "__main__":
    _fork_workers(sys.argv[1], Path(sys.argv[2]))
