"""Labels: metadata as it is filtered by. A label is a key and one JSON value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

__all__ = ["conditions", "fits", "labels_of"]

_Scalar = str | int | float | bool | None


def labels_of(metadata: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield a label for each value that is no container, and for each such item of a list."""
    for key, value in metadata.items():
        for each in cast("Sequence[object]", value) if isinstance(value, list | tuple) else (value,):
            if isinstance(each, _Scalar):
                yield key, _written(each)


def conditions(where: Mapping[str, object]) -> list[tuple[str, list[str]]]:
    """Return the keys of a filter, each with the values of which a record must have one.

    Raises TypeError for a value that nothing can have as a label.
    """
    found: list[tuple[str, list[str]]] = []
    for key, value in where.items():
        listed = isinstance(value, list | tuple | set | frozenset)
        values = list(cast("Sequence[object]", value)) if listed else [value]
        for each in values:
            if not isinstance(each, _Scalar):
                raise TypeError(f"'{key}' cannot be filtered by a {type(each).__name__}: give a text, a number, a list")
        found.append((key, [_written(cast("_Scalar", each)) for each in values]))
    return found


def fits(metadata: Mapping[str, object], where: Mapping[str, object]) -> bool:
    """Say whether a record with this metadata is let through by a filter."""
    wanted = conditions(where)
    held = set(labels_of(metadata)) if wanted else set[tuple[str, str]]()
    return all(any((key, value) in held for value in values) for key, values in wanted)


def _written(value: _Scalar) -> str:
    """Return the JSON of a value; numbers that are equal are written alike, True and 1 are not."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, ensure_ascii=False)
