"""Literals that do not fit."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.errors import CoercionError
from forethought.kernel.functions import Parameter
from forethought.kernel.problems import Problem
from forethought.kernel.values import ValueType, coerce
from forethought.planners.checking.bound import BoundPlan, Layout
from forethought.planners.checking.naming import article
from forethought.planners.language.templates import Text, parse_template

__all__ = ["wrong_type"]

_SHOWN = 40


def wrong_type(bound: BoundPlan) -> Iterator[Problem]:
    """A literal fits the type of its parameter, and the default of an input the input's own type.

    What contains a reference is known only when it runs.
    """
    for each in {each.name.lower(): each for each in reversed(bound.plan.inputs)}.values():
        expected = bound.outside[each.name.lower()].type
        if each.value is None or _takes_all(expected):
            continue
        misfit = _misfit(each.value, expected)
        if misfit:
            message, hint = misfit
            place = each.value_place or each.place
            yield Problem(code="wrong-type", message=f"input '{each.name}' {message}", place=place, hint=hint)
    looked_at = {id(layout): _looked_at(layout) for layout in bound.layouts}
    for step in bound.steps_where(_looked_at):
        for parameter, position in looked_at[id(step.layout)]:
            value = step.step.values[position]
            if "$" in value and step.expression(position).references:
                continue
            misfit = _misfit(_text(value) if "$" in value else value, parameter.type)
            if misfit:
                message, hint = misfit
                argument = step.step.argument_at(position)
                yield Problem(
                    code="wrong-type",
                    message=f"parameter '{parameter.name}' {message}",
                    place=argument.value_place or argument.place or step.step.place,
                    step=step.id,
                    hint=hint,
                )


def _looked_at(layout: Layout) -> list[tuple[Parameter, int]]:
    return [(each, at) for each, at in layout.given if at is not None and not _takes_all(each.type)]


def _text(value: str) -> str:
    """Return the text that a value without a reference stands for."""
    return (
        "".join(each.text for each in parse_template(value).pieces if isinstance(each, Text)) if "$" in value else value
    )


def _takes_all(expected: ValueType) -> bool:
    """Say whether every text fits, so that none need be looked at."""
    return expected.kind in ("string", "any") and not expected.choices and expected.hint in (None, str)


def _misfit(text: str, expected: ValueType) -> tuple[str, str | None] | None:
    """Return how `text` does not fit, and what would; None where it fits."""
    try:
        coerce(text, expected)
    except CoercionError as error:
        line = " ".join(text[: _SHOWN + 1].split())
        shown = line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
        if expected.choices and error.reason.startswith("it must be one of"):
            return f"does not allow '{shown}'", error.reason
        if expected.kind == "any":
            return f"does not take '{shown}'", error.reason or None
        return f"takes {article(str(expected).rstrip('?'))}, not '{shown}'", error.reason or None
    return None
