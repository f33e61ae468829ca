"""Microseconds a step for the parser of Semantic Kernel 1.32.2, the last with planners."""

from __future__ import annotations

import statistics
import sys
import time
import warnings

warnings.simplefilter("ignore")

from plan_text import plan_text  # noqa: E402
from semantic_kernel import Kernel  # noqa: E402
from semantic_kernel.functions import kernel_function  # noqa: E402
from semantic_kernel.planners.sequential_planner.sequential_planner_parser import SequentialPlanParser  # noqa: E402


class Text:
    @kernel_function(name="f0")
    def f0(self, input: str, amount: int, note: str) -> str:
        return input

    @kernel_function(name="f1")
    def f1(self, input: str, amount: int, note: str) -> str:
        return input

    @kernel_function(name="f2")
    def f2(self, input: str, amount: int, note: str) -> str:
        return input

    @kernel_function(name="f3")
    def f3(self, input: str, amount: int, note: str) -> str:
        return input


def main(steps: int) -> float:
    kernel = Kernel()
    kernel.add_plugin(Text(), "Text")
    text = plan_text(steps)
    times = []
    for _ in range(15):
        started = time.perf_counter()
        SequentialPlanParser.to_plan_from_xml(text, "goal", kernel)
        times.append(time.perf_counter() - started)
    return statistics.median(times) / steps * 1e6


if __name__ == "__main__":
    print(main(int(sys.argv[1])))
