"""The filters and the `is` tests that a test may use: Jinja2's names, only what is cheap and always the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, cast

from forethought.kernel.values import text

from .operations import (
    CALCULATIONS,
    Fault,
    Missing,
    as_data,
    checked,
    equal,
    items_of,
    number_of,
    read_number,
    said,
    truth,
)

__all__ = ["FILTERS", "KINDS", "Operation"]


def _text(value: object, doing: str) -> str:
    plain = as_data(value)
    if not isinstance(plain, str):
        raise Fault(f"{doing} takes text, not {said(plain)}", "write NAME|string to make it text")
    return plain


def _length(value: object) -> int:
    plain = as_data(value)
    if isinstance(plain, str | list | tuple | Mapping):
        return len(cast("Sequence[object]", plain))
    raise Fault(f"'length' takes a text, a list or an object, not {said(plain)}")


def _to_int(value: object, default: object = None) -> object:
    try:
        return int(number_of(value, "'int'"))
    except Fault as fault:
        if default is None:
            raise Fault(fault.reason, "int(0) takes 0 for what is no number") from fault
        return default


def _to_float(value: object, default: object = None) -> object:
    try:
        return float(number_of(value, "'float'"))
    except (Fault, OverflowError) as fault:
        if default is None:
            reason = fault.reason if isinstance(fault, Fault) else "'float' meets a number that is too large"
            raise Fault(reason, "float(0) takes 0 for what is no number") from fault
        return default


def _round(value: object, precision: object = 0) -> object:
    places = int(number_of(precision, "'round'"))
    if abs(places) > 300:
        raise Fault("'round' takes at most 300 digits")
    return checked(round(float(number_of(value, "'round'")), places), "round")


def _end(name: str, at: int) -> Callable[[object], object]:
    def run(value: object) -> object:
        plain = as_data(value)
        items: Sequence[object] = plain if isinstance(plain, str) else items_of(plain, f"'{name}'")
        if not items:
            raise Missing(f"'{name}' finds nothing, for it is empty")
        return items[at]

    return run


def _keys(items: Sequence[object], doing: str) -> list[int | float] | list[str]:
    """Return what the items are ordered by: as numbers where all are or read as such, else as text without case."""
    plains = [as_data(each) for each in items]
    texts = [each for each in plains if isinstance(each, str)]
    if len(texts) == len(plains) and any(read_number(each) is None for each in texts):
        return [each.lower() for each in texts]
    return [number_of(each, doing) for each in plains]


def _sort(value: object, reverse: object = False) -> object:
    items = items_of(value, "'sort'")
    keys = _keys(items, "'sort' of numbers")
    order = sorted(range(len(items)), key=keys.__getitem__, reverse=truth(reverse))
    return [items[at] for at in order]


def _extreme(name: str, at: int) -> Callable[[object], object]:
    end = _end(name, at)
    return lambda value: end(_sort(value))


def _sum(value: object) -> object:
    try:
        return checked(sum(number_of(each, "'sum'") for each in items_of(value, "'sum'")), "sum")
    except OverflowError as error:
        raise Fault("the result of 'sum' is too large") from error


def _unique(value: object) -> object:
    found: dict[object, object] = {}
    for each in items_of(value, "'unique'"):
        plain = as_data(each)
        found.setdefault(plain.lower() if isinstance(plain, str) else (type(plain).__name__, text(plain)), each)
    return list(found.values())


class Operation(NamedTuple):
    """A filter or a test: what it does, and the names of its arguments, of which the first few are `required`."""

    run: Callable[..., object]
    arguments: tuple[str, ...] = ()
    required: int = 0


def _absolute(value: object) -> object:
    return abs(number_of(value, "'abs'"))


def _list(value: object) -> object:
    return list(items_of(value, "'list'"))


def _changed(name: str, change: Callable[[str], object]) -> Callable[[object], object]:
    """Return a filter of text."""
    return lambda value: change(_text(value, f"'{name}'"))


def _words(value: str) -> int:
    return len(value.split())


FILTERS: Mapping[str, Operation] = {
    "abs": Operation(_absolute),
    "count": Operation(_length),
    "first": Operation(_end("first", 0)),
    "float": Operation(_to_float, ("default",)),
    "int": Operation(_to_int, ("default",)),
    "last": Operation(_end("last", -1)),
    "length": Operation(_length),
    "list": Operation(_list),
    "lower": Operation(_changed("lower", str.lower)),
    "max": Operation(_extreme("max", -1)),
    "min": Operation(_extreme("min", 0)),
    "round": Operation(_round, ("precision",)),
    "sort": Operation(_sort, ("reverse",)),
    "string": Operation(text),
    "sum": Operation(_sum),
    "trim": Operation(_changed("trim", str.strip)),
    "unique": Operation(_unique),
    "upper": Operation(_changed("upper", str.upper)),
    "wordcount": Operation(_changed("wordcount", _words)),
}


def _is_a(*kinds: type) -> Callable[[object], bool]:
    def run(value: object) -> bool:
        plain = as_data(value)
        return isinstance(plain, kinds) and (bool in kinds or not isinstance(plain, bool))

    return run


def _divides(value: object, num: object) -> bool:
    return CALCULATIONS["%"](value, num) == 0


def _remains(rest: int) -> Callable[[object], bool]:
    return lambda value: CALCULATIONS["%"](value, 2) == rest


def _equals(other: object) -> Callable[[object], bool]:
    return lambda value: equal(value, other)


KINDS: Mapping[str, Operation] = {
    "boolean": Operation(_is_a(bool)),
    "divisibleby": Operation(_divides, ("num",), 1),
    "even": Operation(_remains(0)),
    "false": Operation(_equals(False)),
    "float": Operation(_is_a(float)),
    "integer": Operation(_is_a(int)),
    "mapping": Operation(_is_a(Mapping)),
    "none": Operation(_equals(None)),
    "number": Operation(_is_a(int, float)),
    "odd": Operation(_remains(1)),
    "sequence": Operation(_is_a(list, tuple)),
    "string": Operation(_is_a(str)),
    "true": Operation(_equals(True)),
}
