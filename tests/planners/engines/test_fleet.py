"""Several clients, each with connections of its own, speak of the same runs to the same workers."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forethought.kernel import Kernel
from forethought.kernel.errors import EngineError, JournalError
from forethought.planners import Plan, parse
from forethought.planners.engines.fleet import Fleet
from forethought.planners.engines.working import Worker
from forethought.planners.journaling.approving import Policy

if TYPE_CHECKING:
    from .conftest import World

POLICY = Policy(each=("open_world",))
_LONG = 60.0


def plan(*steps: str) -> Plan:
    """Return a plan of these steps."""
    return parse(f'<plan goal="test">{"".join(steps)}</plan>')


@pytest.fixture
async def clients(kernel: Kernel, database: str) -> AsyncGenerator[tuple[Fleet, Fleet]]:
    """Two clients of a worker."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(Worker(kernel, database, policy=POLICY, step_timeout=0.5))
        first, second = [await stack.enter_async_context(Fleet(kernel, database, policy=POLICY)) for _ in range(2)]
        yield first, second


async def test_a_run_that_two_clients_hand_in_at_once_is_one(clients: tuple[Fleet, Fleet], world: World) -> None:
    handed = plan('<function.W.look at="x"/>')
    runs = [f"run-{number}" for number in range(10)]
    await asyncio.gather(*(each.submit(handed, run=run) for run in runs for each in clients))
    results = await asyncio.gather(*(each.wait(run, _LONG) for run in runs for each in clients))
    assert [each.value for each in results] == ["<x>"] * 20
    assert world.done == ["look x"] * 10


async def test_a_database_that_is_not_there_is_refused_and_not_made(kernel: Kernel, database: str) -> None:
    mistyped = f"{database}_2"
    for _ in range(2):
        with pytest.raises(EngineError, match="does not exist"):
            async with Worker(kernel, mistyped):
                pass
        with pytest.raises(EngineError, match="does not exist"):
            async with Fleet(kernel, mistyped):
                pass


async def test_of_two_runs_of_one_id_one_is_refused(clients: tuple[Fleet, Fleet], world: World) -> None:
    plans = [plan('<function.W.look at="x"/>'), plan('<function.W.look at="y"/>')]
    said = await asyncio.gather(
        *(each.submit(handed, run="it") for each, handed in zip(clients, plans, strict=True)), return_exceptions=True
    )
    (refused,) = [each for each in said if each != "it"]
    assert isinstance(refused, JournalError)
    assert "it has another run 'it': another plan, other inputs or other functions" in str(refused)
    value = (await clients[0].wait("it", _LONG)).value
    assert value in ("<x>", "<y>")
    assert world.done == ["look x" if value == "<x>" else "look y"]


async def test_what_two_clients_say_of_a_step_is_done_once(clients: tuple[Fleet, Fleet], world: World) -> None:
    first, second = clients
    run = await first.submit(plan('<function.W.wait name="x"/>'))
    assert (await second.wait(run, _LONG)).status == "in_doubt"
    world.gate.set()
    said = await asyncio.gather(
        *(each.signal(run, "redo", step="1") for each in clients for _ in range(3)), return_exceptions=True
    )
    assert all(each is None or isinstance(each, JournalError) for each in said)
    for each in clients:
        assert (await each.wait(run, _LONG)).value == "x"
    assert world.done == ["wait x", "wait x"]


async def test_a_client_cancels_what_another_one_has_handed_in(clients: tuple[Fleet, Fleet], world: World) -> None:
    first, second = clients
    run = await first.submit(plan('<function.W.look at="x" setContextVariable="X"/>', '<function.W.post to="$X"/>'))
    assert (await first.wait(run, _LONG)).status == "waiting"
    handed = await first.submit(
        plan('<function.W.wait name="x" setContextVariable="X"/>', '<function.W.look at="$X y"/>')
    )
    await asyncio.wait_for(world.begun.wait(), _LONG)
    await second.cancel(handed)
    world.gate.set()
    assert (await first.wait(handed, _LONG)).status == "cancelled"
    assert world.done == ["look x", "wait x"]


async def test_an_approval_comes_from_another_process_and_not_too_late(
    clients: tuple[Fleet, Fleet], database: str, world: World, tmp_path: Path
) -> None:
    first, _ = clients
    run = await first.submit(plan('<function.W.post to="Eve"/>'))
    assert (await first.wait(run, _LONG)).status == "waiting"
    now = first.journal.now()
    first.journal.approve(run, step="1", name="Ada", expires=now - 1)
    await first.signal(run)
    assert (await first.wait(run, _LONG)).status == "waiting"
    command = [sys.executable, "-m", "forethought.cli", "approve", run, "--as", "Ada", "--journal", database]
    for each in (command, [*command[:3], "resume", run, "--journal", database]):
        done = await asyncio.to_thread(
            subprocess.run, each, cwd=tmp_path, env=os.environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    result = await first.wait(run, _LONG)
    assert (result.value, world.done) == ("letter to Eve", ["post Eve"])


async def test_a_run_is_handed_in_altogether_or_not_at_all(kernel: Kernel, tmp_path: Path) -> None:
    """So what the journal has of a client that died is a run for workers."""
    file = tmp_path / "runs.db"
    async with Fleet(kernel, f"sqlite:///{file}") as fleet:
        await fleet.submit(plan('<function.W.look at="map"/>'), run="before")
        with closing(sqlite3.connect(file)) as other:
            other.execute("CREATE TRIGGER t BEFORE INSERT ON decisions BEGIN SELECT RAISE(ABORT, 'it died'); END")
        with pytest.raises(JournalError, match="it died"):
            await fleet.submit(plan('<function.W.look at="map"/>'), run="then")
        assert [each.id for each in fleet.journal.runs()] == ["before"]
