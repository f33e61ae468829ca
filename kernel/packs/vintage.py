"""The names that native functions of 2023 import from Semantic Kernel, which has dropped them since.

`importing` points those imports here. Only what a function needs to read its variables is kept: a context has
variables, and neither memory nor other skills.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import TypeVar

__all__ = [
    "ContextVariables",
    "KernelContext",
    "PydanticField",
    "SKContext",
    "kernel_function",
    "kernel_function_context_parameter",
    "sk_function",
    "sk_function_context_parameter",
]

F = TypeVar("F", bound=Callable[..., object])


class ContextVariables(MutableMapping[str, str]):
    """The variables of 2023: texts by name, whatever the name's case; `input` is the main one."""

    def __init__(self, content: str | None = None, variables: Mapping[str, str] | None = None) -> None:
        self._values: dict[str, str] = {name.lower(): value for name, value in (variables or {}).items()}
        if content is not None:
            self._values["input"] = content

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __setitem__(self, name: str, value: str) -> None:
        self._values[name.lower()] = value

    def __delitem__(self, name: str) -> None:
        del self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __str__(self) -> str:
        return self.input

    @property
    def input(self) -> str:
        """The main variable."""
        return self._values.get("input", "")

    def set(self, name: str, value: str) -> None:
        """Set one variable."""
        self[name] = value

    def contains_key(self, name: str) -> bool:
        """Say whether a variable is set."""
        return name in self

    def find(self, name: str) -> tuple[bool, str]:
        """Return whether a variable is set, and its value: what `get` returned in early 2023."""
        return name in self, self._values.get(name.lower(), "")

    def update(self, content: object = None, /, **values: str) -> None:
        """Set the main variable, as 2023 meant it, or several by name."""
        if isinstance(content, Mapping):
            values = {**{str(name): str(value) for name, value in content.items()}, **values}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        elif content is not None:
            self["input"] = str(content)
        for name, value in values.items():
            self[name] = value


class SKContext:
    """The context that a function of 2023 is called with."""

    def __init__(self, variables: ContextVariables | None = None) -> None:
        self.variables = ContextVariables() if variables is None else variables
        self.log = logging.getLogger("forethought.packs")

    def __getitem__(self, name: str) -> str:
        return self.variables[name]

    def __setitem__(self, name: str, value: str) -> None:
        self.variables[name] = value

    def __contains__(self, name: object) -> bool:
        return name in self.variables

    def __str__(self) -> str:
        return self.result

    def __getattr__(self, name: str) -> object:
        raise AttributeError(f"the context of a 2023 function has variables only here, and no '{name}'")

    @property
    def result(self) -> str:
        """The main variable: what a function that returns its context gives back."""
        return self.variables.input

    def get(self, name: str, default: str | None = None) -> str | None:
        """Return a variable, else `default`."""
        return self.variables.get(name, default)

    def fail(self, description: str, exception: Exception | None = None) -> None:
        """Fail the call."""
        raise RuntimeError(description) from exception


class PydanticField:
    """A base class that skills of late 2023 mixed in; it did nothing for them when they ran."""


KernelContext = SKContext


def sk_function(function: F | None = None, /, **_said: object) -> F | Callable[[F], F]:
    """Leave the function as it is: what the decorator says has been read from the file's text."""
    return _as_it_is if function is None else function


def sk_function_context_parameter(**_said: object) -> Callable[[F], F]:
    """Leave the function as it is, likewise."""
    return _as_it_is


def _as_it_is(function: F) -> F:
    return function


kernel_function = sk_function
kernel_function_context_parameter = sk_function_context_parameter
