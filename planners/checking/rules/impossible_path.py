"""Paths into what has no parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forethought.kernel.problems import Problem
from forethought.kernel.values import PathPart
from forethought.planners.checking.bound import BoundPlan, Resolved
from forethought.planners.checking.naming import article
from forethought.planners.checking.references import decisions, reference_place, references, type_at

__all__ = ["impossible_path"]


def impossible_path(bound: BoundPlan) -> Iterator[Problem]:
    """A path leads into what has such parts: fields of an object, items of an array.

    Inside text, a bare path after a variable that is text is text itself.
    """
    with_path = [each for each in references(bound) if each[2].reference.path]
    for step, expression, resolved in with_path:
        found = _dead_end(resolved, inside=expression.template.whole is None)
        if found:
            place = reference_place(bound.plan, expression.argument, resolved.reference) or step.step.place
            yield Problem(code="impossible-path", message=found[0], place=place, step=step.id, hint=found[1])
    for decision in decisions(bound):
        resolved = decision.resolved
        found = None if decision.guarded else _dead_end(resolved, inside=False, sign="" if decision.in_test else "$")
        if found:
            place = reference_place(bound.plan, decision.argument, resolved.reference) or decision.block.node.place
            yield Problem(code="impossible-path", message=found[0], place=place, step=decision.block.id, hint=found[1])


def _dead_end(resolved: Resolved, *, inside: bool, sign: str = "$") -> tuple[str, str | None] | None:
    """Return where the path of a reference ends too early, and the way out."""
    reference = resolved.reference
    reached, walked = type_at(resolved)
    if walked == len(reference.path):
        return None
    if inside and walked == 0 and reached.kind == "string" and not reference.braced:
        return None
    lacks = "items" if isinstance(reference.path[walked], int) else "fields"
    into, rest = f"{reference.name}{_shown(reference.path[:walked])}", _shown(reference.path[walked:])
    written = reference.source if sign else into + rest
    message = f"'{written}' leads nowhere: '{sign}{into}' is {article(reached.kind)}, which has no {lacks}"
    if rest in (".length", ".count", ".size"):
        return message, f"write '{into}|length'" if not sign else None
    if reached.kind == "array":
        return message, f"write '{sign}{into}[0]{rest}' for the first item"
    return message, f"write '${{{into}}}{rest}' if '{rest}' is text" if sign else None


def _shown(path: Sequence[PathPart]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
