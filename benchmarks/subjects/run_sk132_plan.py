"""Microseconds a step for a Plan of Semantic Kernel 1.32.2 whose steps hand a variable on."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
import warnings

warnings.simplefilter("ignore")

from semantic_kernel import Kernel  # noqa: E402
from semantic_kernel.functions import KernelArguments, kernel_function  # noqa: E402
from semantic_kernel.planners.plan import Plan  # noqa: E402


class Text:
    @kernel_function(name="same")
    async def same(self, input: str) -> str:
        return input


async def main(steps: int) -> float:
    kernel = Kernel()
    function = kernel.add_plugin(Text(), "Text")["same"]
    times = []
    for _ in range(5):
        plan = Plan("goal")
        for number in range(steps):
            step = Plan.from_function(function)
            step._parameters = KernelArguments(input=f"$V{number - 1}" if number else "x")
            step._outputs = [f"V{number}"]
            plan.add_steps([step])
        started = time.perf_counter()
        await plan.invoke(kernel)
        times.append(time.perf_counter() - started)
    return statistics.median(times) / steps * 1e6


if __name__ == "__main__":
    print(asyncio.run(main(int(sys.argv[1]))))
