"""What a skill pack holds: functions with their signatures, where each comes from, and what was found while reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from forethought.kernel.functions import FunctionSignature
from forethought.kernel.problems import Problem

if TYPE_CHECKING:
    from forethought.kernel.sources.openapi import OperationSource
    from forethought.kernel.sources.tools import ToolSource
    from forethought.kernel.templating.formats import TemplateFormat

__all__ = ["NativeSource", "Pack", "PackFunction", "PromptSource", "Vintage", "is_name"]

Vintage = Literal["skill", "kernel_function", "sk_function"]


@dataclass(frozen=True, slots=True)
class PromptSource:
    """A prompt function: its template, and execution settings by service id (`default` where none is named).

    `schema` is the JSON Schema of what it returns, empty for text; `schema_from` names a parameter whose value is one.
    """

    template: str
    format: TemplateFormat
    settings: Mapping[str, Mapping[str, object]]
    schema: Mapping[str, object] = field(default_factory=dict[str, object])
    schema_from: str = ""


@dataclass(frozen=True, slots=True)
class NativeSource:
    """A native function: `qualname` is `function` or `Class.method`; `vintage` the decorator that marks it."""

    file: Path
    qualname: str
    vintage: Vintage


@dataclass(frozen=True, slots=True)
class PackFunction:
    """One function of a pack."""

    signature: FunctionSignature
    source: PromptSource | NativeSource | OperationSource | ToolSource


@dataclass(frozen=True, slots=True)
class Pack:
    """One skill pack as it was read; nothing of it has been executed.

    `plans` are the files of its recipes; `recipes` are these as functions, once somebody who knows plans has read them.
    """

    name: str
    directory: Path
    description: str = ""
    version: str = ""
    functions: tuple[PackFunction, ...] = ()
    plans: tuple[Path, ...] = ()
    problems: tuple[Problem, ...] = ()
    recipes: tuple[FunctionSignature, ...] = ()

    @property
    def signatures(self) -> tuple[FunctionSignature, ...]:
        """All functions, recipes last, as a planner sees them."""
        return (*(each.signature for each in self.functions), *self.recipes)


def is_name(name: str) -> bool:
    """Say whether `name` can name a pack, a function or a parameter: letters of any script, digits, `_` and `-`."""
    return len(name) <= 128 and not name.startswith("-") and name.replace("-", "_").isidentifier()
