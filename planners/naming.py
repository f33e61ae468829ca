"""Names that are given to what a plan makes: each is new, and says where its value comes from."""

from __future__ import annotations

import re
from collections.abc import Collection

from forethought.kernel.functions import FunctionSignature

from .checking.naming import RESERVED

__all__ = ["item_name", "list_name", "result_name"]

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_MANY = re.compile(r"(?P<one>.*[^s])s", re.IGNORECASE)


def result_name(function: FunctionSignature, known: Collection[str]) -> str:
    """Return a new variable's name for a call's result: `getEmailAddress` gives EMAIL_ADDRESS, then EMAIL_ADDRESS_2."""
    words = [word.upper() for word in _WORD.findall(function.name)]
    words = words[1:] if len(words) > 1 and words[0] == "GET" else words
    base = "_".join(words)
    if not base[:1].isalpha() or base.lower() in RESERVED:
        base = "_".join(["RESULT", *words])
    return _free(base, known)


def item_name(variable: str, known: Collection[str]) -> str:
    """Return a new name for one item of a list: `ROWS` gives ROW, `DATA` DATA_ITEM."""
    many = _MANY.fullmatch(variable)
    if many and many["one"].lower() not in RESERVED:
        return _free(many["one"], known)
    return _free(f"{variable}_ITEM", known)


def list_name(item: str, known: Collection[str]) -> str:
    """Return a new name for the list of what was made of each item: `ROW` gives ROW_RESULTS."""
    return _free(f"{item}_RESULTS", known)


def _free(base: str, known: Collection[str]) -> str:
    """Return the name itself, or with the first number after it that makes it new."""
    taken = {name.upper() for name in known}
    found, number = base, 1
    while found.upper() in taken:
        number += 1
        found = f"{base}_{number}"
    return found
