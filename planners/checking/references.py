"""References of a bound plan: those that steps are given, those that blocks decide by, and where each stands."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from forethought.kernel.problems import Place
from forethought.kernel.values import ANY, PathPart, ValueType
from forethought.planners.language.nodes import Argument, ForEach, If, Plan
from forethought.planners.language.templates import Reference

from .bound import BoundBlock, BoundPlan, BoundStep, Expression, Resolved
from .conditions import Condition

__all__ = [
    "MAX_REFERENCES",
    "Decision",
    "are_exclusive",
    "decided_by",
    "decisions",
    "decisions_of",
    "has_few_references",
    "parted",
    "reference_place",
    "references",
    "text_place",
    "type_at",
]

MAX_REFERENCES = 100_000
"""The most references that a plan may have."""

_FOLLOWED = 2_000
_ENTITY = re.compile(r"&(?:#[0-9]+|#x[0-9A-Fa-f]+|lt|gt|amp|quot|apos);")


class Decision(NamedTuple):
    """A reference that a block decides by: in its test, or in the list of a foreach.

    `argument` is the attribute it stands in. `guarded` says that it may be missing, for the test asks whether it is.
    """

    block: BoundBlock
    argument: Argument
    resolved: Resolved
    guarded: bool

    @property
    def in_test(self) -> bool:
        """Say whether it stands in a test, where a variable has no dollar before it."""
        return not isinstance(self.block.node, ForEach)


def references(bound: BoundPlan) -> tuple[tuple[BoundStep, Expression, Resolved], ...]:
    """Return the references of steps that rules look at: all, or none of a plan refused for having too many."""
    return bound.references if has_few_references(bound) else ()


def decisions(bound: BoundPlan) -> list[Decision]:
    """Return the references that blocks decide by: all, or none of a plan refused for having too many."""
    return list(chain.from_iterable(map(decisions_of, bound.blocks))) if has_few_references(bound) else []


def has_few_references(bound: BoundPlan) -> bool:
    """Say whether a plan has no more references than it may have."""
    return len(bound.references) + sum(len(each.reads) for each in bound.blocks) <= MAX_REFERENCES


def decisions_of(block: BoundBlock) -> list[Decision]:
    """Return the references that one block decides by."""
    argument = decided_by(block)
    asked: set[str] = set()
    if isinstance(block.condition, Condition):
        asked = {each.name.lower() for each in block.condition.names if each.guarded}
    return [Decision(block, argument, each, each.reference.name.lower() in asked) for each in block.reads]


def decided_by(block: BoundBlock) -> Argument:
    """Return the attribute that a block decides by: `test`, or the `in` of a foreach."""
    node = block.node
    if isinstance(node, ForEach):
        return Argument("in", node.over, node.place, node.over_place)
    return Argument("test", node.test, node.place, node.test_place)


def parted(bound: BoundPlan) -> frozenset[str]:
    """Return the ids of the blocks of which one branch or the other runs."""
    return frozenset(each.id for each in bound.blocks if isinstance(each.node, If) and each.node.otherwise)


def are_exclusive(one: str, other: str, parted: Collection[str]) -> bool:
    """Say whether two nodes stand in the two branches of one of the `parted` blocks, so that never both run."""
    first, second = sorted((_numbers(one), _numbers(other)))
    depth = next((depth for depth, (low, high) in enumerate(zip(first, second, strict=False)) if low != high), None)
    if depth is None or second[depth] != first[depth] + 1 or len(first) == depth + 1:
        return False
    return ".".join(map(str, first[: depth + 1])) in parted


def _numbers(id_: str) -> list[int]:
    return [int(each) for each in id_.split(".")]


def type_at(resolved: Resolved) -> tuple[ValueType, int]:
    """Return what is known of the type that a reference reaches, and how many parts of its path lead there.

    They are fewer than the path has where it leads into something without such parts.
    """
    if resolved.producer is None:
        return ANY, len(resolved.reference.path)
    reached = resolved.producer.type
    for walked, part in enumerate(resolved.reference.path):
        inner = _inside(reached, part)
        if inner is None:
            return reached, walked
        reached = inner
    return reached, len(resolved.reference.path)


def _inside(type_: ValueType, part: PathPart) -> ValueType | None:
    if type_.kind == "any":
        return ANY
    if type_.kind != ("array" if isinstance(part, int) else "object"):
        return None
    named = next((field for name, field in type_.fields if name == part), None)
    return named or type_.items or ANY


def reference_place(plan: Plan, argument: Argument, reference: Reference) -> Place | None:
    """Return where `reference` stands in the text of `plan`; where that cannot be told, where its value starts."""
    return text_place(plan, argument, reference.offset, reference.source)


def text_place(plan: Plan, argument: Argument, offset: int, words: str) -> Place | None:
    """Return where the `words` at an offset of a value stand in the text of `plan`, else where the value starts.

    A value that is written with entities is longer in the text than it reads, so the text itself has the last word.
    """
    start = argument.value_place
    if start is None:
        return None
    value = argument.value
    breaks = value.count("\n", 0, offset)
    lines = _lines(plan.source)
    if not 0 < start.line + breaks <= len(lines):
        return start
    line = lines[start.line + breaks - 1]
    at = offset - value.rfind("\n", 0, offset) - 1 if breaks else start.column - 1 + offset
    if not breaks and offset <= _FOLLOWED:
        at = _after_entities(line, start.column - 1, offset)
    return Place(start.line + breaks, at + 1, len(words)) if line.startswith(words, at) else start


def _after_entities(line: str, at: int, offset: int) -> int:
    """Return where the character of a value stands whose text begins at `at`, and may have entities in it."""
    found = at + offset
    for entity in _ENTITY.finditer(line, at):
        if entity.start() >= found:
            break
        found += len(entity[0]) - 1
    return found


@lru_cache(maxsize=1)
def _lines(source: str) -> tuple[str, ...]:
    return tuple(source.split("\n"))
