"""Plain data: what JSON can hold, in bounds; nothing else goes from a file into a signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

__all__ = ["MAX_DEPTH", "flaw_in", "plain_text"]

MAX_DEPTH = 64
_BITS = 4_096  # of a whole number: Python writes out no more than 4,300 digits


def flaw_in(value: object) -> str | None:
    """Say what keeps `value` from being plain data: its depth, half a character, a huge number, a type of its own."""
    rest: list[tuple[object, int]] = [(value, 0)]
    while rest:
        each, depth = rest.pop()
        if depth > MAX_DEPTH:
            return "it is nested too deeply"
        if isinstance(each, int) and each.bit_length() > _BITS:
            return "it holds a number of too many digits"
        if each is None or isinstance(each, int | float):
            continue
        if isinstance(each, str):
            if plain_text(each) != each:
                return "it holds half of a character, a lone surrogate"
        elif isinstance(each, Mapping):
            members = cast("Mapping[object, object]", each)
            rest += [(part, depth + 1) for pair in members.items() for part in pair]
        elif isinstance(each, list | tuple | set):
            rest += [(part, depth + 1) for part in cast("Sequence[object]", each)]
        else:
            return f"it holds a {type(each).__name__}"
    return None


def plain_text(text: str) -> str:
    """Return `text` with a question mark for each lone surrogate."""
    return text if text.isascii() else text.encode(errors="replace").decode()
