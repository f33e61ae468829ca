"""Loops: the wall time of 50 pure waits of 100 ms, ten at a time, in waits; or microseconds a trivial round."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time

from forethought.kernel import Kernel, skill
from forethought.planners import Plan, Step, run, schedule
from forethought.planners.language.nodes import ForEach, FunctionName

WAIT = 0.1


@skill(effect="pure")
async def wait(input: int) -> int:
    await asyncio.sleep(WAIT)
    return input


@skill(effect="pure")
async def same(input: int) -> int:
    return input


async def main(function: str, rounds: int, concurrency: int, times: int) -> float:
    """Return the median seconds of a foreach with one step."""
    kernel = Kernel()
    kernel.add_functions(wait, "Time")
    kernel.add_functions(same, "Time")
    body = (Step(FunctionName(f"Time.{function}")),)
    plan = Plan(steps=(ForEach("ITEM", "$ITEMS", body, sets="ALL"),))
    items = list(range(rounds))
    ready = schedule(plan, kernel.skills, variables={"ITEMS": items})
    seconds: list[float] = []
    for _ in range(times):
        started = time.perf_counter()
        result = await run(ready, kernel, inputs={"ITEMS": items}, concurrency=concurrency)
        seconds.append(time.perf_counter() - started)
        assert result.value == items, result.error
    return statistics.median(seconds)


if __name__ == "__main__":
    if sys.argv[1] == "waits":
        print(asyncio.run(main("wait", 50, 10, 5)) / WAIT)
    else:
        print(asyncio.run(main("same", 1000, 32, 15)) / 1000 * 1e6)
