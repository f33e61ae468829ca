"""The text of a plan: decoded, its line ends unified, with the place of every character."""

from __future__ import annotations

import re

from forethought.kernel.problems import Place, Problem

from .tuples import maker

__all__ = ["MAX_REPLY", "MAX_SIZE", "Source", "decode", "place_of"]

MAX_SIZE = 8 * 1024 * 1024
"""The largest document that is read, in bytes (characters, where it is text already)."""

MAX_REPLY = 1024 * 1024
"""The longest reply of a model that is read, in characters."""

place_of = maker(Place)
"""The quick way to make a place: a plan has thousands."""

_SAVE = "save the plan as UTF-8"
_DECLARATION = re.compile(rb"""<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([^"'>]{0,60})""")


class Source:
    """A text and its places, which are asked for mostly in document order: the last line is where to count from."""

    __slots__ = ("_base", "_end", "_line", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._line, self._base, self._end = 1, 0, _line_end(text, 0)

    def line(self, at: int) -> tuple[int, int, int]:
        """Return the number of the line that `at` lies on, and the offsets where the line starts and ends."""
        if at > self._end:
            self._line += self.text.count("\n", self._end, at)
        elif at < self._base:
            self._line -= self.text.count("\n", at, self._base)
        else:
            return self._line, self._base, self._end
        self._base = self.text.rfind("\n", 0, at) + 1
        self._end = _line_end(self.text, at)
        return self._line, self._base, self._end

    def place(self, at: int, length: int = 1) -> Place:
        """Return the place of `length` characters from `at`, cut at the end of the line."""
        line, base, end = self.line(at)
        return place_of((line, at - base + 1, min(length, end - at)))


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def decode(data: str | bytes, most: int = MAX_SIZE) -> tuple[str, Problem | None]:
    """Return the text of `data`, and what is wrong with its encoding or size: then the text is empty.

    Bytes are UTF-8, or UTF-16 with a byte order mark; what an XML declaration says must agree. Line ends become `\\n`,
    as XML wants it.
    """
    if len(data) > most:
        unit = "characters" if isinstance(data, str) else "bytes"
        message = f"the document is longer than {most:,} {unit}, the most that is read"
        return "", Problem(code="document-too-large", message=message, place=Place(1, 1))
    if isinstance(data, bytes):
        encoding, problem = _encoding(data)
        if problem:
            return "", problem
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            good = data[: error.start].decode(encoding, errors="replace")
            line, base, end = Source(good).line(len(good))
            wrong = data[error.start : error.start + 1].hex()
            message = f"the bytes are not {encoding.upper()}: 0x{wrong} at byte {error.start:,} begins no character"
            return "", Problem(code="wrong-encoding", message=message, place=Place(line, end - base + 1), hint=_SAVE)
    else:
        text = data
    text = text.removeprefix("\ufeff")
    return (text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text), None


def _encoding(data: bytes) -> tuple[str, Problem | None]:
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    encoding = "utf-16" if wide else "utf-8"
    head = data[:600].decode(encoding, errors="ignore").encode("ascii", errors="ignore") if wide else data[:300]
    declared = _DECLARATION.match(head.removeprefix(b"\xef\xbb\xbf"))
    if b"\0\0" in data[:4] or (b"\0" in data[:4] and not wide):
        message = "the bytes are neither UTF-8 nor UTF-16 with a byte order mark"
        return encoding, Problem(code="wrong-encoding", message=message, place=Place(1, 1), hint=_SAVE)
    name = declared[1].decode("ascii", errors="replace") if declared else encoding
    if name.lower() in (encoding, encoding.replace("-", "")):
        return encoding, None
    message = f"the document is declared as '{name}', and its bytes are read as {encoding.upper()}"
    return encoding, Problem(code="wrong-encoding", message=message, place=Place(1, 1), hint=_SAVE)
