"""How well a model plans: goals over twenty packs, each plan scored against those that reach the goal.

    python -m benchmarks.planning.measure --model local --sample 40
    python -m benchmarks.planning.measure --table results/*.jsonl

*Valid*: there is a plan without an error. *Functions*: it calls those of an accepted plan. *Graph*: each result goes
where it goes there. *Exact*: every value is right, too. A goal that cannot be reached wants a plan without a step.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import random
import resource
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from forethought.kernel.context import ContextVariables
from forethought.kernel.functions import FunctionSignature
from forethought.kernel.kernel import Kernel
from forethought.kernel.models.chat import ChatModel, Completion, Request
from forethought.kernel.models.opening import open_model
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.settings import Settings
from forethought.planners import sketching
from forethought.planners.language.nodes import Plan, Step
from forethought.planners.language.parsing import parse
from forethought.planners.sequential import SequentialPlanner
from forethought.planners.sketch import END, NONE

from .generating import goals
from .scoring import interval, mark
from .unseen import unseen_signatures

__all__ = ["GOALS", "KINDS", "PUBLIC", "Wanted", "main", "read", "registries", "share", "summary"]

PACKS = Path(__file__).parents[2] / "plugins"
GOALS = Path(__file__).with_name("goals.yaml")
PUBLIC = Path(__file__).with_name("public.yaml")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A goal, the packs it is over, how many steps it takes, and the plans that reach it."""

    goal: str
    packs: str
    steps: int
    plans: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class _Kernel:
    """What a planner needs: functions that are only planned over, and the model."""

    skills: SkillRegistry
    planner_model: ChatModel
    variables: ContextVariables = dataclasses.field(default_factory=ContextVariables)
    plans: Sequence[tuple[str, Path]] = ()
    settings: Settings = dataclasses.field(default_factory=Settings)


@dataclass(frozen=True, slots=True)
class _Sketching:
    """A model that is taken for one that has learned to plan."""

    model: ChatModel
    plans: bool = True
    constrained: bool = True
    small: bool = True

    @property
    def spec(self) -> str:
        return self.model.spec

    async def complete(self, request: Request, /) -> Completion:
        return await self.model.complete(request)


class _Free(_Sketching):
    """The same without the grammar that holds it."""

    async def complete(self, request: Request, /) -> Completion:
        settings = {**request.settings, "stop": ["\n"], "repeat_penalty": 1.0}
        answer = await self.model.complete(dataclasses.replace(request, grammar="", settings=settings))
        ended = next((end for end in (NONE, END) if answer.text.startswith(end)), "")  # what follows was never learned
        return dataclasses.replace(answer, text=ended or answer.text)


def registries() -> dict[str, SkillRegistry]:
    """Return the functions that goals are over: those of the shipped packs, and those that no training has seen."""
    shipped = Kernel.from_packs(PACKS).skills
    return {"written": shipped, "seen": shipped, "unseen": SkillRegistry(unseen_signatures().values())}


def read(path: Path) -> Iterator[Wanted]:
    """Read goals; those by hand do not say their packs and steps."""
    import yaml

    for each in cast("list[dict[str, object]]", yaml.safe_load(path.read_text(encoding="utf-8"))):
        plans = tuple(parse(text) for text in cast("list[str]", each["plans"]))
        steps = cast("int", each.get("steps", len(plans[0].steps)))
        yield Wanted(cast("str", each["goal"]), cast("str", each.get("packs", "written")), steps, plans)


def _chosen(given: argparse.Namespace) -> list[Wanted]:
    """Return the goals in an order of which any first part is a sample of all kinds, the rarer ones oftener."""
    if given.seed is None:
        found = [*read(GOALS), *read(PUBLIC)]
    else:
        found = [Wanted(each.goal, each.packs, each.size, (each.plan,)) for each in goals(given.seed)]
    found = [each for each in found if not given.packs or each.packs in given.packs]
    random.Random(1).shuffle(found)
    counts: Counter[tuple[str, float]] = Counter()
    order: dict[int, float] = {}
    for index, each in enumerate(found):
        weight = 1.0 if each.packs == "written" or not each.steps else 3.0 if each.steps <= 3 else 2.0
        counts[each.packs, weight] += 1
        order[index] = counts[each.packs, weight] / weight
    return [found[index] for index in sorted(order, key=lambda index: order[index])][: given.sample]


