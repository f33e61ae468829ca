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
    """One variable: its canonical spelling, its value, its origin (a named tuple: a run may set thousands)."""

    name: str
    value: object
    origin: Origin


_INPUT = Origin("input")


class ContextVariables(Mapping[str, object]):
    """Variables by name, immutable. Names ignore case and keep the spelling they were first given."""

    __slots__ = ("_variables",)

    def __init__(self, values: Mapping[str, object] | None = None, /, *, origin: Origin = _INPUT) -> None:
        """Hold `values`, all from `origin`; another ContextVariables keeps its own origins."""
        self._variables: dict[str, Variable] = {}
        if isinstance(values, ContextVariables):
            self._variables.update(values._variables)
        else:
            for name, value in (values or {}).items():
                self._variables[name.lower()] = Variable(name, value, origin)

    def __getitem__(self, name: str) -> object:
        return self._variables[name.lower()].value

    def __iter__(self) -> Iterator[str]:
        return (variable.name for variable in self._variables.values())

    def __len__(self) -> int:
        return len(self._variables)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._variables

    def __repr__(self) -> str:
        shown = ", ".join(f"{v.name}={v.value!r} ({v.origin})" for v in self._variables.values())
        return f"ContextVariables({shown})"

    def variable(self, name: str) -> Variable:
        """Return the variable itself, with its origin; raises KeyError."""
        return self._variables[name.lower()]

    def with_variables(self, values: Mapping[str, object], origin: Origin = _INPUT) -> Self:
        """Return a copy in which `values` are set; a name that was there keeps its spelling."""
        if isinstance(values, ContextVariables):
            return self.with_each(values._variables.values())
        return self.with_each(Variable(name, value, origin) for name, value in values.items())

    def with_each(self, variables: Iterable[Variable]) -> Self:
        """Return a copy in which `variables` are set in order, each with its own origin."""
        changed = type(self)(self)
        for variable in variables:
            key = variable.name.lower()
            known = changed._variables.get(key)
            if known and known.name != variable.name:
                variable = Variable(known.name, variable.value, variable.origin)  # noqa: PLW2901 - in its first spelling
            changed._variables[key] = variable
        return changed
