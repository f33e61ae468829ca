"""The engine in process: what it keeps at hand is bounded, however many runs it has carried out."""

from __future__ import annotations

from pathlib import Path

from forethought.kernel import Kernel
from forethought.planners import Journal, parse, schedule
from forethought.planners.engines.inprocess import InProcess


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
