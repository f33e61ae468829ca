"""References of a bound plan: those that lead nowhere and why, where they stand, and what is used by whom."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise
from typing import Literal
from weakref import WeakKeyDictionary

from forethought.kernel.problems import Place
from forethought.kernel.values import ANY, PathPart, ValueType
from forethought.planners.language.nodes import Argument, Plan
from forethought.planners.language.templates import Reference

from .bound import BoundPlan, BoundStep, Expression, Implicit, Producer, Resolved
from .naming import nearest

__all__ = ["MAX_REFERENCES", "Unresolved", "Uses", "reference_place", "references", "type_at", "unresolved", "uses"]

MAX_REFERENCES = 100_000
"""The most references that a plan may have."""

_COMPARED = 1000
_LATEST = 64

Why = Literal["early", "near", "unknown"]


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A reference to a name that is not known at its point of the document, the first of that name in its argument.

    `why` is *early* where a later step (`setter`) sets the variable; *near* where it stands inside text and a known
    variable (`meant`) is spelled almost like it; else *unknown*. `known` are the variables known there, the latest
    64, latest first.
    """

    step: BoundStep
    argument: Argument
    reference: Reference
    whole: bool
    why: Why
    setter: str | None
    meant: str | None
    known: Collection[str]


def references(bound: BoundPlan) -> tuple[tuple[BoundStep, Expression, Resolved], ...]:
    """Return the references that rules look at: all, or none of a plan that is refused for having too many."""
    return bound.references if len(bound.references) <= MAX_REFERENCES else ()


def unresolved(bound: BoundPlan) -> Sequence[Unresolved]:
    """Return the references that lead nowhere, in document order.

    Only the first thousand are compared with what is known, so that a hostile plan costs little.
    """
    found = _unresolved.get(bound)
    if found is None:
        some = any(resolved.producer is None for _, _, resolved in references(bound))
        found = _unresolved[bound] = tuple(_find_unresolved(bound)) if some else ()
    return found


_unresolved: WeakKeyDictionary[BoundPlan, Sequence[Unresolved]] = WeakKeyDictionary()


def _find_unresolved(bound: BoundPlan) -> Iterator[Unresolved]:
    known = {name: producer.name for name, producer in bound.outside.items()}
    setters = {step.step.sets.lower(): step.id for step in reversed(bound.steps) if step.step.sets}
    compared = 0
    for step in bound.steps:
        for expression in step.referring:
            whole = expression.template.whole is not None
            for name, reference in _missing(expression).items():
                latest = tuple(islice(reversed(known.values()), _LATEST))
                setter = setters.get(name)
                meant = nearest(name, latest) if setter is None and compared < _COMPARED else None
                compared += 1
                why: Why = "early" if setter else "near" if meant and not whole else "unknown"
                yield Unresolved(step, expression.argument, reference, whole, why, setter, meant, latest)
        if step.step.sets:
            key = step.step.sets.lower()
            known[key] = known.pop(key, step.step.sets)


def _missing(expression: Expression) -> dict[str, Reference]:
    """Return the first reference to each name that is not known."""
    missing: dict[str, Reference] = {}
    for resolved in expression.references:
        if resolved.producer is None:
            missing.setdefault(resolved.reference.name.lower(), resolved.reference)
    return missing


@dataclass(frozen=True, slots=True)
class Uses:
    """What is used in a plan.

    `read` are the steps whose output is read by the name of a variable, `chained` those whose output is a following
    step's `input`; `outside` the lower-case names of the variables from outside that are read.
    """

    read: frozenset[str]
    chained: frozenset[str]
    outside: frozenset[str]


def uses(bound: BoundPlan) -> Uses:
    """Return what is used; a misspelled or early reference uses what it means, an unknown function all it may."""
    found = _uses.get(bound)
    if found is None:
        found = _uses[bound] = _find_uses(bound)
    return found


_uses: WeakKeyDictionary[BoundPlan, Uses] = WeakKeyDictionary()


def _find_uses(bound: BoundPlan) -> Uses:
    read = [producer for _, _, (_, producer) in bound.references if producer]
    chained: list[Producer] = []
    for step in bound.steps_where(lambda layout: layout.left_out):
        for source in step.left_out:
            if isinstance(source, Implicit):
                (chained if source.kind == "chain" else read).append(source.producer)
    unknown = {step.id for step in bound.steps_where(lambda layout: layout.signature is None)}
    before = {step.id for step, after in pairwise(bound.steps) if after.id in unknown} if unknown else set[str]()
    names = {name.lower() for each in unresolved(bound) for name in (each.reference.name, each.meant) if name}
    outside = names | {each.name.lower() for each in [*read, *chained] if each.step is None}
    if bound.steps and bound.steps[0].id in unknown:
        outside.add("input")
    return Uses(
        frozenset([each.step for each in read if each.step] + _setting(bound, names)),
        frozenset([each.step for each in chained if each.step]) | before,
        frozenset(outside),
    )


def _setting(bound: BoundPlan, names: Collection[str]) -> list[str]:
    """Return the steps that set a variable of one of the names."""
    return [step.id for step in bound.steps if names and step.step.sets and step.step.sets.lower() in names]


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
    """Return where `reference` stands in the text of `plan`; where that cannot be told, where its value starts.

    A value that is written with entities is longer in the text than it reads, so the text itself has the last word.
    """
    start = argument.value_place
    if start is None:
        return None
    value, offset = argument.value, reference.offset
    breaks = value.count("\n", 0, offset)
    line = start.line + breaks
    column = offset - value.rfind("\n", 0, offset) if breaks else start.column + offset
    lines = _lines(plan.source)
    if 0 < line <= len(lines) and lines[line - 1].startswith(reference.source, column - 1):
        return Place(line, column, len(reference.source))
    return start


@lru_cache(maxsize=1)
def _lines(source: str) -> tuple[str, ...]:
    return tuple(source.split("\n"))
