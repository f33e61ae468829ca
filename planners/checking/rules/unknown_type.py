"""Types that are none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from forethought.kernel.problems import Problem
from forethought.kernel.values import Kind
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.naming import listed, nearest

__all__ = ["unknown_type"]

_KINDS: tuple[str, ...] = get_args(Kind)
_OTHER_WORDS = {
    "str": "string",
    "text": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
    "datetime": "date-time",
    "none": "null",
}


def unknown_type(bound: BoundPlan) -> Iterator[Problem]:
    """The type of an input is one of JSON Schema's type names, one of its date formats, or `any`."""
    for each in bound.plan.inputs:
        if each.type not in _KINDS:
            meant = _OTHER_WORDS.get(each.type.lower()) or nearest(each.type, _KINDS)
            yield Problem(
                code="unknown-type",
                message=f"input '{each.name}' has the type '{each.type}', which is none",
                place=each.place,
                hint=f"did you mean '{meant}'?" if meant else f"write one of {listed(_KINDS, len(_KINDS))}",
            )
