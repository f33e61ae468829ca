"""The variables a prompt template needs from outside, found without rendering or running anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from . import semantic
from .formats import TemplateFormat

__all__ = ["TemplateFormat", "variables_of"]


def variables_of(template: str, format: TemplateFormat) -> tuple[str, ...]:
    """Return the names in order of first use, each in its first spelling; names ignore case.

    Names that the template itself declares, helpers and functions are not among them. Raises TemplateError (a
    ValueError), with the line where known, for a template that cannot be read.
    """
    match format:
        case "semantic-kernel":
            return _distinct(_of_semantic_kernel(template))
        case "handlebars":
            from .handlebars_names import free_names

            return _distinct(free_names(template))
        case "jinja2":
            from .jinja import free_names

            return _distinct(free_names(template))
        case _:
            assert_never(format)


def _of_semantic_kernel(template: str) -> Iterator[str]:
    for node in semantic.read(template):
        match node:
            case semantic.Variable(name=name):
                yield name
            case semantic.Call(arguments=arguments):
                yield from (value.name for _, value in arguments if isinstance(value, semantic.Variable))
            case _:
                continue


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(name.lower(), name)
    return tuple(first.values())
