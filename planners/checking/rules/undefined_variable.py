"""Variables that nobody sets."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem, Severity
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.naming import listed
from forethought.planners.checking.unresolved import Unresolved, unresolved

__all__ = ["undefined_variable"]


def undefined_variable(bound: BoundPlan) -> Iterator[Problem]:
    """A reference that is a whole value, and a name in a test, is a variable's; inside text, any other stays text."""
    for each in unresolved(bound):
        if each.why != "unknown":
            continue
        name, source = each.reference.name, each.reference.source
        yield Problem(
            code="undefined-variable",
            message=f"there is no variable '{name}'" + ("" if each.whole else f": '{source}' stays text"),
            severity=Severity.ERROR if each.whole else Severity.WARNING,
            place=each.place,
            step=each.step,
            hint=_way_out(each) if each.whole else f"'${source}' says so",
        )


def _way_out(each: Unresolved) -> str:
    if each.meant:
        return f"did you mean '{each.sign}{each.meant}'?"
    if each.known:
        return f"known here: {listed(f'{each.sign}{name}' for name in each.known)}"
    return f'declare it: <input name="{each.reference.name}"/>'
