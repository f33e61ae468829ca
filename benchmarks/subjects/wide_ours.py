"""Wall time of a plan of independent pure steps of uneven length, as a multiple of its longest chain."""

from __future__ import annotations

import asyncio
import statistics
import time

from forethought.kernel import Kernel, skill
from forethought.planners import Plan, Step, run, schedule
from forethought.planners.language.nodes import Argument, FunctionName

LONGEST = 0.5


@skill(effect="pure")
async def wait(input: float) -> float:
    await asyncio.sleep(input)
    return input


async def main() -> float:
    kernel = Kernel()
    kernel.add_functions(wait, "Time")
    name = FunctionName("Time.wait")
    values = [str(LONGEST), *["0.1", "0.2", "0.3"] * 9]
    steps = [Step(name, (Argument("input", value),), appends="RESULT__ALL") for value in values]
    ready = schedule(Plan(steps=tuple(steps)), kernel.skills)
    times: list[float] = []
    for _ in range(5):
        started = time.perf_counter()
        result = await run(ready, kernel, concurrency=64)
        times.append(time.perf_counter() - started)
        assert result.ok, result.error
    return statistics.median(times) / LONGEST


if __name__ == "__main__":
    print(asyncio.run(main()))
