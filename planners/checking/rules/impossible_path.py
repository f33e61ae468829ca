"""Paths into what has no parts."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem, Severity
from forethought.kernel.values import ValueType
from forethought.planners.checking.binding import BoundPlan, Resolved
from forethought.planners.checking.naming import article
from forethought.planners.checking.references import path_is_text, reference_place, type_at
from forethought.planners.language.templates import Reference

__all__ = ["impossible_path"]


def impossible_path(bound: BoundPlan) -> Iterator[Problem]:
    """A path leads into what has such parts: fields of an object, items of an array.

    A bare path after a variable that is text is text itself; where that is the whole value, it deserves a look.
    """
    for step, expression, resolved in bound.references:
        found = _finding(resolved, whole=expression.template.whole is not None) if resolved.reference.path else None
        if found:
            severity, message, hint = found
            yield Problem(
                code="impossible-path",
                message=message,
                severity=severity,
                place=reference_place(bound.plan, expression.argument, resolved.reference) or step.step.place,
                step=step.id,
                hint=hint,
            )


def _finding(resolved: Resolved, *, whole: bool) -> tuple[Severity, str, str | None] | None:
    reference = resolved.reference
    if path_is_text(resolved):
        rest = _shown(reference, 0, len(reference.path))
        message = f"'{reference.source}' is the text of '${reference.name}' and then '{rest}', for the variable is text"
        hint = f"write '${{{reference.name}}}{rest}' if that is meant"
        return (Severity.WARNING, message, hint) if whole else None
    reached, walked = type_at(resolved)
    if walked == len(reference.path):
        return None
    lacks = "items" if isinstance(reference.path[walked], int) else "fields"
    into = f"${reference.name}{_shown(reference, 0, walked)}"
    message = f"'{reference.source}' leads nowhere: '{into}' is {article(reached.kind)}, which has no {lacks}"
    return Severity.ERROR, message, _hint(reference, reached, walked)


def _hint(reference: Reference, reached: ValueType, walked: int) -> str | None:
    into, rest = f"{reference.name}{_shown(reference, 0, walked)}", _shown(reference, walked, len(reference.path))
    if reached.kind == "array":
        return f"write '${into}[0]{rest}' for the first item"
    if not reference.braced and not isinstance(reference.path[walked], int):
        return f"write '${{{into}}}{rest}' if '{rest}' is text"
    return None


def _shown(reference: Reference, start: int, end: int) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in reference.path[start:end])
