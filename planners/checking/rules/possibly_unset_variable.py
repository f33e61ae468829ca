"""Variables that are set on some ways through the plan only."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Place, Problem
from forethought.planners.checking.bound import BoundBlock, BoundPlan, Implicit, Producer
from forethought.planners.checking.references import decisions, reference_place, references
from forethought.planners.checking.unresolved import unresolved
from forethought.planners.language.nodes import ForEach, If

__all__ = ["possibly_unset_variable"]


def possibly_unset_variable(bound: BoundPlan) -> Iterator[Problem]:
    """A variable is read only where it is set on every way that leads there.

    What one branch sets, or a loop that may have no round, is not set on every way; nor is, in the first round, what a
    loop sets further down. A test may ask `NAME is defined`, and where it holds the variable is set.
    """
    for each in unresolved(bound):
        if each.why == "branch":
            yield Problem(
                code="possibly-unset-variable",
                message=f"'{each.reference.name}' is not set here: step {each.setter} sets it, in the other branch",
                place=each.place,
                step=each.step,
                hint="set it in this branch, too, or before the 'if'",
            )
    if not bound.blocks:
        return
    blocks = {each.id: each for each in bound.blocks}
    seen: set[tuple[str, str]] = set()
    for id_, producer, place in _uncertain(bound):
        key = (id_, producer.name.lower())
        if key not in seen:
            seen.add(key)
            message, hint = _said(producer, blocks[str(producer.step)])
            yield Problem(code="possibly-unset-variable", message=message, place=place, step=id_, hint=hint)


def _uncertain(bound: BoundPlan) -> Iterator[tuple[str, Producer, Place | None]]:
    """Yield what may not be set where a node reads it."""
    for step, expression, resolved in references(bound):
        if resolved.producer and not resolved.producer.certain:
            place = reference_place(bound.plan, expression.argument, resolved.reference)
            yield step.id, resolved.producer, place or step.step.place
    for step in bound.steps_where(lambda layout: layout.left_out):
        for source in step.left_out:
            if isinstance(source, Implicit) and not source.producer.certain:
                yield step.id, source.producer, step.step.place
    for block, argument, resolved, guarded in decisions(bound):
        if resolved.producer and not resolved.producer.certain and not guarded:
            place = reference_place(bound.plan, argument, resolved.reference)
            yield block.id, resolved.producer, place or block.node.place


def _said(producer: Producer, block: BoundBlock) -> tuple[str, str]:
    name, before = producer.name, f"before step {block.id}"
    if producer.how == "carried":
        return f"'{name}' is not set here in the first round of step {block.id}", f"set it {before}"
    message = f"'{name}' may not be set here: step {block.id} does not always set it"
    if isinstance(block.node, If):
        return message, f"set it in both branches, or {before}"
    rounds = "an empty list has no round" if isinstance(block.node, ForEach) else "the test may never hold"
    return message, f"{rounds}: set it {before}, too"
