"""Paths into what has no parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forethought.kernel.problems import Problem
from forethought.kernel.values import PathPart
from forethought.planners.checking.bound import BoundPlan, Resolved
from forethought.planners.checking.naming import article
from forethought.planners.checking.references import reference_place, references, type_at

__all__ = ["impossible_path"]


def impossible_path(bound: BoundPlan) -> Iterator[Problem]:
    """A path leads into what has such parts: fields of an object, items of an array.

    Inside text, a bare path after a variable that is text is text itself.
    """
    with_path = [each for each in references(bound) if each[2].reference.path]
    for step, expression, resolved in with_path:
        found = _dead_end(resolved, inside=expression.template.whole is None)
        if found:
            message, hint = found
            yield Problem(
                code="impossible-path",
                message=message,
                place=reference_place(bound.plan, expression.argument, resolved.reference) or step.step.place,
                step=step.id,
                hint=hint,
            )


def _dead_end(resolved: Resolved, *, inside: bool) -> tuple[str, str | None] | None:
    """Return where the path of a reference ends too early, and the way out."""
    reference = resolved.reference
    reached, walked = type_at(resolved)
    if walked == len(reference.path):
        return None
    if inside and walked == 0 and reached.kind == "string" and not reference.braced:
        return None
    lacks = "items" if isinstance(reference.path[walked], int) else "fields"
    into, rest = f"{reference.name}{_shown(reference.path[:walked])}", _shown(reference.path[walked:])
    message = f"'{reference.source}' leads nowhere: '${into}' is {article(reached.kind)}, which has no {lacks}"
    if reached.kind == "array":
        return message, f"write '${into}[0]{rest}' for the first item"
    return message, f"write '${{{into}}}{rest}' if '{rest}' is text"


def _shown(path: Sequence[PathPart]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
