"""ContextVariables: the named, typed values that flow through a plan; each knows where it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, Self

__all__ = ["ContextVariables", "Origin", "Variable"]


class Origin(NamedTuple):
    """Where a value came from: *goal* (written in the plan), *input* (given by the caller), or *step* (its output)."""

    kind: Literal["goal", "input", "step"]
    step: str | None = None

    def __str__(self) -> str:
        return f"step {self.step}" if self.step else self.kind


class Variable(NamedTuple):
    """One variable: its canonical spelling, its value, its origin."""

    name: str
    value: object
    origin: Origin


_INPUT = Origin("input")


_Held = tuple[str, object, Literal["goal", "input", "step"], str | None]


class ContextVariables(Mapping[str, object]):
    """Variables by name, immutable. Names ignore case and keep the spelling they were first given."""

    __slots__ = ("_held",)

    def __init__(self, values: Mapping[str, object] | None = None, /, *, origin: Origin = _INPUT) -> None:
        """Hold `values`, all from `origin`; another ContextVariables keeps its own origins."""
        self._held: dict[str, _Held] = {}  # plain tuples: the garbage collector passes over them
        if isinstance(values, ContextVariables):
            self._held.update(values._held)
        else:
            for name, value in (values or {}).items():
                self._held[name.lower()] = (name, value, origin.kind, origin.step)

    def __getitem__(self, name: str) -> object:
        return self._held[name.lower()][1]

    def __iter__(self) -> Iterator[str]:
        return (held[0] for held in self._held.values())

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._held

    def __repr__(self) -> str:
        shown = ", ".join(f"{each.name}={each.value!r} ({each.origin})" for each in map(self.variable, self))
        return f"ContextVariables({shown})"

    def variable(self, name: str) -> Variable:
        """Return the variable itself, with its origin; raises KeyError."""
        spelling, value, kind, step = self._held[name.lower()]
        return Variable(spelling, value, Origin(kind, step))

    def with_variables(self, values: Mapping[str, object], origin: Origin = _INPUT) -> Self:
        """Return a copy in which `values` are set; a name that was there keeps its spelling."""
        if isinstance(values, ContextVariables):
            return self.with_each(map(values.variable, values))
        return self.with_each(Variable(name, value, origin) for name, value in values.items())

    def with_each(self, variables: Iterable[Variable]) -> Self:
        """Return a copy in which `variables` are set in order, each with its own origin."""
        changed = type(self)(self)
        held = changed._held
        for name, value, (kind, step) in variables:
            key = name.lower()
            known = held.get(key)
            held[key] = (known[0] if known else name, value, kind, step)
        return changed
