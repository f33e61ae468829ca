"""Keeping: values as JSON has them, so that what comes back is what was there, or is known not to be.

A kept value is an object of JSON. `value` is the value, or `blob` the SHA-256 of its text where that is large. `type`
stands beside it where JSON cannot say all of it: the value is then what JSON has for one of that type. `redacted` says
that it is not all there.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from typing import cast

from forethought.kernel.errors import CoercionError
from forethought.kernel.redacting import HIDDEN
from forethought.kernel.values import ANY, ValueType, coerce, jsonable

__all__ = ["Keeping", "Kept", "bring_back", "dumps", "encode_text", "is_plain", "type_name"]

_LARGE = 4096
"""Characters from which a text is a blob."""
_WRITABLE_BITS = 14_000  # of a whole number: Python writes out no more than 4,300 digits

Kept = Mapping[str, object]


encode_text = json.encoder.encode_basestring_ascii
dumps = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), check_circular=False).encode


class Keeping:
    """Makes values ready to be kept; `blobs` takes each large text by its digest, `redact` hides what is secret."""

    def __init__(self, blobs: Callable[[bytes, str], None], redact: Callable[[str], str]) -> None:
        self._blobs = blobs
        self._redact = redact

    def keep(self, value: object, *, secret: bool = False) -> str:
        """Return `value` as it is kept, as JSON text; of a `secret` one, nothing."""
        if secret:
            return f'{{"value":"{HIDDEN}","redacted":true}}'
        plain, also = value, ""
        if not is_plain(value):
            plain, also = jsonable(value), f',"type":{encode_text(type_name(value))}'
        text = encode_text(plain) if type(plain) is str else dumps(plain)
        shown = self._redact(text)
        if shown != text:
            text, also = shown, f'{also},"redacted":true'
        if len(text) <= _LARGE:
            return f'{{"value":{text}{also}}}'
        digest = hashlib.sha256(text.encode()).digest()
        self._blobs(digest, text)
        return f'{{"blob":"{digest.hex()}"{also}}}'

    def members(self, values: Mapping[str, object], secret: Callable[[str], bool]) -> str:
        """Return values by name as they are kept, as JSON text; `secret` says of a name whether it is one."""
        kept = [f"{encode_text(name)}:{self.keep(value, secret=secret(name))}" for name, value in values.items()]
        return f"{{{','.join(kept)}}}"

    def shown(self, text: str | None) -> str:
        """Return a text without its secrets, as JSON text."""
        return self._redact(dumps(text))


def bring_back(kept: Kept, blob: Callable[[str], object], expected: ValueType = ANY) -> tuple[object, bool]:
    """Return a kept value, and whether it is what was kept; where it is not, it is what JSON has of it.

    A value of a type that JSON has not is made anew as `expected` has it. `blob` returns what a blob holds.
    """
    plain = blob(cast("str", kept["blob"])) if "blob" in kept else kept["value"]
    if "redacted" in kept:
        return plain, False
    if "type" not in kept:
        return plain, True
    try:
        value = coerce(plain, expected)
    except CoercionError:
        return plain, False
    same = type_name(value) == kept["type"] and not is_plain(value) and jsonable(value) == plain
    return (value, True) if same else (plain, False)


def type_name(value: object) -> str:
    """Return the full name of a value's type."""
    kind = type(value)
    return f"{kind.__module__}.{kind.__qualname__}"


def is_plain(value: object) -> bool:
    """Say whether JSON can say all of `value`: what is read again is equal to it, and of the same types."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return cast("int", value).bit_length() <= _WRITABLE_BITS
    if kind is float:
        return math.isfinite(cast("float", value))
    try:
        if kind is list:
            return all(map(is_plain, cast("list[object]", value)))
        if kind is dict:
            members = cast("dict[object, object]", value)
            return all(type(key) is str for key in members) and all(map(is_plain, members.values()))
    except RecursionError:  # it holds itself, or is as deep as if it did
        return False
    return False
