"""The engine in process: what it keeps at hand is bounded, however many runs it has carried out."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from forethought.kernel import Kernel
from forethought.planners import Journal, parse, schedule
from forethought.planners.engines.inprocess import InProcess

if TYPE_CHECKING:
    from .conftest import World


async def test_a_thousand_results_are_at_hand_and_the_journal_tells_the_older_ones(
    kernel: Kernel, tmp_path: Path
) -> None:
    ready = schedule(parse('<plan><function.W.look at="map"/></plan>'), kernel.skills)
    async with InProcess(kernel, Journal(tmp_path / "runs.db")) as engine:
        runs = [await engine.submit(ready, run=f"run-{number}") for number in range(1001)]
        results = [await engine.wait(run) for run in runs]
        assert {(each.status, each.value) for each in results} == {("succeeded", "<map>")}
        assert await engine.wait(runs[1]) is results[1]
        older = await engine.wait(runs[0])
        assert older is not results[0]
        assert (older.status, older.value, older.run) == ("succeeded", "<map>", "run-0")


async def test_what_is_said_of_a_run_that_waits_for_its_turn_lets_it_run_once(
    kernel: Kernel, world: World, tmp_path: Path
) -> None:
    async with InProcess(kernel, Journal(tmp_path / "runs.db"), runs=1) as engine:
        await engine.submit(parse('<plan><function.W.wait name="first"/></plan>'))
        await world.begun.wait()
        run = await engine.submit(parse('<plan><function.W.post to="Eve"/></plan>'))
        abandoned = await engine.submit(parse('<plan><function.W.post to="Ida"/></plan>'))
        waiting = [asyncio.create_task(engine.wait(each, 5)) for each in (run, abandoned)]
        await asyncio.sleep(0)
        await engine.signal(run)
        await engine.signal(abandoned, "abandoned")
        world.gate.set()
        assert [(await each).status for each in waiting] == ["succeeded", "cancelled"]
    assert world.done == ["wait first", "post Eve"]