async def measure(given: argparse.Namespace) -> None:
    """Plan the goals, print a line for each, and add what came of it to a file; what stands there is not done again."""
    model = open_model(given.model)
    model = cast("ChatModel", _Sketching(model)) if given.sketch or given.free else model
    model = cast("ChatModel", _Free(model)) if given.free else model
    sketching.GUESSES = given.guesses
    known = registries()
    rows = _rows(given.out) if given.out and given.out.exists() else []
    done = {(row["goal"], row["packs"]) for row in rows}
    for wanted in _chosen(given):
        if (wanted.goal, wanted.packs) in done:
            continue
        skills = known[wanted.packs]
        shown = skills.select(_given(wanted, skills)) if given.given else skills
        planner = SequentialPlanner(_Kernel(shown, model), max_repairs=0 if given.free else 2)
        row = {"goal": wanted.goal, "packs": wanted.packs, "steps": wanted.steps}
        rows.append({**row, **await _tried(planner, wanted, skills)})
        name = next((each for each in ("exact", "graph", "functions", "valid") if rows[-1][each]), "none")
        print(f"{name:10} {rows[-1]['seconds']:5} s  {wanted.packs} {wanted.steps}  {wanted.goal!r}", flush=True)
        if given.out:
            with given.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(rows[-1], ensure_ascii=False) + "\n")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{summary(rows)}\n{memory:.0f} MB")


def _rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def _tried(planner: SequentialPlanner, wanted: Wanted, skills: SkillRegistry) -> dict[str, object]:
    """Plan, and say what it is worth."""
    begun = time.perf_counter()
    plan, confidence = await _planned(planner, wanted.goal)
    marks = mark(plan, wanted.plans, skills)
    return {
        "seconds": round(time.perf_counter() - begun, 2),
        "confidence": confidence,
        "valid": marks.valid,
        "functions": marks.functions,
        "graph": marks.graph,
        "exact": marks.exact,
        "plan": plan.to_xml() if plan else None,
    }


async def _planned(planner: SequentialPlanner, goal: str) -> tuple[Plan | None, float | None]:
    """Return the plan, empty where the model finds no way, and how sure the model is."""
    try:
        result = await planner.plan(goal)
    except (KeyError, ValueError):  # without a grammar, a line may be none
        return None, None
    if not result.attempts:
        return None, None
    last = result.attempts[-1]
    return (last.plan if last.ok else None), last.confidence


def _given(wanted: Wanted, skills: SkillRegistry) -> list[FunctionSignature]:
    """Return six functions: those that the goal needs, and others by chance."""
    needed = [skills.find(step.function.text) for step in wanted.plans[0].steps if isinstance(step, Step)]
    needed = list({each.full_name: each for each in needed}.values())
    others = [each for each in skills if each not in needed]
    random.Random(wanted.goal).shuffle(others)
    return [*needed, *others[: max(0, 6 - len(needed))]]


KINDS = tuple(
    (f"{packs}, {label}", packs, steps)
    for packs in ("seen", "unseen")
    for label, steps in (("1-3 steps", (1, 2, 3)), ("4-6 steps", (4, 5, 6)), ("impossible", (0,)))
)
"""The kinds of goals: how they are called, the packs they are over, and how many steps they take."""


def summary(rows: Sequence[Mapping[str, object]]) -> str:
    """Return a table: what share of the goals of each kind is right, and in which range it lies."""
    kinds = [("by hand", [each for each in rows if each["packs"] == "written"])]
    kinds += [
        (name, [each for each in rows if each["packs"] == packs and each["steps"] in steps])
        for name, packs, steps in KINDS
    ]
    lines = ["| goals | n | valid | functions | graph | exact | s |", "|---|---|---|---|---|---|---|"]
    for label, those in kinds:
        if those:
            shares = [share([bool(each[key]) for each in those]) for key in ("valid", "functions", "graph", "exact")]
            seconds = sum(cast("float", each["seconds"]) for each in those) / len(those)
            lines.append(f"| {label} | {len(those)} | {' | '.join(shares)} | {seconds:.1f} |")
    return "\n".join(lines)


def share(right: Sequence[bool]) -> str:
    """Return which share is true, and the range in which it lies with 95 % probability."""
    low, high = interval(sum(right), len(right))
    return f"{sum(right) / len(right):.0%} ({low:.0%}–{high:.0%})"


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="local", help="the model's spec (default: local)")
    parser.add_argument("--sample", type=int, default=None, help="how many of the goals (default: all)")
    parser.add_argument("--seed", type=int, default=None, help="make goals of this seed instead of the public ones")
    parser.add_argument("--packs", action="append", choices=("written", "seen", "unseen"), help="only goals over these")
    parser.add_argument("--given", action="store_true", help="show the functions needed among six, not those retrieved")
    parser.add_argument("--sketch", action="store_true", help="let a model sketch that does not say it has learned to")
    parser.add_argument("--free", action="store_true", help="without a grammar")
    parser.add_argument("--guesses", type=int, default=sketching.GUESSES, help="the most sketches a goal gets")
    parser.add_argument(
        "--out", type=Path, default=None, help="add each result to this file, one a line, and go on where it ends"
    )
    parser.add_argument("--table", type=Path, nargs="+", default=(), help="only print the tables of such files")
    given = parser.parse_args()
    for path in given.table:
        rows = _rows(path)
        print(f"{path.stem}\n{summary(rows)}", end="\n\n")
    if not given.table:
        asyncio.run(measure(given))


if __name__ == "__main__":
    main()
