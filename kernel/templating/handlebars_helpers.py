"""The helpers a Handlebars prompt may use: Handlebars' own and Semantic Kernel's, under both of their spellings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import cast

from forethought.kernel.values import jsonable

from .messages import written

__all__ = ["BLOCKS", "HELPERS", "PLAIN", "camel_case", "json_text", "snake_case"]

Helper = Callable[[Sequence[object]], object]


def json_text(value: object) -> str:
    """Return a value as JSON, in the characters it has."""
    return json.dumps(jsonable(value), ensure_ascii=False)


def camel_case(name: str) -> str:
    """Return `my_name` as `MyName`."""
    return "".join(map(str.capitalize, name.split("_")))


def snake_case(name: str) -> str:
    """Return `MyName` and `my-name` as `my_name`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return parted.replace("-", "_").lower()


def _number(value: object) -> int | float:
    if isinstance(value, int | float):
        return value
    shown = written(value)
    try:
        return float(shown) if "." in shown else int(shown)
    except ValueError:
        raise ValueError(f"'{shown}' is not a number") from None


def _range(values: Sequence[object]) -> object:
    numbers = range(*(int(_number(value)) for value in values))
    if len(numbers) > 100_000:
        raise ValueError("a range has at most 100000 numbers")
    return list(numbers)


def _ordered(by: Callable[[float, float], bool]) -> Helper:
    return lambda values: all(by(one, other) for one, other in pairwise(map(_number, values)))


def _subtract(values: Sequence[object]) -> object:
    first, *rest = map(_number, values)
    return first - sum(rest)


def _lookup(values: Sequence[object]) -> object:
    of, key = values
    if isinstance(of, Mapping):
        return cast("Mapping[object, object]", of).get(key)
    if isinstance(of, list | tuple):
        items, index = cast("Sequence[object]", of), int(_number(key))
        return items[index] if 0 <= index < len(items) else None
    return None


_BOTH: Mapping[str, Helper] = {
    "camel_case": lambda values: camel_case(written(values[0])),
    "double_close": lambda _: "}}",
    "double_open": lambda _: "{{",
    "greater_than": _ordered(lambda one, other: one > other),
    "greater_than_or_equal": _ordered(lambda one, other: one >= other),
    "less_than": _ordered(lambda one, other: one < other),
    "less_than_or_equal": _ordered(lambda one, other: one <= other),
    "snake_case": lambda values: snake_case(written(values[0])),
}

PLAIN: Mapping[str, Helper] = {
    "add": lambda values: sum(map(_number, values)),
    "array": list,
    "concat": lambda values: "".join(map(written, values)),
    "equals": lambda values: values[0] == values[1],
    "json": lambda values: json_text(values[0]) if values else "",
    "log": lambda _: None,
    "lookup": _lookup,
    "or": any,
    "range": _range,
    "subtract": _subtract,
    **_BOTH,
    **{re.sub(r"_(\w)", lambda found: found[1].upper(), name): helper for name, helper in _BOTH.items()},
}
BLOCKS = frozenset({"each", "if", "message", "unless", "with"})
HELPERS = frozenset(PLAIN) | {"get", "message_to_prompt", "messageToPrompt", "messages", "set"}
