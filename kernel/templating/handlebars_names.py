"""The names a Handlebars template needs from outside: scopes are followed as rendering opens them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import assert_never

from .handlebars import Block, Constant, Expression, Node, Output, Path, Text, Value, read
from .handlebars_helpers import BLOCKS, HELPERS

__all__ = ["free_names"]


@dataclass(slots=True)
class _Scope:
    """How many contexts lie between here and the arguments, and the names declared on the way."""

    depth: int = 0
    declared: frozenset[str] = frozenset()
    stored: set[str] = field(default_factory=set[str])


def free_names(template: str) -> Iterator[str]:
    """Yield each name, in order of use, that only an argument can give a value."""
    return _nodes(read(template), _Scope())


def _nodes(nodes: tuple[Node, ...], scope: _Scope) -> Iterator[str]:
    for node in nodes:
        match node:
            case Text():
                continue
            case Output(expression=expression):
                yield from _expression(expression, scope)
            case Block():
                yield from _block(node, scope)
            case _:
                assert_never(node)


def _block(block: Block, scope: _Scope) -> Iterator[str]:
    head = block.expression.head
    name = head.text if isinstance(head, Path) else ""
    inner = scope
    if name in BLOCKS:
        yield from _arguments(block.expression, scope)
        opens = name in ("each", "with")
    else:
        yield from _expression(block.expression, scope)
        opens = True
    if opens:
        inner = _Scope(scope.depth + 1, scope.declared | {each.lower() for each in block.names}, scope.stored)
    yield from _nodes(block.body, inner)
    yield from _nodes(block.otherwise, scope)


def _expression(expression: Expression, scope: _Scope) -> Iterator[str]:
    head = expression.head
    called = isinstance(head, Path) and (
        head.text in HELPERS or expression.arguments or expression.named or "-" in head.text
    )
    if not called:
        yield from _value(head, scope)
    yield from _arguments(expression, scope)
    match expression:
        case Expression(head=Path(text="get"), arguments=(Constant(value=str(name)), *_)):
            if name.lower() not in scope.stored:
                yield name
        case Expression(head=Path(text="set"), arguments=(Constant(value=str(name)), _)):
            scope.stored.add(name.lower())
        case Expression(head=Path(text="set"), named=named):
            scope.stored.update(str(v.value).lower() for n, v in named if n == "name" and isinstance(v, Constant))
        case _:
            pass


def _arguments(expression: Expression, scope: _Scope) -> Iterator[str]:
    for value in (*expression.arguments, *(value for _, value in expression.named)):
        yield from _value(value, scope)


def _value(value: Value, scope: _Scope) -> Iterator[str]:
    match value:
        case Constant():
            return
        case Expression():
            yield from _expression(value, scope)
        case Path(data=True, segments=("root", name, *_)):
            yield name
        case Path(data=False, up=up, segments=(name, *_)):
            here = not up and name.lower() in scope.declared
            if up >= scope.depth and not here and name.lower() not in scope.stored:
                yield name
        case Path():
            return
        case _:
            assert_never(value)
