"""Splitting: a document becomes pieces small enough to be found one by one, cut where its structure allows it."""

from __future__ import annotations

import itertools
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .document import Document, Part, said

__all__ = ["OVERLAP", "SIZE", "Chunk", "split"]

SIZE = 1_000
"""How many characters a chunk has at most, where nothing else is said."""
OVERLAP = 120
"""How many characters two neighbours share at most, where nothing else is said."""

_BORDERS = (
    re.compile(r"(?:\r\n|\r|\n)\s*?(?:\r\n|\r|\n)"),  # a blank line
    re.compile(r"\r\n|\r|\n"),
    re.compile(r"(?<=[.!?…:;؟۔।])[\"'”’»)\]]*\s+|(?<=[。！？；．｡])[」』”’）]*"),
    re.compile(r"\s+|(?<=[，、,،])"),
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """The stretch `text[start:end]` of a document; `trail` and `page` are those of the part it begins in."""

    start: int
    end: int
    trail: tuple[str, ...] = ()
    page: int | None = None


def split(document: Document, *, size: int = SIZE, overlap: int = OVERLAP) -> tuple[Chunk, ...]:
    """Divide a document into chunks of at most `size` characters, in order, which together hold every part.

    A section, class or function that fits is one chunk; one that does not is divided into those within it. What is
    still too long is cut at a blank line, a line, a sentence, a word, in this order, and only then within a word; there
    neighbours share up to `overlap` characters. Raises ValueError where `overlap` is not less than half of `size`.
    """
    if not 0 <= overlap < size / 2:
        raise ValueError(f"an overlap of {overlap} does not fit chunks of {size} characters")
    return tuple(_divided(document.parts, 0, _Knife(document.text, size, overlap)))


@dataclass(frozen=True, slots=True)
class _Knife:
    text: str
    size: int
    overlap: int

    def pieces(self, part: Part) -> Iterator[tuple[int, int]]:
        """Yield a part whole where it fits, else cut: each piece leaves room for what it shares with its neighbour."""
        at = part.start
        room = self.size - self.overlap if part.end - at > self.size else self.size
        while at < part.end:
            until = part.end if part.end - at <= room else self._last_border(at + max(1, room // 2), at + room)
            start, end = said(self.text, at, until)
            if start < end:
                yield start, end
            at = until

    def shared(self, start: int, end: int) -> int:
        """Return from where on the neighbour of the chunk `start` to `end` repeats it: the farthest border in reach."""
        if not self.overlap:
            return end
        begin = max(start + 1, end - self.overlap)
        for border in _BORDERS:
            found = border.search(self.text, begin, end)
            if found and found.end() < end:
                return found.end()
        while begin < end and _continues(self.text, begin):
            begin += 1
        return begin

    def _last_border(self, begin: int, end: int) -> int:
        for border in _BORDERS:
            found = [each.end() for each in border.finditer(self.text, begin, end) if begin <= each.end()]
            if found:
                return found[-1]
        whole = end
        while whole > begin and _continues(self.text, whole):
            whole -= 1
        return end if _continues(self.text, whole) else whole


def _continues(text: str, at: int) -> bool:
    """Say whether the character at `at` belongs to the one before it: a mark, or what a joiner or CR joins."""
    return unicodedata.category(text[at]) in ("Mn", "Me", "Mc") or text[at] == "\u200d" or text[at - 1] in "\u200d\r"


def _divided(parts: Sequence[Part], depth: int, knife: _Knife) -> Iterator[Chunk]:
    """Yield the chunks of parts whose trails are the same down to `depth`."""
    if not parts:
        return
    if parts[-1].end - parts[0].start <= knife.size:
        yield Chunk(parts[0].start, parts[-1].end, _common(parts), parts[0].page)
    elif all(len(part.trail) <= depth for part in parts):
        yield from _packed(parts, knife)
    else:
        for group in _groups(parts, depth):
            yield from _divided(group, depth + 1, knife)


def _groups(parts: Sequence[Part], depth: int) -> list[list[Part]]:
    """Put neighbours of one name at `depth` together; headings without a text of their own go with what follows."""
    named = itertools.groupby(parts, key=lambda part: part.trail[depth : depth + 1])
    groups: list[list[Part]] = []
    for _, group in named:
        if groups and all(part.heading for part in groups[-1]):
            groups[-1].extend(group)
        else:
            groups.append(list(group))
    return groups


def _common(parts: Sequence[Part]) -> tuple[str, ...]:
    """Return the trail that all parts share; headings stand for what is below them."""
    trails = [part.trail for part in parts if not part.heading] or [part.trail for part in parts]
    shared = itertools.takewhile(lambda names: len(set(names)) == 1, zip(*trails, strict=False))
    return tuple(names[0] for names in shared)


def _packed(parts: Sequence[Part], knife: _Knife) -> Iterator[Chunk]:
    """Yield chunks of as many parts as fit, each beginning with the end of the one before it."""
    pieces = [piece for part in parts for piece in knife.pieces(part)]
    ends = [part.end for part in parts]
    start, end = pieces[0]
    for at, until in pieces[1:]:
        if until - start > knife.size:
            yield _chunk(parts, ends, start, end)
            shared = knife.shared(start, end)
            start = shared if shared < end and until - shared <= knife.size else at
        end = until
    yield _chunk(parts, ends, start, end)


def _chunk(parts: Sequence[Part], ends: Sequence[int], start: int, end: int) -> Chunk:
    first = parts[bisect_right(ends, start)]
    return Chunk(start, end, first.trail, first.page)
