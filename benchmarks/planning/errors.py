"""What is wrong with the plans that are wrong: each has one class, the first that fits.

python -m benchmarks.planning.errors benchmarks/planning/results/tuned.jsonl
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from forethought.planners.language.nodes import Plan, Step
from forethought.planners.language.parsing import parse

from .measure import GOALS, PUBLIC, Wanted, read
from .recall import recalled
from .scoring import TWINS

__all__ = ["CLASSES", "classes", "kind_of_error", "main"]

CLASSES = (
    "a needed function was not shown",
    "refused, though there is a way",
    "planned, though there is no way",
    "a step is missing",
    "a step too many",
    "another function",
    "a result goes elsewhere",
    "a value is wrong",
)


def kind_of_error(row: Mapping[str, object], wanted: Wanted, *, shown: bool) -> str:
    """Return the class of a wrong plan; `shown` says whether what it needs was among the functions shown."""
    if not wanted.steps:
        return CLASSES[2]
    if not shown:
        return CLASSES[0]
    made = _called(parse(cast("str", row["plan"]))) if row["plan"] else Counter[str]()
    if not made:
        return CLASSES[1]
    if row["functions"]:
        return CLASSES[7] if row["graph"] else CLASSES[6]
    needed = min((_called(plan) for plan in wanted.plans), key=lambda each: ((made - each) + (each - made)).total())
    missing, added = (needed - made).total(), (made - needed).total()
    return CLASSES[3] if missing > added else CLASSES[4] if added > missing else CLASSES[5]


def _called(plan: Plan) -> Counter[str]:
    names = [step.function.text for step in plan.steps if isinstance(step, Step)]
    return Counter(TWINS.get(name, (name,))[0] for name in names)


def classes(rows: Sequence[Mapping[str, object]]) -> Counter[tuple[str, bool]]:
    """Count the classes of the plans that are not exact, and whether their goals take more than three steps."""
    wanted = {(each.goal, each.packs): each for each in (*read(GOALS), *read(PUBLIC))}
    wrong = [each for each in rows if not each["exact"]]
    asked = [wanted[cast("str", each["goal"]), cast("str", each["packs"])] for each in wrong]
    found = asyncio.run(recalled(asked))
    return Counter(
        (kind_of_error(row, each, shown=one["shown", 0]), each.steps > 3)
        for row, each, one in zip(wrong, asked, found, strict=True)
    )


def main() -> None:
    """Print a table of the classes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, help="a file that `measure --out` has written")
    lines = parser.parse_args().results.read_text(encoding="utf-8").splitlines()
    rows = [cast("dict[str, object]", json.loads(line)) for line in lines]
    found = classes(rows)
    print(f"| of {sum(found.values())} wrong plans | to three steps | more steps |\n|---|---|---|")
    for name in CLASSES:
        print(f"| {name} | {found[name, False]} | {found[name, True]} |")


if __name__ == "__main__":
    main()
