"""Evaluation: where a value comes from, made into a function that fetches it.

Every source is read once, before the first step; while the plan runs, a value is only looked up, followed and put into
text. What was put into text is never scanned again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import assert_never

from forethought.kernel.values import PathPart, follow, text
from forethought.planners.checking.binding import (
    Binding,
    Default,
    Expression,
    Implicit,
    Producer,
    Resolved,
    Source,
    Unbound,
)
from forethought.planners.language.templates import Reference, Text

__all__ = ["Evaluator", "Slots", "Values", "evaluator", "sources"]

Values = Sequence[object]
"""All values of a run; each producer has one slot in it."""

Slots = Callable[[Producer], int]
"""Which slot holds what a producer gives."""

Evaluator = Callable[[Values], object]
"""Fetches one argument's value. Raises PathError where a value has no such field or item."""


def evaluator(source: Source, slots: Slots) -> Evaluator | None:
    """Return what fetches the value of `source`; None where the function's own default holds.

    A reference that is the whole value gives the object itself, inside text it becomes text (`kernel.values.text`).
    """
    match source:
        case Expression():
            return _expression(source, slots)
        case Implicit():
            return itemgetter(slots(source.producer))
        case Default() | Unbound():
            return None
        case _:
            assert_never(source)


def sources(bindings: Iterable[Binding]) -> dict[str, str]:
    """Return for each parameter where its value comes from, as a reader of the plan would say it."""
    return {binding.parameter.name: _described(binding) for binding in bindings}


def _described(binding: Binding) -> str:
    match binding.source:
        case Expression(argument=argument, references=references):
            written = argument.value if len(argument.value) <= 60 else f"{argument.value[:57]}..."
            origins = dict.fromkeys(_origin(each.producer) for each in references if each.producer)
            return f'"{written}" from {", ".join(origins)}' if origins else f'"{written}"'
        case Implicit(kind="chain", producer=producer):
            return f"the output of step {producer.step}" if producer.step else f"${producer.name} from input"
        case Implicit(producer=producer):
            return f"${producer.name} from {_origin(producer)}"
        case Default():
            return "its default"
        case Unbound():
            return "nothing"
        case _:
            assert_never(binding.source)


def _origin(producer: Producer) -> str:
    return f"step {producer.step}" if producer.step else "input"


def _expression(source: Expression, slots: Slots) -> Evaluator:
    resolved = iter(source.references)
    if source.template.whole is not None:
        return _whole(next(resolved), slots)
    pieces = [
        piece.text if isinstance(piece, Text) else _inside(next(resolved), slots) for piece in source.template.pieces
    ]
    if all(isinstance(piece, str) for piece in pieces):
        constant = "".join(piece for piece in pieces if isinstance(piece, str))
        return lambda _: constant
    return lambda values: "".join([piece if isinstance(piece, str) else piece(values) for piece in pieces])


def _whole(resolved: Resolved, slots: Slots) -> Evaluator:
    reference, producer = resolved.reference, resolved.producer
    if producer is None:
        return lambda _: reference.source
    slot = slots(producer)
    if not reference.path:
        return itemgetter(slot)
    return lambda values: follow(values[slot], reference.path)


def _inside(resolved: Resolved, slots: Slots) -> Callable[[Values], str] | str:
    """The piece of a text that a reference is: what is not known stays as it is written."""
    reference, producer = resolved.reference, resolved.producer
    if producer is None:
        return reference.source
    slot = slots(producer)
    if not reference.path:
        return lambda values: text(values[slot])
    return _path_inside(slot, reference.path, None if reference.braced else _after_name(reference))


def _path_inside(slot: int, path: tuple[PathPart, ...], after: str | None) -> Callable[[Values], str]:
    """A bare path after a name that turns out to hold text is text itself: `Dear $NAME.Thanks`."""

    def piece(values: Values) -> str:
        value = values[slot]
        if after is not None and isinstance(value, str):
            return value + after
        return text(follow(value, path))

    return piece


def _after_name(reference: Reference) -> str:
    return reference.source[len("$") + len(reference.name) :]
