"""Plain text and source code of any language: what blank lines divide, and titles that are underlined."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .document import Outline, Part, lines_of, trimmed

__all__ = ["code_parts", "text_parts"]

_RULE = re.compile(r"([=\-~^\"'#*+`:.])\1{2,}\s*")
_NEXT = re.compile(r"[^\s)\]}]")


def text_parts(text: str) -> Iterator[Part]:
    """Yield paragraphs; one of a line and a rule below it, as reStructuredText writes titles, is a heading.

    The first character that underlines is the outermost level, the next new one the level below it, and so on.
    """
    outline = Outline()
    levels: dict[str, int] = {}
    for start, end in _paragraphs(text):
        title, rest = _title(text[start:end])
        if not title:
            yield Part(start, end, outline.trail)
            continue
        rule = text[start:end].strip()[:rest].rstrip()[-1]
        trail = outline.enter(levels.setdefault(rule, len(levels) + 1), title)
        below = start + rest
        yield from trimmed(text, (Part(start, below, trail, heading=True), Part(below, end, trail)))


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start: int | None = None
    end = 0
    for at, until in lines_of(text):
        if text[at:until].strip():
            start, end = (at if start is None else start), until
        elif start is not None:
            yield start, start + len(text[start:end].rstrip())
            start = None
    if start is not None:
        yield start, start + len(text[start:end].rstrip())


def _title(paragraph: str) -> tuple[str, int]:
    """Return the title that a paragraph begins with, and how long its lines are; an empty one where it has none."""
    spans = lines_of(paragraph)[:4]
    lines = [paragraph[at:until] for at, until in spans]
    over = len(lines) > 2 and _RULE.fullmatch(lines[0]) is not None
    lines = lines[over:]
    if len(lines) < 2 or not _RULE.fullmatch(lines[1]) or _RULE.fullmatch(lines[0]):
        return "", 0
    title, rule = lines[0].strip(), lines[1].strip()
    return (title, spans[over + 1][1]) if len(rule) >= len(title) / 2 else ("", 0)


def code_parts(text: str) -> Iterator[Part]:
    """Yield what stands together at the left margin: an unindented line after a blank one begins a part."""
    start = 0
    blank = False
    parts: list[Part] = []
    for at, until in lines_of(text):
        line = text[at:until]
        if blank and _NEXT.match(line):
            parts.append(Part(start, at))
            start = at
        blank = not line.strip()
    parts.append(Part(start, len(text)))
    yield from trimmed(text, parts)
