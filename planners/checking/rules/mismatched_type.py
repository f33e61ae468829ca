"""Outputs and variables that can never become what a parameter takes."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Place, Problem, Severity
from forethought.kernel.values import ValueType
from forethought.planners.checking.bound import Binding, BoundPlan, BoundStep, Expression, Implicit, Producer
from forethought.planners.checking.naming import article
from forethought.planners.checking.references import reference_place, type_at

__all__ = ["mismatched_type"]

_READ_AS_ANYTHING = frozenset({"any", "string"})
_PARTED = frozenset({"array", "object"})
_TIMES = frozenset({"date", "date-time", "time", "duration"})
_NUMBERS = frozenset({"integer", "number", "boolean"})


def mismatched_type(bound: BoundPlan) -> Iterator[Problem]:
    """What a whole reference or an implicit value brings can become what the parameter takes.

    Only what is certain to fail is told: text may read as anything, so it never is. Null given to text is a warning,
    since it reads "null".
    """
    for step in _concerned(bound):
        for binding in step.bindings:
            found = _brought(binding)
            if found is None:
                continue
            brought, shown = found
            severity = _severity(brought, binding.parameter.type)
            if severity is None:
                continue
            taken = article(str(binding.parameter.type).rstrip("?"))
            yield Problem(
                code="mismatched-type",
                message=f"parameter '{binding.parameter.name}' takes {taken}, and {shown} is {_said(brought)}",
                severity=severity,
                place=_place(bound, step, binding),
                step=step.id,
                hint=_hint(brought, binding),
            )


def _concerned(bound: BoundPlan) -> list[BoundStep]:
    """Return the steps that are given something else than text."""
    steps = {step.id for step, _, resolved in bound.references if _may_fail(resolved.producer)}
    for step in bound.steps_where(lambda layout: layout.left_out):
        if any(isinstance(source, Implicit) and _may_fail(source.producer) for source in step.left_out):
            steps.add(step.id)
    return [step for step in bound.steps if step.id in steps] if steps else []


def _may_fail(producer: Producer | None) -> bool:
    return producer is not None and producer.type.kind not in _READ_AS_ANYTHING


def _brought(binding: Binding) -> tuple[ValueType, str] | None:
    """Return the type of what a parameter is given as a whole, and how a sentence names it."""
    source = binding.source
    if isinstance(source, Implicit):
        producer = source.producer
        chained = source.kind == "chain" and producer.step and producer.how != "item"
        return producer.type, f"the output of step {producer.step}" if chained else f"'${producer.name}'"
    if isinstance(source, Expression) and source.template.whole:
        resolved = source.references[0]
        reached, walked = type_at(resolved)
        if walked == len(resolved.reference.path):
            return reached, f"'{resolved.reference.source}'"
    return None


def _severity(brought: ValueType, taken: ValueType) -> Severity | None:
    if brought.nullable or taken.kind in ("any", brought.kind):
        return None
    if brought.kind == "null":
        if taken.nullable:
            return None
        return Severity.WARNING if taken.kind == "string" else Severity.ERROR
    if taken.kind in ("string", "null") or brought.kind in _READ_AS_ANYTHING:
        return None
    parted = brought.kind in _PARTED or taken.kind in _PARTED
    timed = brought.kind in _TIMES and taken.kind in _NUMBERS
    return Severity.ERROR if parted or timed else None


def _said(type_: ValueType) -> str:
    return "nothing (null)" if type_.kind == "null" else article(str(type_))


def _place(bound: BoundPlan, step: BoundStep, binding: Binding) -> Place | None:
    if isinstance(binding.source, Expression):
        argument = binding.source.argument
        return reference_place(bound.plan, argument, binding.source.references[0].reference) or step.step.place
    return step.step.place


def _hint(brought: ValueType, binding: Binding) -> str | None:
    if isinstance(binding.source, Implicit):
        return f'write {binding.parameter.name}="…"'
    if brought.kind == "array" and isinstance(binding.source, Expression):
        return f"one item of it is '{binding.source.references[0].reference.source}[0]'"
    return None
