"""Names: which ones are meant where they are misspelled, and how sentences show them."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from itertools import islice

from .bound import BoundStep, Unbound

__all__ = ["RESERVED", "are_names", "article", "is_name", "listed", "meant_parameters", "nearest"]

RESERVED = frozenset({"and", "else", "false", "for", "if", "in", "is", "none", "not", "null", "or", "true"})
"""The words that a test is made of, in lower case: no variable has such a name."""

_COMPARED = 10
_SHORTEST = 3


def is_name(text: str) -> bool:
    """Say whether `text` can be the name of a variable: an ASCII identifier."""
    return are_names([text])


def are_names(texts: Collection[str]) -> bool:
    """Say whether each of `texts` can be the name of a variable."""
    return "".join(texts).isascii() and all(map(str.isidentifier, texts))


def nearest(name: str, known: Iterable[str], likeness: float = 0.8) -> str | None:
    """Return the name of `known` that `name` is almost spelled like, or None.

    Case does not count; names of fewer than three letters are like no other; one letter of four may differ.
    """
    if len(name) < _SHORTEST:
        return None
    folded = {each.lower(): each for each in known if len(each) >= _SHORTEST}
    found = difflib.get_close_matches(name.lower(), folded, 1, 0.75 if len(name) == _SHORTEST + 1 else likeness)
    return folded[found[0]] if found else None


def meant_parameters(step: BoundStep) -> dict[str, str]:
    """Return which parameter each unknown argument of `step` means, where that can be told.

    It is the one spelled almost alike that the step does not give; or where one argument is unknown and one parameter
    has no value, that one. Only the first ten are looked at.
    """
    if step.signature is None or not step.unknown:
        return {}
    written = {argument.name.lower() for argument in step.step.arguments}
    free = [each.name for each in step.signature.parameters if each.name.lower() not in written]
    missing = [each.parameter.name for each in step.bindings if isinstance(each.source, Unbound)]
    meant: dict[str, str] = {}
    for each in islice(step.unknown, _COMPARED):
        name = each.argument.name
        near = nearest(name, free, 0.6)
        if near is None and len(step.unknown) == len(missing) == 1:
            near = missing[0]
        if near:
            meant[name] = near
    return meant


def article(noun: str) -> str:
    """Return the noun with its article: `an integer`."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def listed(names: Iterable[str], most: int = 8) -> str:
    """Return the names as a sentence lists them, in quotes, at most `most` of them."""
    shown = [f"'{name}'" for name in islice(names, most + 1)]
    return ", ".join([*shown[:most], "…"] if len(shown) > most else shown)
