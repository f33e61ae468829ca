"""How well a model plans: twenty goals over the shipped packs, each plan scored against those that reach the goal.

    python -m benchmarks.planning.measure --model local

A plan is *valid* when it has no error; its *functions* are right when they are those of an accepted plan, in order;
it is *exact* when each required value, and each step that a value comes from, is right too.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from forethought.kernel.kernel import Kernel
from forethought.kernel.registry import SkillRegistry
from forethought.planners.checking.binding import bind
from forethought.planners.checking.bound import Binding, Expression, Implicit
from forethought.planners.language.nodes import Plan
from forethought.planners.language.parsing import parse
from forethought.planners.language.templates import Text
from forethought.planners.sequential import SequentialPlanner

__all__ = ["Score", "main", "score"]

PACKS = Path(__file__).parents[2] / "plugins"
GOALS = Path(__file__).with_name("goals.yaml")

Call = tuple[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Score:
    """What a plan is worth: each is true only where the one before is."""

    valid: bool
    functions: bool
    exact: bool


def score(plan: Plan | None, accepted: Sequence[Plan], skills: SkillRegistry) -> Score:
    """Compare `plan` (None where there is no valid one) with the plans that reach the goal."""
    if plan is None:
        return Score(False, False, False)
    made = _calls(plan, skills)
    same = [
        wanted
        for wanted in (_calls(each, skills) for each in accepted)
        if [n for n, _ in wanted] == [n for n, _ in made]
    ]
    exact = any(
        all(
            given.get(name) == value
            for (_, given), (_, values) in zip(made, wanted, strict=True)
            for name, value in values.items()
        )
        for wanted in same
    )
    return Score(True, bool(same), exact)


def _calls(plan: Plan, skills: SkillRegistry) -> list[Call]:
    """Return each step's function and the values written for it, or brought to it, by parameter."""
    calls: list[Call] = []
    for step in bind(plan, skills).steps:
        values = {each.parameter.name: value for each in step.bindings if (value := _value(each)) is not None}
        calls.append((step.signature.full_name if step.signature else str(step.step.function), values))
    return calls


def _value(binding: Binding) -> str | None:
    """Return a value as it is compared: text without case and outer quotes, and `<id>` for the output of a step."""
    source = binding.source
    if isinstance(source, Implicit):
        return f"<{source.producer.step}>"
    if not isinstance(source, Expression):
        return None
    found = iter(source.references)
    parts = [piece.text if isinstance(piece, Text) else _step(next(found).producer) for piece in source.template.pieces]
    text = "".join(parts).strip(" .'\"").casefold()
    for article in ("a ", "the "):
        text = text.removeprefix(article)
    return text


def _step(producer: object) -> str:
    return f"<{getattr(producer, 'step', None)}>"


async def measure(model: str, functions: int) -> None:
    """Plan every goal with the model of this spec and print one line a goal, then the sums."""
    import yaml

    kernel = Kernel.from_packs(PACKS, planner_model=model)
    planner = SequentialPlanner(kernel, max_relevant_functions=functions)
    goals = cast("list[dict[str, object]]", yaml.safe_load(GOALS.read_text(encoding="utf-8")))
    scores: list[Score] = []
    started = time.perf_counter()
    for each in goals:
        goal, plans = cast("str", each["goal"]), cast("list[str]", each["plans"])
        begun = time.perf_counter()
        result = await planner.plan(goal)
        scores.append(score(result.plan, [parse(text) for text in plans], kernel.skills))
        last = scores[-1]
        mark = "exact" if last.exact else "functions" if last.functions else "valid" if last.valid else "none"
        print(f"{mark:10} {time.perf_counter() - begun:5.1f} s  {goal}")
        if result.plan and not last.exact:
            lines = result.plan.to_xml().splitlines()[1:-1]
            print("".join(f"{'':21}{line.strip()}\n" for line in lines), end="")
    sums = {name: sum(getattr(each, name) for each in scores) for name in ("valid", "functions", "exact")}
    took = (time.perf_counter() - started) / len(goals)
    shown = ", ".join(f"{name} {count}/{len(goals)}" for name, count in sums.items())
    print(f"\n{model}, at most {functions} functions shown: {shown}; {took:.1f} s a plan")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="local", help="the model's spec (default: local)")
    parser.add_argument("--functions", type=int, default=100, help="how many functions it is shown (default: 100)")
    given = parser.parse_args()
    asyncio.run(measure(given.model, given.functions))


if __name__ == "__main__":
    main()
