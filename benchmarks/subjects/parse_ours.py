"""Microseconds a step to parse and check a plan: places, bindings and every rule."""

from __future__ import annotations

import statistics
import sys
import time

from plan_text import plan_text

from forethought.kernel.functions import PURE, FunctionSignature, Parameter
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import STRING, ValueType
from forethought.planners import check, parse

PARAMETERS = (Parameter("input", STRING), Parameter("amount", ValueType("integer")), Parameter("note", STRING))
SKILLS = SkillRegistry(
    FunctionSignature(plugin="Text", name=f"f{number}", parameters=PARAMETERS, returns=STRING, effect=PURE)
    for number in range(4)
)


def main(steps: int, *, checked: bool) -> float:
    text = plan_text(steps)
    times: list[float] = []
    for _ in range(15):
        started = time.perf_counter()
        plan = parse(text)
        problems = check(plan, SKILLS) if checked else ()
        times.append(time.perf_counter() - started)
        assert not problems, problems[:3]
    return statistics.median(times) / steps * 1e6


if __name__ == "__main__":
    print(main(int(sys.argv[1]), checked=sys.argv[2:] != ["parse"]))
