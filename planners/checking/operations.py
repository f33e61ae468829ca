"""What a test may do with values: compare them and calculate with them. Pure, bounded, total but for Fault.

Text that reads as a number or as yes or no is one beside a number or a truth, for what a model says is text. Nothing is
false because it could not be worked out: that is a Fault.
"""

from __future__ import annotations

import datetime
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from forethought.kernel.values import jsonable, text

__all__ = [
    "CALCULATIONS",
    "COMPARISONS",
    "Fault",
    "Missing",
    "as_data",
    "checked",
    "equal",
    "is_allowed_number",
    "items_of",
    "joined",
    "number_of",
    "read_number",
    "said",
    "truth",
]

_MAX_ITEMS = 100_000
_MAX_TEXT = 1_000_000
_MAX_BITS = 1_024
_SHOWN = 40
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}
_MOMENTS = (datetime.date, datetime.time, datetime.timedelta)

Number = int | float


class Fault(Exception):  # noqa: N818 - it never leaves the evaluation of a test
    """Something that cannot be worked out: the reason as half a sentence, and the way out if there is one."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason, hint)
        self.reason = reason
        self.hint = hint


class Missing(Fault):
    """A variable, field or item that is not there: what `default` and `is defined` are for."""


def as_data(value: object) -> object:
    """Return the value as JSON has it, but for what it holds inside; a date is ISO text."""
    if value is None or isinstance(value, str | int | float | list | tuple | Mapping):
        return text(value) if isinstance(value, str) else cast("object", value)
    return jsonable(value)


def said(value: object) -> str:
    """Return a value as a sentence names it."""
    plain = as_data(value)
    match plain:
        case None:
            return "nothing (none)"
        case bool():
            return f"'{str(plain).lower()}'"
        case str():
            return f"the text {plain!r}" if len(plain) <= _SHOWN else f"the text {plain[: _SHOWN - 1] + '…'!r}"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "an object"
        case _:
            shown = text(plain)
            return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"


def is_allowed_number(value: Number) -> bool:
    """Say whether a number is finite and of at most 1,024 bits."""
    return math.isfinite(value) if isinstance(value, float) else value.bit_length() <= _MAX_BITS


def read_number(value: str) -> Number | None:
    """Return the number that a text reads as, or None."""
    stripped = value.strip()
    if len(stripped) > 300 or not _NUMBER.fullmatch(stripped):
        return None
    number = float(stripped) if set(stripped) & set(".eE") else int(stripped)
    return number if is_allowed_number(number) else None


def _read_truth(value: str) -> bool | None:
    return _TRUTHS.get(value.strip().removesuffix(".").lower()) if len(value) < _SHOWN else None


def truth(value: object) -> bool:
    """Say whether a value counts as true.

    Numbers are true but for 0, lists and objects where they hold something, none never; text only where it reads as
    yes or no, or as a number.
    """
    plain = as_data(value)
    match plain:
        case None:
            return False
        case str():
            read = _read_truth(plain)
            found = read_number(plain) if read is None else read
            if found is None:
                raise Fault(
                    f"{said(plain)} is neither true nor false", "compare it: NAME == 'done', or NAME|length > 0"
                )
            return bool(found)
        case list() | tuple() | Mapping():
            return len(cast("Sequence[object]", plain)) > 0
        case _:
            return number_of(plain, "a test") != 0 if isinstance(plain, float) else bool(plain)


def number_of(value: object, doing: str) -> Number:
    """Return the number that a value is or reads as."""
    plain = as_data(value)
    if isinstance(plain, int | float) and not isinstance(plain, bool):
        if is_allowed_number(plain):
            return plain
        raise Fault(f"{doing} meets a number that is too large, or none")
    number = read_number(plain) if isinstance(plain, str) else None
    if number is None:
        raise Fault(f"{doing} takes numbers, not {said(plain)}")
    return number


def equal(left: object, right: object) -> bool:
    """Say whether two values are the same: what cannot be compared is not.

    Text is also the same as the number, or the truth, that it reads as.
    """
    if type(left) is type(right) and isinstance(left, _MOMENTS):
        return left == right
    left, right = as_data(left), as_data(right)
    if isinstance(right, str):
        left, right = right, left
    if isinstance(left, str):
        if isinstance(right, bool):
            return _read_truth(left) is right
        return read_number(left) == right if isinstance(right, int | float) else left == right
    if isinstance(left, list | tuple | Mapping) and isinstance(right, list | tuple | Mapping):
        return jsonable(cast("object", left)) == jsonable(cast("object", right))
    return left == right


def _ordered(symbol: str, compare: Callable[[object, object], bool]) -> Callable[[object, object], bool]:
    """Return a comparison of numbers, or of texts; two texts that both read as numbers are compared as numbers."""

    def run(left: object, right: object) -> bool:
        if type(left) is type(right) and isinstance(left, _MOMENTS):
            try:
                return compare(left, right)
            except TypeError as error:
                raise Fault(f"a time with a zone cannot be compared with one without, by '{symbol}'") from error
        left, right = as_data(left), as_data(right)
        if isinstance(left, str) and isinstance(right, str):
            numbers = read_number(left), read_number(right)
            return compare(left, right) if None in numbers else compare(*numbers)
        try:
            return compare(number_of(left, f"'{symbol}'"), number_of(right, f"'{symbol}'"))
        except Fault as fault:
            hint = (
                "write NAME|int(0) to take 0 for such a text" if isinstance(left, str) or isinstance(right, str) else ""
            )
            raise Fault(f"'{symbol}' cannot compare {said(left)} with {said(right)}", hint) from fault

    return run


def _contains(item: object, whole: object) -> bool:
    plain = as_data(whole)
    match plain:
        case str():
            looked_for = as_data(item)
            if not isinstance(looked_for, str):
                raise Fault(f"'in' looks for text in text, not for {said(item)}", "write NAME|string to make it text")
            return looked_for in plain
        case list() | tuple():
            return any(equal(item, each) for each in items_of(cast("object", plain), "'in'"))
        case Mapping():
            return as_data(item) in list(cast("Mapping[object, object]", plain))
        case _:
            raise Fault(f"'in' looks into a list, an object or a text, not into {said(plain)}")


COMPARISONS: Mapping[str, Callable[[object, object], bool]] = {
    "eq": equal,
    "ne": lambda left, right: not equal(left, right),
    "lt": _ordered("<", cast("Callable[[object, object], bool]", operator.lt)),
    "lteq": _ordered("<=", cast("Callable[[object, object], bool]", operator.le)),
    "gt": _ordered(">", cast("Callable[[object, object], bool]", operator.gt)),
    "gteq": _ordered(">=", cast("Callable[[object, object], bool]", operator.ge)),
    "in": _contains,
    "notin": lambda left, right: not _contains(left, right),
}


def _calculation(symbol: str, work_out: Callable[[Number, Number], Number]) -> Callable[[object, object], object]:
    def run(left: object, right: object) -> object:
        if symbol == "+" and isinstance(as_data(left), str) and isinstance(as_data(right), str):
            raise Fault("'+' of two texts may mean two things", "write '~' to join them, or NAME|int to add numbers")
        numbers = number_of(left, f"'{symbol}'"), number_of(right, f"'{symbol}'")
        try:
            return checked(work_out(*numbers), symbol)
        except ZeroDivisionError as error:
            raise Fault(f"'{symbol}' divides by zero") from error
        except OverflowError as error:
            raise Fault(f"the result of '{symbol}' is too large") from error

    return run


def checked(number: Number, symbol: str) -> Number:
    """Return the result of what `symbol` names, or raise Fault where it is too large."""
    if not is_allowed_number(number):
        raise Fault(f"the result of '{symbol}' is too large")
    return number


CALCULATIONS: Mapping[str, Callable[[object, object], object]] = {
    "+": _calculation("+", operator.add),
    "-": _calculation("-", operator.sub),
    "*": _calculation("*", operator.mul),
    "/": _calculation("/", lambda left, right: left / right),
    "//": _calculation("//", lambda left, right: left // right),
    "%": _calculation("%", operator.mod),
}


def joined(values: Sequence[object]) -> str:
    """Join values as text (`~`), each as it reads inside a text."""
    texts = [text(value) for value in values]
    if sum(map(len, texts)) > _MAX_TEXT:
        raise Fault(f"'~' makes a text of more than {_MAX_TEXT:,} characters")
    return "".join(texts)


def items_of(value: object, doing: str) -> Sequence[object]:
    """Return the items of a list, of which it has at most 100,000."""
    plain = as_data(value)
    if not isinstance(plain, list | tuple):
        raise Fault(f"{doing} takes a list, not {said(plain)}")
    items = cast("Sequence[object]", plain)
    if len(items) > _MAX_ITEMS:
        raise Fault(f"{doing} takes a list of at most {_MAX_ITEMS:,} items, and this has {len(items):,}")
    return items
