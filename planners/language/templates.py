"""Values with `$` references in them: a small language of its own, read once and never scanned again."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from forethought.kernel.values import PathPart

from .tuples import maker

__all__ = ["Reference", "Template", "Text", "escape", "parse_template"]


class Text(NamedTuple):
    """Text that stands for itself."""

    text: str


class Reference(NamedTuple):
    """A reference to a variable: `$NAME`, `$NAME.field`, `$NAME[0]`, or in braces, where the path always counts.

    `path` is the longest one that could apply; whether a bare one is taken is for the evaluator to say, who knows the
    variable. `source` is how it was written (what stays where the variable is unknown), `offset` where it starts in
    the value.
    """

    name: str
    path: tuple[PathPart, ...]
    braced: bool
    source: str
    offset: int

    @property
    def path_text(self) -> str:
        """The path as written: what follows a bare reference as text, where its path is not taken."""
        return self.source[2 + len(self.name) : -1] if self.braced else self.source[1 + len(self.name) :]


class Template(NamedTuple):
    """A value: pieces in order, no two texts side by side, none empty.

    `whole` is the reference where the value is nothing but one reference.
    """

    pieces: tuple[Text | Reference, ...]

    @property
    def whole(self) -> Reference | None:
        """The one reference that is the whole value, or None."""
        pieces = self.pieces
        return pieces[0] if len(pieces) == 1 and isinstance(pieces[0], Reference) else None

    @property
    def references(self) -> tuple[Reference, ...]:
        """All references, in order."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Reference))


_new_reference = maker(Reference)
_new_template = maker(Template)
_WHOLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*+)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+")
_FIELD = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*+)")
_BRACED_FIELD = re.compile(r"\.([\w-]++)")
_ITEM = re.compile(r"\[(-?[0-9]{1,9})\]")
_NEEDS_ESCAPE = re.compile(r"\$(?=[A-Za-z_{$]|\Z)")


@lru_cache(maxsize=4096)
def parse_template(value: str) -> Template:
    """Read a value; any text is a template, so this never fails.

    template = { reference | "$$" | text }
    """
    if "$" not in value:
        return Template((Text(value),) if value else ())
    if whole := _WHOLE.fullmatch(value):
        return _new_template(((_new_reference((whole[1], (), False, value, 0)),),))
    pieces: list[Text | Reference] = []
    text: list[str] = []
    at = 0
    while (dollar := value.find("$", at)) >= 0:
        text.append(value[at:dollar])
        at = dollar + 1
        if value.startswith("$", at):
            text.append("$")
            at += 1
        elif reference := _reference(value, dollar):
            _flush(text, pieces)
            pieces.append(reference)
            at = dollar + len(reference.source)
        else:
            text.append("$")
    text.append(value[at:])
    _flush(text, pieces)
    return Template(tuple(pieces))


def _flush(text: list[str], pieces: list[Text | Reference]) -> None:
    if joined := "".join(text):
        pieces.append(Text(joined))
    text.clear()


def _reference(value: str, dollar: int) -> Reference | None:
    """reference = "$" name path | "${" name path "}" ."""
    braced = value.startswith("{", dollar + 1)
    name = _NAME.match(value, dollar + 1 + braced)
    if name is None:
        return None
    path, end = _path(value, name.end(), _BRACED_FIELD if braced else _FIELD)
    if braced:
        if not value.startswith("}", end):
            return None
        end += 1
    return Reference(name[0], path, braced, value[dollar:end], dollar)


def _path(value: str, at: int, field: re.Pattern[str]) -> tuple[tuple[PathPart, ...], int]:
    """path = { "." field | "[" [ "-" ] digits "]" } ; in braces a field may have dashes and letters of any script."""
    path: list[PathPart] = []
    while True:
        if named := field.match(value, at):
            path.append(named[1])
            at = named.end()
        elif item := _ITEM.match(value, at):
            path.append(int(item[1]))
            at = item.end()
        else:
            return tuple(path), at


def escape(text: str) -> str:
    """Return the value that stands for `text` itself, wherever it is put: dollars that would mean more are doubled."""
    return _NEEDS_ESCAPE.sub("$$", text)
