"""Microseconds for one `kernel.invoke` of a trivial function, Semantic Kernel 1.45."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time

from semantic_kernel import Kernel
from semantic_kernel.functions import KernelArguments, kernel_function


class Text:
    @kernel_function(name="same")
    async def same(self, input: str) -> str:
        return input


async def main(steps: int) -> float:
    kernel = Kernel()
    function = kernel.add_plugin(Text(), "Text")["same"]
    times = []
    for _ in range(15):
        started = time.perf_counter()
        value = "x"
        for _ in range(steps):
            result = await kernel.invoke(function, KernelArguments(input=value))
            value = result.value
        times.append(time.perf_counter() - started)
    return statistics.median(times) / steps * 1e6


if __name__ == "__main__":
    print(asyncio.run(main(int(sys.argv[1]))))
