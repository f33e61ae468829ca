"""Markdown: headings, paragraphs, lists, tables and code, as CommonMark reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .document import Outline, Part, lines_of, trimmed

__all__ = ["markdown_parts"]

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n.*?^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)


def markdown_parts(text: str) -> Iterator[Part]:
    """Yield the blocks of the outermost level, nothing left out; front matter is a part of its own."""
    from markdown_it import MarkdownIt

    front = _FRONT_MATTER.match(text)
    begin = front.end() if front else 0
    body = text[begin:].replace("\0", "\ufffd")
    ends = [0, *(end for _, end in lines_of(body))]
    last = len(ends) - 1
    headings: dict[int, tuple[int, str]] = {}
    borders = {0, last}
    tokens = MarkdownIt("commonmark", {"maxNesting": 20}).enable("table").parse(body)
    for number, token in enumerate(tokens):
        if token.level or not token.map:
            continue
        borders |= {min(each, last) for each in token.map}
        if token.type == "heading_open":
            headings[token.map[0]] = (int(token.tag[1:]), tokens[number + 1].content)
    outline = Outline()
    parts = [Part(0, begin)]
    for first, until in zip(sorted(borders), sorted(borders)[1:], strict=False):
        if heading := headings.get(first):
            outline.enter(*heading)
        parts.append(Part(begin + ends[first], begin + ends[until], outline.trail, heading is not None))
    yield from trimmed(text, parts)
