"""Goals: what a goal asks for, part by part, and what values it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from forethought.kernel.functions import FunctionSignature

from .keywords import words

__all__ = ["Takers", "clauses"]

_MOST_CLAUSES = 32
_BREAK = re.compile(r"(?<=[.!?;:,])\s+|(?<=[。！？；：，、؟،])\s*|\n+|\b(?:and|then)\b", re.IGNORECASE)


def clauses(goal: str) -> list[str]:
    """Return the parts of a goal, each of which may need a function of its own; a part of one word says too little."""
    parts = [part.strip(" \t\r.,;:!?。！？；：，、؟،") for part in _BREAK.split(goal)]
    return [part for part in parts if len(words(part)) > 1][:_MOST_CLAUSES] or [goal]


class _Shape(NamedTuple):
    """A shape of values: what they look like, and what parameters that take them are called, or are typed."""

    pattern: re.Pattern[str]
    names: frozenset[str]
    kinds: frozenset[str] = frozenset()


_MONTHS = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_SHAPES = (
    _Shape(
        re.compile(
            r"(?:https?://|www\.)\S+|\b(?<!@)(?:[\w-]{1,63}\.){1,8}(?:com|org|net|edu|gov|io|dev)\b(?:/\S*)?",
            re.IGNORECASE,
        ),
        frozenset(("url", "uri", "link")),
    ),
    _Shape(re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"), frozenset(("email", "mail", "recip"))),
    _Shape(
        re.compile(rf"\b\d{{4}}-\d\d-\d\d\b|\b{_MONTHS}\.? \d{{1,2}}(?:st|nd|rd|th)?\b|\b\d{{1,2}}\.? {_MONTHS}\b"),
        frozenset(("date", "day")),
        frozenset(("date", "date-time")),
    ),
    _Shape(re.compile(r"\b\d{1,2}:\d\d\b"), frozenset(("time",)), frozenset(("time", "date-time"))),
    _Shape(re.compile(r"\b[\w-]{1,64}\.[A-Za-z]\w{1,4}\b"), frozenset(("file", "filen", "path"))),
)


class Takers:
    """Which of some functions take a value of what shape."""

    __slots__ = ("_by_kind", "_by_name")

    def __init__(self, functions: Sequence[FunctionSignature]) -> None:
        self._by_name: dict[str, list[int]] = {}
        self._by_kind: dict[str, list[int]] = {}
        for number, function in enumerate(functions):
            for parameter in function.parameters:
                self._by_kind.setdefault(parameter.type.kind, []).append(number)
                for word in words(parameter.name):
                    self._by_name.setdefault(word, []).append(number)

    def of(self, goal: str) -> list[int]:
        """Return the functions, by number, with a parameter for a value in the goal; none twice.

        A place in the goal has one shape: the host of a URL is no file.
        """
        found: dict[int, None] = {}
        for shape in _SHAPES:
            goal, count = shape.pattern.subn(" ", goal)
            if count:
                for by, keys in ((self._by_name, shape.names), (self._by_kind, shape.kinds)):
                    found |= dict.fromkeys(number for key in keys for number in by.get(key, ()))
        return [*found]
