"""Several workers in processes of their own, of which one is killed, frozen, sent away, or lacks something."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from forethought.kernel.errors import PlanError
from forethought.planners import parse
from forethought.planners.engines.fleet import Fleet
from forethought.planners.language.nodes import Plan

from .crew import kernel, until

_LONG = 60.0


class Hand:
    """One worker in a process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout
        self.name = process.stdout.readline().strip()

    def said(self) -> str:
        """Return what it has said, once it is gone."""
        assert self.process.stdout
        return self.process.stdout.read()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.process.pid, number)


Hire = Callable[..., Hand]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The database of the workers."""
    if request.param == "postgres":
        return str(request.getfixturevalue("database"))
    return f"sqlite:///{tmp_path / 'runs.db'}"


@pytest.fixture
def hire(place: str, tmp_path: Path) -> Iterator[Hire]:
    """Start workers, which are gone after the test."""
    hands: list[Hand] = []

    def start(*lacking: str) -> Hand:
        command = [sys.executable, str(Path(__file__).with_name("crew.py")), place, str(tmp_path), *lacking]
        hands.append(Hand(subprocess.Popen(command, stdout=subprocess.PIPE, text=True)))
        return hands[-1]

    yield start
    for hand in hands:
        with suppress(ProcessLookupError):
            hand.send(signal.SIGKILL)
        hand.process.communicate()


@pytest.fixture
def told() -> list[str]:
    """What whoever waits for a run is told."""
    return []


@pytest.fixture
async def fleet(place: str, tmp_path: Path, told: list[str]) -> AsyncGenerator[Fleet]:
    """What runs are handed in to."""
    async with Fleet(kernel(tmp_path), place, notice=told.append) as opened:
        yield opened


class World:
    """What the functions tell in files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def effects(self) -> list[str]:
        """What was done, in order."""
        return (self.folder / "effects.txt").read_text().splitlines()

    async def until(self, *effects: str) -> None:
        """Wait until all of this was done, or begun."""
        await asyncio.wait_for(until(lambda: {*effects} <= {*self.effects}), _LONG)

    def let(self, *names: str) -> None:
        """Let go on what waits for these."""
        for name in names:
            (self.folder / name).touch()


@pytest.fixture
def world(tmp_path: Path) -> World:
    """What the functions tell in files."""
    return World(tmp_path)


def plan(*steps: str) -> Plan:
    """Return a plan of these steps."""
    return parse(f'<plan goal="test">{"".join(steps)}</plan>')


LOOK = '<function.C.look name="a" setContextVariable="A"/>'
POST = '<function.C.post name="a" setContextVariable="A"/>'
SAY = '<function.C.say text="$A"/>'


async def test_a_step_that_writes_nothing_is_carried_out_by_another_worker(
    hire: Hire, fleet: Fleet, world: World
) -> None:
    first = hire()
    run = await fleet.submit(plan(LOOK, SAY))
    await world.until("look a")
    first.send(signal.SIGKILL)
    hire()
    world.let("a")
    result = await fleet.wait(run, _LONG)
    assert (result.status, result.value, world.effects) == ("succeeded", "look a!", ["look a", "look a"])


async def test_a_step_that_writes_is_in_doubt_where_its_worker_was_killed(
    hire: Hire, fleet: Fleet, world: World
) -> None:
    first = hire()
    run = await fleet.submit(plan(POST, SAY))
    await world.until("post a")
    first.send(signal.SIGKILL)
    hire()
    result = await fleet.wait(run, _LONG)
    assert [each.status for each in result.steps] == ["in_doubt", "not_started"]
    lost = f"the worker {first.name} was lost, and nobody knows whether it was done"
    assert result.error == f'step 1, C.post, failed: {lost} (where name is "a")'
    await fleet.signal(run, "done", step="1", output="post a")
    result = await fleet.wait(run, _LONG)
    assert (result.status, result.value, world.effects) == ("succeeded", "post a!", ["post a"])


