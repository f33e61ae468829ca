"""Telling a model what a run has given: as quoted data, in one line, that can be no step and no instruction of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from forethought.kernel.memory.quoting import quoted
from forethought.kernel.values import jsonable

__all__ = ["told_in_line"]

_LONGEST = 500
"""The characters of a text that are told; of a list or a dict, as many members as fit."""

_DEEPEST = 6
_MARKUP = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def told_in_line(members: Mapping[str, object]) -> str:
    """Return an object of these members as one line of JSON without any markup in it.

    What is long in a member is cut, and says so.
    """
    return quoted({name: _cut(jsonable(value), 0) for name, value in members.items()}).translate(_MARKUP)


def _cut(value: object, depth: int) -> object:
    if isinstance(value, str):
        return _shortened(value)
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        kept = _fitting(members, depth)
        left = len(members) - len(kept)
        return {**kept, "…": f"{left:,} more"} if left else kept
    if isinstance(value, list):
        items = cast("list[object]", value)
        found = list(_fitting(dict(zip(map(str, range(len(items))), items, strict=True)), depth).values())
        left = len(items) - len(found)
        return [*found, f"… ({left:,} more)"] if left else found
    return value


def _shortened(text: str) -> str:
    left = len(text) - _LONGEST
    return f"{text[:_LONGEST]}… ({left:,} more characters)" if left > 0 else text


def _fitting(members: Mapping[str, object], depth: int) -> dict[str, object]:
    """Return the first members, cut themselves, that fit."""
    room = _LONGEST
    kept: dict[str, object] = {}
    for whole, each in members.items():
        if room <= 0 or depth == _DEEPEST:
            break
        name = _shortened(whole)
        kept[name] = _cut(each, depth + 1)
        room -= len(name) + len(quoted(kept[name]))
    return kept
