"""Rendering of Handlebars nodes: asynchronous, so that a function may be called wherever a helper may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never, cast

from forethought.kernel.context import ContextVariables
from forethought.kernel.errors import PathError
from forethought.kernel.values import follow

from .budget import Budget
from .formats import CallFunction, TemplateError
from .handlebars import Block, Constant, Expression, Node, Output, Path, Text, Value, read
from .handlebars_helpers import BLOCKS, PLAIN
from .messages import Markup, written

__all__ = ["render_handlebars"]


class _Missing:
    """What a path leads to where there is nothing."""

    def __bool__(self) -> bool:
        return False


_MISSING = _Missing()


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a path starts: the value at hand, the scope around it, the names and `@` data of the block."""

    this: object
    outer: _Scope | None = None
    names: Mapping[str, object] = field(default_factory=dict[str, object])
    data: Mapping[str, object] = field(default_factory=dict[str, object])


async def render_handlebars(
    template: str, arguments: Mapping[str, object], call: CallFunction, markup: Markup, budget: Budget
) -> str:
    """Render a template to marked text; raises TemplateError, with its line, for a name without a value."""
    nodes = read(template)
    texts = iter(markup.mark(list(_texts(nodes))))
    rendering = _Rendering(ContextVariables(arguments), call, markup, budget)
    return await rendering.nodes(_with_texts(nodes, texts), _Scope(rendering.arguments))


