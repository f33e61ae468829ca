"""Prompts: a template and its arguments become the messages a model reads.

A value reaches the model unchanged, and is never anything but text in the message where the template puts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from forethought.kernel.context import ContextVariables
from forethought.kernel.models.chat import Message

from . import semantic
from .budget import Budget
from .formats import CallFunction, TemplateError, TemplateFormat
from .messages import Markup, written

__all__ = ["CallFunction", "TemplateFormat", "render"]


async def render(
    template: str, format: TemplateFormat, arguments: Mapping[str, object], call: CallFunction
) -> tuple[Message, ...]:
    """Render a template into messages; argument names ignore case, `call` runs the functions it names.

    A template without `<message role="…">` tags is one user message; otherwise text before the first message is a
    system message. A blank end of the template is not part of the prompt. Functions are called one after the other, in
    document order, with their arguments by name; an argument without a name is `input`. Raises TemplateError for a
    template that cannot be read, a name that has no value, a role that is none, or a template that would do or make too
    much; what `call` raises passes through.
    """
    markup, budget = Markup(), Budget()
    template = template.rstrip()
    match format:
        case "semantic-kernel":
            rendered = await _semantic_kernel(template, ContextVariables(arguments), call, markup, budget)
        case "handlebars":
            from .handlebars_rendering import render_handlebars

            rendered = await render_handlebars(template, arguments, call, markup, budget)
        case "jinja2":
            from .jinja import render_jinja

            rendered = await render_jinja(template, arguments, call, markup, budget)
        case _:
            assert_never(format)
    return markup.split(rendered)


async def _semantic_kernel(
    template: str, variables: ContextVariables, call: CallFunction, markup: Markup, budget: Budget
) -> str:
    nodes = semantic.read(template)
    texts = iter(markup.mark([node.text for node in nodes if isinstance(node, semantic.Text)]))
    parts: list[str] = []
    for node in nodes:
        match node:
            case semantic.Text():
                parts.append(next(texts))
            case semantic.Call(function=function, arguments=arguments):
                values = {name: _value(value, variables) for name, value in arguments}
                parts.append(written(await call(function, values)))
            case semantic.Variable() | semantic.Literal():
                parts.append(written(_value(node, variables)))
            case _:
                assert_never(node)
    budget.text(sum(map(len, parts)))
    return "".join(parts)


def _value(value: semantic.Variable | semantic.Literal, variables: ContextVariables) -> object:
    if isinstance(value, semantic.Literal):
        return value.text
    if value.name not in variables:
        raise TemplateError(f"'${value.name}' has no value", value.line)
    return variables[value.name]
