"""The functions a prompt template calls, found without rendering or running anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from . import semantic
from .formats import TemplateFormat

__all__ = ["functions_of"]


def functions_of(template: str, format: TemplateFormat) -> tuple[str, ...]:
    """Return the functions' names as the template writes them, in order of first use; helpers are not among them.

    Raises TemplateError (a ValueError), with the line where known, for a template that cannot be read.
    """
    match format:
        case "semantic-kernel":
            called: Iterator[str] = (
                node.function for node in semantic.read(template) if isinstance(node, semantic.Call)
            )
        case "handlebars":
            called = _of_handlebars(template)
        case "jinja2":
            from .jinja import called_names

            called = called_names(template)
        case _:
            assert_never(format)
    return tuple(dict.fromkeys(called))


def _of_handlebars(template: str) -> Iterator[str]:
    from .handlebars import Block, Expression, Output, Path, read
    from .handlebars_helpers import BLOCKS, HELPERS

    rest: list[object] = [*reversed(read(template))]
    while rest:
        match rest.pop():
            case Output(expression=expression):
                rest.append(expression)
            case Block() as block:
                rest += [*reversed((block.expression, *block.body, *block.otherwise))]
            case Expression(head=head, arguments=arguments, named=named):
                rest += [*reversed((*arguments, *(value for _, value in named)))]
                name = head.text if isinstance(head, Path) else ""
                if (arguments or named or "-" in name) and name and name not in BLOCKS | HELPERS:
                    yield name
            case _:
                continue
