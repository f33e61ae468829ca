"""SkillRegistry: the read-only collection of functions that a planner may use."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Iterator
from typing import Self

from .errors import AmbiguousFunctionError, UnknownFunctionError
from .functions import FunctionSignature

__all__ = ["SkillRegistry"]


class SkillRegistry:
    """Function signatures by name, immutable. Names ignore case; the registered spelling is the canonical one."""

    __slots__ = ("_by_full_name", "_by_name", "_functions")

    def __init__(self, functions: Iterable[FunctionSignature] = ()) -> None:
        """Hold `functions` in their order; raises ValueError for two of one full name."""
        self._functions = tuple(functions)
        self._by_full_name: dict[str, FunctionSignature] = {}
        self._by_name: dict[str, tuple[FunctionSignature, ...]] = {}
        for function in self._functions:
            full = function.full_name.lower()
            if full in self._by_full_name:
                raise ValueError(f"two functions are named '{function.full_name}'")
            self._by_full_name[full] = function
            short = function.name.lower()
            self._by_name[short] = (*self._by_name.get(short, ()), function)

    def __iter__(self) -> Iterator[FunctionSignature]:
        return iter(self._functions)

    def __len__(self) -> int:
        return len(self._functions)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._by_full_name

    def __repr__(self) -> str:
        return f"SkillRegistry({len(self)} functions of {len(self.plugins)} plugins)"

    @property
    def plugins(self) -> tuple[str, ...]:
        """The plugins' names, in order of first appearance."""
        return tuple(dict.fromkeys(function.plugin for function in self._functions))

    def find(self, name: str, *, suggest: bool = True) -> FunctionSignature:
        """Return the one function that `name` means: `Plugin.Name`, `Plugin-Name`, or `Name` where only one has it.

        A dash may also be part of a function's own name: every way to split is tried, a dot first, then from the left.
        Raises UnknownFunctionError (with suggestions, unless they are not wanted: they cost a millisecond and more) or
        AmbiguousFunctionError.
        """
        folded = name.lower()
        found = self._by_full_name.get(folded)
        if found is not None:
            return found
        for index, character in enumerate(folded):
            if character == "-":
                found = self._by_full_name.get(f"{folded[:index]}.{folded[index + 1 :]}")
                if found is not None:
                    return found
        short = self._by_name.get(folded, ())
        if len(short) == 1:
            return short[0]
        if short:
            raise AmbiguousFunctionError(name, [function.full_name for function in short])
        raise UnknownFunctionError(name, self.suggest(name) if suggest else ())

    def suggest(self, name: str, limit: int = 3) -> tuple[str, ...]:
        """Return the full names that read most like `name`, best first; none where nothing is near."""
        folded = name.lower().replace("-", ".")
        tail = folded.rpartition(".")[2]
        full = [
            each
            for each in difflib.get_close_matches(folded, self._by_full_name, limit, 0.7)
            if difflib.SequenceMatcher(None, each.rpartition(".")[2], tail).ratio() >= 0.5  # a plugin alone is not near
        ]
        short = difflib.get_close_matches(tail, self._by_name, limit, 0.75)
        found = [self._by_full_name[key] for key in full] + [each for key in short for each in self._by_name[key]]
        return tuple(dict.fromkeys(function.full_name for function in found))[:limit]

    def with_functions(self, functions: Iterable[FunctionSignature]) -> Self:
        """Return a registry with `functions` added; one of the same full name replaces the one that was there."""
        added = {function.full_name.lower(): function for function in functions}
        kept = [added.pop(each.full_name.lower(), each) for each in self._functions]
        return type(self)([*kept, *added.values()])

    def select(self, functions: Iterable[FunctionSignature]) -> Self:
        """Return a registry of just these functions."""
        return type(self)(functions)

    def digest(self) -> str:
        """Return the SHA-256 over all signatures, whatever their order."""
        return hashlib.sha256("".join(sorted(each.digest() for each in self._functions)).encode()).hexdigest()
