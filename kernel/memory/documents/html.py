"""HTML: the text that a reader sees, its headings and its paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol, cast

from forethought.kernel.errors import DocumentError

from .document import Outline, Part

__all__ = ["read_html"]

_UNSEEN = re.compile("canvas|datalist|head|iframe|noscript|object|script|select|style|svg|template")
_INLINE = re.compile(
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|img|ins|kbd|label|mark|meter|output|progress|q|rp|rt|"
    "ruby|s|samp|small|span|strike|strong|sub|sup|time|tt|u|var|wbr"
)
_LINES = frozenset(("br", "dd", "dt", "figcaption", "li", "option", "tr"))
_CELLS = ("td", "th")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SPACE = re.compile(r"\s+")


class _Element(Protocol):
    """What is used of an element of lxml."""

    tag: object
    text: str | None
    tail: str | None

    def get(self, name: str, /) -> str | None: ...
    def findtext(self, path: str, /) -> str | None: ...


class _Walk(Iterator[tuple[str, _Element]], Protocol):
    """What is used of a walk over a tree."""

    def skip_subtree(self) -> None: ...


def read_html(data: bytes, source: str) -> tuple[str, str, tuple[Part, ...]]:
    """Return the text, the title and the parts of a page.

    Blanks count as in a browser, a list's items and a table's rows are lines of their own, and what is not shown
    (scripts, styles, `hidden`) is left out. Without a declared encoding, what is no UTF-8 is read as Latin-1. Raises
    DocumentError for a page that is nested too deeply.
    """
    from lxml import etree, html

    try:
        data.decode()
        encoding: str | None = "utf-8"
    except UnicodeDecodeError:
        encoding = None
    parser = html.HTMLParser(encoding=encoding, huge_tree=True, no_network=True)
    try:
        page = cast("_Element", html.document_fromstring(data, parser=parser))  # pyright: ignore[reportUnknownMemberType]
    except etree.ParserError:  # nothing in it
        return "", "", ()
    if any(each.type_name == "ERR_RESOURCE_LIMIT" for each in parser.error_log):
        raise DocumentError(source, "it is nested too deeply")
    page_title = page.findtext(".//title") or ""
    return _Reader().read(page, " ".join(page_title.split()))


class _Reader:
    """Collects the text of a page, one paragraph after the other."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._length = 0
        self._parts: list[Part] = []
        self._outline = Outline()
        self._begin = 0
        self._now: list[str] = []
        self._heading = 0
        self._preformatted = 0

    def read(self, page: _Element, title: str) -> tuple[str, str, tuple[Part, ...]]:
        for event, element in _walk(page):
            name = element.tag if isinstance(element.tag, str) else ""
            if event == "start":
                self._open(name)
                self._add(element.text if name else "")
                if name == "img":
                    self._add(f" {element.get('alt') or ''} ")
            else:
                self._close(name if event == "end" else "")
                self._add(element.tail)
        self._end("")
        return "".join(self._texts), title, tuple(self._parts)

    def _open(self, name: str) -> None:
        if not name or _INLINE.fullmatch(name):
            return
        if name in _CELLS:
            self._now.append(" | " if "".join(self._now).strip() else "")
            return
        self._end("\n" if name in _LINES else "\n\n")
        if name in _HEADINGS:
            self._heading = _HEADINGS[name]
        self._preformatted += name == "pre"
        if name == "li":
            self._now.append("- ")

    def _close(self, name: str) -> None:
        if not name or name in _CELLS or _INLINE.fullmatch(name):
            return
        self._end("\n" if name in _LINES else "\n\n")
        self._preformatted -= name == "pre"

    def _add(self, text: str | None) -> None:
        if text:
            self._now.append(text if self._preformatted else _SPACE.sub(" ", text))

    def _end(self, separator: str) -> None:
        """End the paragraph: what was collected becomes a part, and `separator` stands before the next one."""
        joined = "".join(self._now)
        said = joined.strip("\r\n") if self._preformatted else _SPACE.sub(" ", joined).strip()
        self._now.clear()
        if said and said != "-":
            start = self._length
            trail = self._outline.enter(self._heading, said) if self._heading else self._outline.trail
            self._parts.append(Part(start, start + len(said), trail, heading=self._heading > 0))
            self._write(said)
            self._write(separator)
        elif separator == "\n\n" and self._texts and self._texts[-1] == "\n":
            self._write("\n")
            self._texts[-2:] = ["\n\n"]
        self._heading = 0

    def _write(self, text: str) -> None:
        self._texts.append(text)
        self._length += len(text)


def _walk(page: _Element) -> Iterator[tuple[str, _Element]]:
    """Yield each element at its `start` and its `end`; a comment, and what is not shown, only `after` it."""
    from lxml import etree

    walk = cast("_Walk", etree.iterwalk(page, events=("start", "end", "comment", "pi")))
    unseen: _Element | None = None
    for event, element in walk:
        if unseen is not None:
            if element is unseen:
                unseen = None
                yield "after", element
        elif event == "start" and _is_unseen(element):
            unseen = element
            walk.skip_subtree()
        else:
            yield (event if event in ("start", "end") else "after"), element


def _is_unseen(element: _Element) -> bool:
    return _UNSEEN.fullmatch(str(element.tag)) is not None or element.get("hidden") is not None
