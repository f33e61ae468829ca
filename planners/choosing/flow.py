"""Flow: which function makes what another one needs, as far as their names tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forethought.kernel.functions import FunctionSignature

from .keywords import words

__all__ = ["Flow"]

_GENERAL = frozenset(("name", "names", "list", "value", "key", "type", "input", "text", "data"))
"""Words of parameters that name no thing."""


class Flow:
    """What some functions need and make.

    A function needs what its required parameters are called, `channel` or `event_id`; one that is called `id` alone
    needs what the function itself is called after. It makes what it is called after, or what the fields of its result
    are, and is not itself given. A maker belongs to the same plugin: elsewhere, one word means many things.
    """

    __slots__ = ("_makers", "_needs", "_plugins")

    def __init__(self, functions: Sequence[FunctionSignature]) -> None:
        self._plugins = [function.plugin for function in functions]
        self._needs = [_needs(function) for function in functions]
        self._makers: dict[tuple[str, str], list[int]] = {}
        for number, function in enumerate(functions):
            for word in _makes(function):
                self._makers.setdefault((function.plugin, word), []).append(number)

    def makers(self, number: int) -> Iterator[list[int]]:
        """Return, for each thing that the function of this number needs, the functions that make it, by number."""
        for thing in self._needs[number]:
            makers = [each for each in self._makers.get((self._plugins[number], thing), ()) if each != number]
            if makers:
                yield makers


def _needs(function: FunctionSignature) -> set[str]:
    needs: set[str] = set()
    for parameter in function.parameters:
        if parameter.required:
            things = words(parameter.name) - _GENERAL
            needs |= things or (words(function.name) - _GENERAL if parameter.name.lower() in ("id", "name") else set())
    return needs


def _makes(function: FunctionSignature) -> set[str]:
    if function.returns.kind in ("null", "boolean"):
        return set()
    given = set[str]().union(*(words(parameter.name) for parameter in function.parameters))
    result = function.returns.items or function.returns
    fields = set[str]().union(*(words(name) for name, _ in result.fields))
    return (words(function.name) | fields) - given - _GENERAL
