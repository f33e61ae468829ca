"""How often what a goal needs is among the few functions that a small planner is shown.

python -m benchmarks.planning.recall
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from forethought.kernel.functions import FunctionSignature
from forethought.planners.choosing.matching import enough, match
from forethought.planners.choosing.ranking import Ranking, rank
from forethought.planners.language.nodes import Step

from .measure import GOALS, KINDS, PUBLIC, Wanted, read, registries, share
from .scoring import TWINS

__all__ = ["main", "recalled"]

SHOWN = (6, 8)


async def recalled(wanted: Sequence[Wanted]) -> list[Mapping[tuple[str, int], bool]]:
    """Return for each goal whether an accepted plan's functions are all among the first ones, by way and number.

    *Alone* is what words and vectors find, *matched* what the maps find beside it; *shown* are as many of these as the
    model is shown. A function stands for one that does the same.
    """
    known = registries()
    found: list[Mapping[tuple[str, int], bool]] = []
    for each in wanted:
        functions: tuple[FunctionSignature, ...] = tuple(known[each.packs])
        ranking = await rank(each.goal, functions)
        needed = [{_same(step.function.text) for step in plan.steps if isinstance(step, Step)} for plan in each.plans]
        ways = {"alone": ranking.alone(), "matched": await match(each.goal, functions, ranking)}
        found.append(
            {
                (way, count): any(some <= set(_first(by, count)) for some in needed)
                for way, by in ways.items()
                for count in SHOWN
            }
            | {("shown", 0): any(some <= set(_first(ways["matched"], enough(ways["matched"]))) for some in needed)}
        )
    return found


def _first(ranking: Ranking, count: int) -> list[str]:
    order = sorted(ranking.relevance, key=lambda name: -ranking.relevance[name].score)
    return [_same(name) for name in order[:count]]


def _same(name: str) -> str:
    return TWINS.get(name, (name,))[0]


def main() -> None:
    """Print a table: the share of goals of each kind, and the range in which it lies."""
    wanted = [each for each in (*read(GOALS), *read(PUBLIC)) if each.steps]
    found = asyncio.run(recalled(wanted))
    ways = [(way, count) for way in ("alone", "matched") for count in SHOWN] + [("shown", 0)]
    print("| goals | n | " + " | ".join(f"{way}, {count}" if count else way for way, count in ways) + " |")
    print("|---" * (len(ways) + 2) + "|")
    for label, packs, steps in (("by hand", "written", (1, 2, 3)), *KINDS):
        those = [one for each, one in zip(wanted, found, strict=True) if each.packs == packs and each.steps in steps]
        if those:
            print(
                f"| {label} | {len(those)} | " + " | ".join(share([one[way] for one in those]) for way in ways) + " |"
            )


if __name__ == "__main__":
    main()
