"""A document: its text, where it came from, and the parts that its own structure divides it into."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

__all__ = ["Document", "Kind", "Outline", "Part", "lines_of", "said", "trimmed"]

Kind = Literal["text", "markdown", "html", "pdf", "python", "code"]

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


@dataclass(frozen=True, slots=True)
class Part:
    """The stretch `text[start:end]` of a document: a paragraph, a heading, a list, a function.

    `trail` says where it stands, outermost first: the headings above it, or the class and function it is of. `page`
    counts from 1, where there are pages.
    """

    start: int
    end: int
    trail: tuple[str, ...] = ()
    heading: bool = False
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A text and its parts, in order and apart from one another; all offsets count characters of `text`.

    `text` is the file's own, decoded, without a byte order mark; of HTML and PDF it is what a reader sees. `source` is
    a path or an address.
    """

    source: str
    text: str
    kind: Kind = "text"
    title: str = ""
    parts: tuple[Part, ...] = ()


class Outline:
    """The headings that a place in a document stands under."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []

    def enter(self, level: int, title: str) -> tuple[str, ...]:
        """Go under a heading of `level` (1 is outermost) and return the trail, this heading last."""
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        self._open.append((level, " ".join(title.split())))
        return self.trail

    @property
    def trail(self) -> tuple[str, ...]:
        """The open headings, outermost first."""
        return tuple(title for _, title in self._open if title)


def lines_of(text: str) -> list[tuple[int, int]]:
    """Return where each line starts and ends, its line end included; only CR, LF and CRLF end a line."""
    return [found.span() for found in _LINE.finditer(text) if found[0]]


def trimmed(text: str, parts: Iterable[Part]) -> Iterator[Part]:
    """Yield the parts without the blank lines around them; a part that is blank is left out."""
    for part in parts:
        start, end = said(text, part.start, part.end)
        if start < end:
            yield replace(part, start=start, end=end)


def said(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of what is said from `start` to `end`: without blank lines before it, and blanks after it."""
    inside = text[start:end]
    until = start + len(inside.rstrip())
    begin = start + len(inside) - len(inside.lstrip())
    line = max(text.rfind("\n", start, begin), text.rfind("\r", start, begin)) + 1
    return max(start, line), until
