"""Microseconds a step for a chain of trivial functions handed on by variables; the plan is scheduled beforehand."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time

from forethought.kernel import Kernel, skill
from forethought.planners import Plan, Step, run, schedule
from forethought.planners.language.nodes import Argument, FunctionName


@skill(effect="pure")
async def same(input: str) -> str:
    return input


def chain(steps: int) -> Plan:
    name = FunctionName("Text.same")
    return Plan(
        steps=tuple(
            Step(name, (Argument("input", f"$V{number - 1}" if number else "x"),), sets=f"V{number}")
            for number in range(steps)
        )
    )


async def main(steps: int) -> float:
    kernel = Kernel()
    kernel.add_functions(same, "Text")
    ready = schedule(chain(steps), kernel.skills)
    times: list[float] = []
    for _ in range(15):
        started = time.perf_counter()
        result = await run(ready, kernel)
        times.append(time.perf_counter() - started)
        assert result.value == "x"
    return statistics.median(times) / steps * 1e6


if __name__ == "__main__":
    print(asyncio.run(main(int(sys.argv[1]))))
