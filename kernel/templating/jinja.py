"""Jinja2 templates: the names they need. The one door to jinja2 for prompts; it is imported when it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .formats import TemplateError

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.sandbox import SandboxedEnvironment

__all__ = ["environment", "free_names", "parsed"]


def environment() -> SandboxedEnvironment:
    """Return a sandbox that escapes nothing, reads no other file, and refuses a name that has no value."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, enable_async=True, keep_trailing_newline=True
    )


def parsed(template: str, environment: SandboxedEnvironment) -> nodes.Template:
    """Read a template; raises TemplateError with its line."""
    from jinja2 import TemplateSyntaxError

    try:
        return environment.parse(template)
    except TemplateSyntaxError as error:
        raise TemplateError(error.message or "the template cannot be read", error.lineno) from error
    except RecursionError as error:
        raise TemplateError("the template is nested too deep") from error


def free_names(template: str) -> Iterator[str]:
    """Yield each name, in order of use, that only an argument can give a value; what is only called is a function."""
    from jinja2 import TemplateSyntaxError, meta, nodes

    tree = parsed(template, environment())
    try:
        undeclared = meta.find_undeclared_variables(tree)
    except TemplateSyntaxError as error:  # a filter or test that does not exist
        raise TemplateError(error.message or "the template cannot be read", error.lineno) from error
    except RecursionError as error:
        raise TemplateError("the template is nested too deep") from error
    called = {id(call.node) for call in tree.find_all(nodes.Call)}
    for name in tree.find_all(nodes.Name):
        if name.name in undeclared and id(name) not in called and name.ctx == "load":
            yield name.name
