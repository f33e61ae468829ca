"""Jinja2 templates: the names they need, and their rendering. The one door to jinja2 for prompts, imported lazily."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, cast

from forethought.kernel.context import ContextVariables
from forethought.kernel.errors import ForethoughtError, UnknownFunctionError

from .budget import Budget
from .formats import CallFunction, TemplateError
from .handlebars_helpers import camel_case, snake_case
from .messages import Markup

if TYPE_CHECKING:
    from jinja2 import nodes

    from .sandbox import Sandbox

__all__ = ["called_names", "free_names", "render_jinja"]

_FILE = "<prompt>"


def free_names(template: str) -> Iterator[str]:
    """Yield each name, in order of use, that only an argument can give a value; what is only called is a function."""
    tree, undeclared = _read(template, _environment())
    called = {id(name) for name in _called(tree)}
    for name in _names(tree):
        if name.name in undeclared and id(name) not in called:
            yield name.name


def called_names(template: str) -> Iterator[str]:
    """Yield each name that is called and is neither declared nor a helper: a function, as it is written."""
    tree, undeclared = _read(template, _environment())
    helpers = _helpers(Markup())
    return (each.name for each in _called(tree) if each.name in undeclared and each.name not in helpers)


async def render_jinja(
    template: str, arguments: Mapping[str, object], call: CallFunction, markup: Markup, budget: Budget
) -> str:
    """Render a template to marked text, in the sandbox; raises TemplateError with its line.

    `{{ Plugin_function(x, name=y) }}` calls a function; where a plugin's own name holds `_`, each way to divide the
    name is tried in turn.
    """
    from jinja2 import Template, UndefinedError, nodes

    environment = _environment(budget)
    tree, undeclared = _read(template, environment)
    data = list(tree.find_all(nodes.TemplateData))
    for node, marked in zip(data, markup.mark([node.data for node in data]), strict=True):
        node.data = marked
    variables = ContextVariables(arguments)
    known: dict[str, object] = {name: variables[name] for name in undeclared if name in variables}
    callables = _helpers(markup)
    for called in _called(tree):
        if called.name in undeclared and called.name not in {*known, *callables}:
            callables[called.name] = _function(called.name, call)
    environment.allow(callables)
    try:
        prepared = Template.from_code(environment, environment.compile(environment.counted(tree), filename=_FILE), {})
        return await prepared.render_async({**callables, **known})
    except TemplateError as error:
        raise error if error.line else TemplateError(error.reason, _line(error)) from error
    except ForethoughtError:
        raise
    except UndefinedError as error:
        reason = (error.message or "a name has no value").replace(" is undefined", " has no value")
        raise TemplateError(reason, _line(error)) from error
    except Exception as error:  # a template runs code of its own choosing: filters, operators, methods of values
        raise TemplateError(f"{type(error).__name__}: {error}", _line(error)) from error


def _environment(budget: Budget | None = None) -> Sandbox:
    from .sandbox import Sandbox

    return Sandbox(budget or Budget())


def _read(template: str, environment: Sandbox) -> tuple[nodes.Template, set[str]]:
    """Return the tree of a template and the names it does not declare; not even `{{ 2 ** 99 }}` is worked out."""
    from jinja2 import TemplateSyntaxError, meta, nodes

    try:
        tree = environment.parse(template)
        for modifier in tree.find_all(nodes.EvalContextModifier):  # its options are worked out as they are read
            if not all(isinstance(option.value, nodes.Const) for option in modifier.options):
                raise TemplateError("'autoescape' takes true or false", modifier.lineno)
        names = meta.TrackingCodeGenerator(environment)
        names.optimizer = None
        names.visit(tree)
    except TemplateSyntaxError as error:
        raise TemplateError(error.message or "the template cannot be read", error.lineno) from error
    except RecursionError as error:
        raise TemplateError("the template is nested too deep") from error
    except TemplateError:
        raise
    except ValueError as error:  # Python reads whole numbers of up to 4,300 digits
        raise TemplateError("a number has too many digits") from error
    return tree, names.undeclared_identifiers


def _names(tree: nodes.Template) -> Iterator[nodes.Name]:
    from jinja2 import nodes

    return (name for name in tree.find_all(nodes.Name) if name.ctx == "load")


def _called(tree: nodes.Template) -> Iterator[nodes.Name]:
    from jinja2 import nodes

    return (call.node for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name))


def _function(name: str, call: CallFunction) -> Callable[..., object]:
    divided = [
        f"{name[:at]}.{name[at + 1 :]}" for at, each in enumerate(name) if each == "_" and 0 < at < len(name) - 1
    ]

    async def run(*values: object, **named: object) -> object:
        if len(values) > 1:
            raise TemplateError(f"'{name}': only the first argument may go without a name")
        arguments = {**({"input": values[0]} if values else {}), **named}
        for attempt in divided:
            try:
                return await call(attempt, arguments)
            except UnknownFunctionError as error:
                if error.name != attempt:
                    raise
        return await call(name, arguments)

    return run


def _helpers(markup: Markup) -> dict[str, object]:
    def array(*values: object) -> list[object]:
        return list(values)

    def get(context: object = None, name: str = "", default: object = "") -> object:
        return cast("Mapping[str, object]", context).get(name, default) if isinstance(context, Mapping) else default

    both: dict[str, tuple[str, object]] = {
        "camel_case": ("camelCase", camel_case),
        "double_close": ("doubleClose", lambda: "}}"),
        "double_open": ("doubleOpen", lambda: "{{"),
        "message_to_prompt": ("messageToPrompt", markup.message_of),
        "snake_case": ("snakeCase", snake_case),
    }
    return {
        "array": array,
        "get": get,
        "message": markup.message_of,
        "messages": markup.messages_of,
        **{name: helper for name, (_, helper) in both.items()},
        **dict(both.values()),
    }


def _line(error: BaseException) -> int | None:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == _FILE]
    return lines[-1] if lines else None