async def test_a_step_that_is_in_doubt_is_done_again_only_where_somebody_says_so(
    hire: Hire, fleet: Fleet, world: World
) -> None:
    first = hire()
    run = await fleet.submit(plan(POST, SAY))
    await world.until("post a")
    first.send(signal.SIGKILL)
    hire()
    assert (await fleet.wait(run, _LONG)).status == "in_doubt"
    world.let("a")
    await fleet.signal(run, "redo", step="1")
    result = await fleet.wait(run, _LONG)
    assert (result.status, result.value, world.effects) == ("succeeded", "post a!", ["post a", "post a"])


async def test_who_takes_a_run_over_finds_its_step_under_way(hire: Hire, fleet: Fleet, world: World) -> None:
    """The first worker coordinates the run, with its hands full; the second one has its step when that is killed."""
    first = hire()
    full = await fleet.submit(plan('<function.C.look name="full"/>'))
    await world.until("look full")
    run = await fleet.submit(plan(POST, SAY))
    await until(lambda: any(each.id == run for each in fleet.journal.runs("running")))
    second = hire()
    await world.until("post a")
    first.send(signal.SIGKILL)
    await until(lambda: bool(fleet.journal.runs("interrupted")))
    world.let("a", "full")
    result = await fleet.wait(run, _LONG)
    assert (result.status, result.value) == ("succeeded", "post a!")
    assert (await fleet.wait(full, _LONG)).status == "succeeded"
    assert world.effects.count("post a") == 1
    second.send(signal.SIGTERM)
    assert f"the worker {first.name} is gone; what it had goes on" in second.said()


async def test_what_a_worker_has_that_leaves_goes_on_elsewhere(hire: Hire, fleet: Fleet, world: World) -> None:
    first = hire()
    run = await fleet.submit(plan(LOOK, SAY))
    await world.until("look a")
    first.send(signal.SIGTERM)
    assert await asyncio.to_thread(first.process.wait, _LONG) == 0
    hire()
    world.let("a")
    assert (await fleet.wait(run, _LONG)).value == "look a!"


@pytest.mark.parametrize("place", ["postgres"], indirect=True)  # of a file, the system knows that who is frozen lives
async def test_a_worker_that_was_away_does_nothing_that_was_taken_over(hire: Hire, fleet: Fleet, world: World) -> None:
    """It is frozen, others go on with its run, and then it wakes up."""
    first = hire()
    run = await fleet.submit(plan(LOOK, SAY, '<function.C.post name="b"/>'))
    await world.until("look a")
    first.send(signal.SIGSTOP)
    hire()
    world.let("a")
    await world.until("post b")
    first.send(signal.SIGCONT)
    world.let("b")
    assert (await fleet.wait(run, _LONG)).value == "post b"
    first.send(signal.SIGTERM)
    assert await asyncio.to_thread(first.process.wait, _LONG) == 0
    assert sorted(world.effects) == ["look a", "look a", "post b"]


async def test_a_worker_that_lacks_a_function_leaves_the_run_to_another_one(
    hire: Hire, fleet: Fleet, world: World, told: list[str]
) -> None:
    lacking = hire("post")
    run = await fleet.submit(plan(POST))
    with pytest.raises(TimeoutError):
        await fleet.wait(run, 2)
    assert told == [f"run {run} was refused by a worker: there is no function 'C.post' here"]
    hire()
    world.let("a")
    assert (await fleet.wait(run, _LONG)).value == "post a"
    lacking.send(signal.SIGTERM)
    assert f"run {run} does not go on here: there is no function 'C.post' here" in lacking.said()


async def test_a_secret_does_not_travel(fleet: Fleet) -> None:
    secret = parse('<plan><input name="API_KEY" type="string"/><function.C.say text="$API_KEY"/></plan>')
    with pytest.raises(PlanError) as refused:
        await fleet.submit(secret, inputs={"API_KEY": "it is one"})
    (problem,) = refused.value.problems
    assert (problem.code, problem.message) == (
        "secret-stays",
        "the value of 'API_KEY' is a secret, and does not travel to workers",
    )
    assert fleet.journal.runs() == []
