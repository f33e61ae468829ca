"""Evaluation: where a value comes from, made into the way to fetch it.

Every source is read once, before the first step; while the plan runs, a value is only looked up, followed and put into
text. What was put into text is never scanned again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Final, Literal, Protocol, assert_never

from forethought.kernel.errors import PathError
from forethought.kernel.functions import Parameter
from forethought.kernel.redacting import HIDDEN, Redaction, is_secret_name
from forethought.kernel.values import PathPart, follow, text
from forethought.planners.checking.bound import (
    Binding,
    BoundBlock,
    Default,
    Expression,
    Implicit,
    Producer,
    Resolved,
    Source,
    Unbound,
)
from forethought.planners.language.templates import Text

__all__ = ["UNSET", "Fetch", "Slots", "Unset", "Values", "block_sources", "fetch", "sources"]


class Unset(Enum):
    """No value: on the way that the plan took nothing has set the variable."""

    UNSET = "unset"


UNSET: Final[Literal[Unset.UNSET]] = Unset.UNSET

Values = Sequence[object]
"""All values of a run, each in its slot: what steps give, what comes from outside, what the plan says."""

Fetch = int | Callable[[Values], object]
"""How to get one argument's value: its slot, or a function of all values that raises PathError where a value has no
such field or item, or where there is none."""


class Slots(Protocol):
    """Which slot holds what."""

    def of(self, producer: Producer, /) -> int:
        """Return the slot of what a step gives, or of a variable from outside."""
        ...

    def constant(self, value: object, /) -> int:
        """Return a slot that holds `value` from the start."""
        ...


def fetch(source: Source, slots: Slots) -> Fetch | None:
    """Return how to get the value of `source`; None where the function's own default holds.

    A reference that is the whole value gives the object itself, inside text it becomes text (`kernel.values.text`).
    """
    match source:
        case Expression():
            return _expression(source, slots)
        case Implicit():
            return _whole(source.producer, (), slots)
        case Default() | Unbound():
            return None
        case _:
            assert_never(source)


def sources(bindings: Iterable[Binding]) -> dict[str, str]:
    """Return for each parameter where its value comes from, as a reader of the plan would say it, but for secrets."""
    return {
        parameter.name: f'"{HIDDEN}"' if _is_secret_text(parameter, source) else _described(source)
        for parameter, source in bindings
    }


def _is_secret_text(parameter: Parameter, source: Source) -> bool:
    written = isinstance(source, Expression) and not source.references
    return written and (parameter.secret or is_secret_name(parameter.name))


def block_sources(block: BoundBlock) -> dict[str, str]:
    """Return where the list of a foreach comes from, as `in`, or each variable that a test reads."""
    if block.over:
        return {"in": _described(block.over)}
    return {
        each.producer.name: _described(Implicit("variable", each.producer)) for each in block.reads if each.producer
    }


def _described(source: Source) -> str:
    match source:
        case Expression(argument=argument, references=references):
            written = Redaction().text(argument.value)
            written = written if len(written) <= 60 else f"{written[:57]}..."
            origins = dict.fromkeys(_origin(each.producer) for each in references if each.producer)
            return f'"{written}" from {", ".join(origins)}' if origins else f'"{written}"'
        case Implicit(kind="chain", producer=producer) if producer.how != "item":
            return f"the output of step {producer.step}" if producer.step else f"${producer.name} from input"
        case Implicit(producer=producer):
            return f"${producer.name} from {_origin(producer)}"
        case Default():
            return "its default"
        case Unbound():
            return "nothing"
        case _:
            assert_never(source)


def _origin(producer: Producer) -> str:
    return f"step {producer.step}" if producer.step else "input"


def _expression(source: Expression, slots: Slots) -> Fetch:
    template = source.template
    if not source.references:
        return slots.constant("".join([piece.text for piece in template.pieces if isinstance(piece, Text)]))
    if len(template.pieces) == 1:
        reference, producer = source.references[0]
        return slots.constant(reference.source) if producer is None else _whole(producer, reference.path, slots)
    resolved = iter(source.references)
    pieces = [piece.text if isinstance(piece, Text) else _inside(next(resolved), slots) for piece in template.pieces]
    return lambda values: "".join([piece if isinstance(piece, str) else piece(values) for piece in pieces])


def _whole(producer: Producer, path: tuple[PathPart, ...], slots: Slots) -> Fetch:
    slot = slots.of(producer)
    if not producer.certain:
        return lambda values: follow(_set(values[slot], producer), path)
    return (lambda values: follow(values[slot], path)) if path else slot


def _set(value: object, producer: Producer) -> object:
    if value is UNSET:
        raise PathError(f"${producer.name}", "nothing has set it on the way that was taken")
    return value


def _inside(resolved: Resolved, slots: Slots) -> Callable[[Values], str] | str:
    """The piece of a text that a reference is: what is not known stays as it is written."""
    reference, producer = resolved.reference, resolved.producer
    if producer is None:
        return reference.source
    path = reference.path
    if path and not reference.braced:
        return _bare_path(_whole(producer, (), slots), path, reference.source[len("$") + len(reference.name) :])
    whole = _whole(producer, path, slots)
    return (lambda values: text(values[whole])) if isinstance(whole, int) else (lambda values: text(whole(values)))


def _bare_path(whole: Fetch, path: tuple[PathPart, ...], written: str) -> Callable[[Values], str]:
    """A path without braces is text itself where the variable turns out to hold text: `Dear $NAME.Thanks`."""

    def piece(values: Values) -> str:
        value = values[whole] if isinstance(whole, int) else whole(values)
        return value + written if isinstance(value, str) else text(follow(value, path))

    return piece