def _texts(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        match node:
            case Text(text=text):
                yield text
            case Block(body=body, otherwise=otherwise):
                yield from _texts(body)
                yield from _texts(otherwise)
            case Output():
                continue
            case _:
                assert_never(node)


def _with_texts(nodes: Sequence[Node], texts: Iterator[str]) -> tuple[Node, ...]:
    changed: list[Node] = []
    for node in nodes:
        match node:
            case Text():
                changed.append(Text(next(texts)))
            case Block(body=body, otherwise=otherwise):
                changed.append(replace(node, body=_with_texts(body, texts), otherwise=_with_texts(otherwise, texts)))
            case Output():
                changed.append(node)
            case _:
                assert_never(node)
    return tuple(changed)


class _Rendering:
    def __init__(self, arguments: ContextVariables, call: CallFunction, markup: Markup, budget: Budget) -> None:
        self.arguments = arguments
        self._budget = budget
        self._call = call
        self._markup = markup
        self._stored: dict[str, object] = {}

    async def nodes(self, nodes: Sequence[Node], scope: _Scope) -> str:
        parts: list[str] = []
        for node in nodes:
            match node:
                case Text(text=text):
                    parts.append(text)
                case Output(expression=expression):
                    parts.append(written(await self._expression(expression, scope)))
                case Block():
                    parts.append(await self._block(node, scope))
                case _:
                    assert_never(node)
        self._budget.text(sum(map(len, parts)))
        return "".join(parts)

    async def _block(self, block: Block, scope: _Scope) -> str:
        expression = block.expression
        name = expression.head.text if isinstance(expression.head, Path) else ""
        if name == "message":
            return await self._message(block, scope)
        if name not in BLOCKS:
            return await self._section(block, await self._expression(expression, scope, strict=False), scope)
        if len(expression.arguments) != 1:
            raise TemplateError(f"'{{{{#{name}}}}}' takes one argument", expression.line)
        value = await self._value(expression.arguments[0], scope, expression.line, strict=False)
        match name:
            case "if":
                return await self.nodes(block.body if value else block.otherwise, scope)
            case "unless":
                return await self.nodes(block.otherwise if value else block.body, scope)
            case "with" if value:
                names = dict(zip(block.names, (value,), strict=False))
                return await self.nodes(block.body, _Scope(value, scope, names))
            case "each" if value:
                return await self._each(block, value, scope)
            case _:
                return await self.nodes(block.otherwise, scope)

    async def _section(self, block: Block, value: object, scope: _Scope) -> str:
        """`{{#value}}`: once for each item of a list, once for anything else, not at all for nothing."""
        if not value:
            return await self.nodes(block.otherwise, scope)
        if isinstance(value, list | tuple):
            return await self._each(block, cast("Sequence[object]", value), scope)
        return await self.nodes(block.body, scope if value is True else _Scope(value, scope))

    async def _each(self, block: Block, value: object, scope: _Scope) -> str:
        if isinstance(value, Mapping):
            items = list(cast("Mapping[object, object]", value).items())
        elif isinstance(value, list | tuple | set | frozenset):
            items = list(enumerate(cast("Sequence[object]", value)))
        else:
            raise TemplateError(f"'{written(value)}' is not a list to go through", block.expression.line)
        parts: list[str] = []
        for index, (key, item) in enumerate(items):
            self._budget.step()
            data = {"index": index, "key": key, "first": index == 0, "last": index == len(items) - 1}
            names = dict(zip(block.names, (item, key), strict=False))
            parts.append(await self.nodes(block.body, _Scope(item, scope, names, data)))
        return "".join(parts)

    async def _message(self, block: Block, scope: _Scope) -> str:
        named = dict(block.expression.named)
        if "role" not in named:
            raise TemplateError("'{{#message}}' needs a role", block.expression.line)
        role = await self._value(named["role"], scope, block.expression.line)
        return self._markup.message(getattr(role, "value", role), await self.nodes(block.body, scope))

    async def _expression(self, expression: Expression, scope: _Scope, *, strict: bool = True) -> object:
        head, line = expression.head, expression.line
        if isinstance(head, Constant):
            return head.value
        name = head.text
        if name in BLOCKS:
            raise TemplateError(f"'{name}' is a block: write '{{{{#{name}}}}}'", line)
        arguments = [await self._value(each, scope, line) for each in expression.arguments]
        named = {key: await self._value(each, scope, line) for key, each in expression.named}
        if name in PLAIN:
            try:
                return PLAIN[name](arguments)
            except (ValueError, TypeError, LookupError) as error:
                raise TemplateError(f"'{name}' failed: {error}", line) from error
        match name:
            case "set":
                key, value = arguments if len(arguments) == 2 else (named.get("name"), named.get("value"))
                self._stored[written(key).lower()] = value
                return None
            case "get":
                return self._found(self._root(written(arguments[0]) if arguments else ""), head, line, strict=strict)
            case "messages":
                return self._markup.messages_of(arguments[0] if arguments else self._root("chat_history"))
            case "message_to_prompt" | "messageToPrompt":
                return self._markup.message_of(arguments[0] if arguments else scope.this)
            case _:
                pass
        found = self._path(head, scope) if not (arguments or named) else _MISSING
        if found is not _MISSING or not (arguments or named or "-" in name):
            return self._found(found, head, line, strict=strict)
        if len(arguments) > 1:
            raise TemplateError(f"'{name}': only the first argument may go without a name", line)
        return await self._call(name, {**({"input": arguments[0]} if arguments else {}), **named})

    async def _value(self, value: Value, scope: _Scope, line: int, *, strict: bool = True) -> object:
        match value:
            case Constant(value=constant):
                return constant
            case Expression():
                return await self._expression(value, scope)
            case Path():
                return self._found(self._path(value, scope), value, line, strict=strict)
            case _:
                assert_never(value)

    @staticmethod
    def _found(value: object, path: Path, line: int, *, strict: bool) -> object:
        if strict and value is _MISSING:
            raise TemplateError(f"'{path.text}' has no value", line)
        return value

    def _root(self, name: str) -> object:
        if name.lower() in self._stored:
            return self._stored[name.lower()]
        return self.arguments.get(name, _MISSING)

    def _path(self, path: Path, scope: _Scope) -> object:
        at: _Scope | None = scope
        for _ in range(path.up):
            at = at.outer if at else None
        if at is None:
            return _MISSING
        segments = path.segments
        if path.data:
            if not segments:
                return _MISSING
            value: object = self.arguments if segments[0] == "root" else _data(at, segments[0])
            return _members(value, segments[1:])
        if not segments:
            return at.this
        declared = _declared(at, segments[0]) if not path.up else _MISSING
        if declared is not _MISSING:
            return _members(declared, segments[1:])
        if at.outer is None:
            return _members(self._root(segments[0]), segments[1:])
        value = _members(at.this, segments[:1])
        if value is _MISSING and segments[0].lower() in self._stored:
            value = self._stored[segments[0].lower()]
        return _members(value, segments[1:])


def _declared(scope: _Scope | None, name: str) -> object:
    while scope is not None:
        if name in scope.names:
            return scope.names[name]
        scope = scope.outer
    return _MISSING


def _data(scope: _Scope | None, name: str) -> object:
    while scope is not None:
        if name in scope.data:
            return scope.data[name]
        scope = scope.outer
    return _MISSING


def _members(value: object, segments: Sequence[str]) -> object:
    for segment in segments:
        value = _member(value, segment)
    return value


def _member(value: object, segment: str) -> object:
    listed = isinstance(value, list | tuple)
    if listed and segment == "length":
        return len(cast("Sequence[object]", value))
    try:
        return follow(value, (int(segment) if listed and segment.isdecimal() else segment,))
    except PathError:
        return _MISSING
