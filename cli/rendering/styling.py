"""Styles of a terminal, and text made safe for one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Literal

__all__ = ["Paint", "Style", "coloured", "plain", "visible", "width_of"]

Style = Literal["bold", "dim", "red", "green", "yellow", "blue", "cyan"]
_CODES: dict[Style, str] = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "cyan": "36",
}
Paint = Callable[..., str]
"""`paint(text, *styles)` returns the text in these styles, or as it is where colours are off."""


def coloured(text: str, *styles: Style) -> str:
    """Return `text` in these styles, as ANSI escapes."""
    return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m" if text and styles else text


def plain(text: str, *styles: Style) -> str:
    """Return `text` as it is."""
    return text


# C0 and C1 controls, DEL, lone surrogates, and the format characters that reorder, hide or break lines. The joiners
# U+200C and U+200D stay: Persian and emoji are written with them.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    code = ord(character)
    return _SHORT.get(character) or (
        f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )


def visible(text: str, *, keep: str = "") -> str:
    r"""Return `text` with every control and hidden character written out (`\x1b`), except those in `keep`.

    What plans, packs, models and tools say is data: it may not move a cursor, change a title or reorder a line.
    """
    if not keep:
        return _UNSAFE.sub(_escaped, text)
    return _UNSAFE.sub(lambda found: found[0] if found[0] in keep else _escaped(found), text)


def width_of(text: str) -> int:
    """Return how many columns a terminal gives to visible `text`: two for a wide character, none for a mark."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
