"""The sandbox of Jinja2 templates: Jinja2's own, which lets a template reach data only, and bounds on what it may do.

Jinja2 says itself that its sandbox does not keep a template from using up time and memory
(https://jinja.palletsprojects.com/en/stable/sandbox/#security-considerations). So every round, call and text that is
made is counted, and what makes much of little is bounded before it does. A template calls functions and helpers, and
of the methods of values only those of texts, lists and dicts that are harmless.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sized
from datetime import date, time, timedelta
from types import BuiltinMethodType, MethodType
from typing import cast

from jinja2 import StrictUndefined, Undefined, nodes, pass_context
from jinja2.async_utils import auto_aiter
from jinja2.runtime import BlockReference, Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner
from jinja2.visitor import NodeTransformer

from .budget import Budget
from .formats import TemplateError
from .handlebars_helpers import json_text
from .messages import written

__all__ = ["Sandbox"]

_TEXT_METHODS = """
    capitalize casefold count endswith find index isalnum isalpha isdecimal isdigit islower isnumeric isspace istitle
    isupper join lower lstrip partition removeprefix removesuffix replace rfind rindex rpartition rsplit rstrip split
    splitlines startswith strip swapcase title upper
"""
_METHODS: tuple[tuple[type, frozenset[str]], ...] = (
    (str, frozenset(_TEXT_METHODS.split())),
    (dict, frozenset({"copy", "get", "items", "keys", "values"})),
    (list, frozenset({"copy", "count", "index"})),
    (tuple, frozenset({"count", "index"})),
    (date, frozenset({"date", "isoformat", "isoweekday", "time", "timestamp", "weekday"})),
    (time, frozenset({"isoformat"})),
    (timedelta, frozenset({"total_seconds"})),
)
_OWN = (BlockReference, Cycler, Joiner, LoopContext, Macro)
_WIDTH = re.compile(r"%[^%a-zA-Z]*(?:\*|[0-9]{5})")
_MOST = 10_000
"""The widest that a filter pads to, and the most digits, items or rounds that one asks for."""

_SIZED = frozenset({"batch", "center", "indent", "round", "slice", "tojson"})
"""The filters that make much where a number says so."""


class Sandbox(ImmutableSandboxedEnvironment):
    """A sandbox for one rendering: it escapes nothing, reads no other file, and refuses a name that has no value."""

    intercepted_binops = frozenset({"+", "*", "%", "**"})

    def __init__(self, budget: Budget) -> None:
        @pass_context  # what needs a context is not worked out before there is one
        def finalize(_context: object, value: object) -> str:
            return self._shown(value)

        super().__init__(
            undefined=StrictUndefined,
            autoescape=False,
            enable_async=True,
            keep_trailing_newline=True,
            finalize=finalize,
        )
        self._budget = budget
        self._allowed: set[int] = set()
        self._macros = 0
        self.globals.clear()
        filters = cast("dict[str, Callable[..., object]]", self.filters)
        filters["tojson"] = json_text
        for name, made in filters.items():
            filters[name] = self._bounded(name, made)
        filters |= {"_counted": self._counted, "_joined": self._joined}

    def allow(self, callables: Mapping[str, object]) -> None:
        """Let the template call these."""
        self._allowed = set(map(id, callables.values()))

    def counted(self, tree: nodes.Template) -> nodes.Template:
        """Return a tree of which the loops, and what `~` makes, are counted."""
        self._macros = sum(map(_length, tree.find_all((nodes.Macro, nodes.CallBlock))))
        return cast("nodes.Template", _Counting().visit(tree))

    def _shown(self, value: object) -> str:
        shown = str(value) if isinstance(value, Undefined) else written(value)  # str() of an undefined name raises
        self._budget.text(len(shown))
        return shown

    def _counted(self, value: object, length: int) -> object:
        return _Counted(value, self._budget, length)

    def _joined(self, values: list[object]) -> str:
        texts = [str(value) for value in values]
        self._budget.text(sum(map(len, texts)))
        return "".join(texts)

    def _bounded(self, name: str, made: Callable[..., object]) -> Callable[..., object]:
        """Return a filter that counts the text it makes, and is not asked for too much."""

        @functools.wraps(made)
        def bounded(*values: object, **named: object) -> object:
            self._budget.step()
            if name in _SIZED and (most := max(_numbers(values, named), default=0)) > _MOST:
                raise TemplateError(f"'{name}' is asked for {most:,}, and {_MOST:,} is the most")
            texts = [value for value in values if isinstance(value, str)]
            if name == "format" and texts:
                _check_format(texts[0])
            if name in ("join", "replace") and texts:
                self._budget.text(_size(values[0]) * len(texts[-1]))
            result = made(*values, **named)
            return self._later(result) if inspect.isawaitable(result) else self._measured(result)

        return bounded

    async def _later(self, value: Awaitable[object]) -> object:
        return self._measured(await value)

    def _measured(self, value: object) -> object:
        if isinstance(value, str):
            self._budget.text(len(value))
        return value

    def call(self, context: Context, called: object, /, *values: object, **named: object) -> object:
        self._budget.step()
        if not self._may_call(called):
            raise TemplateError(f"'{getattr(called, '__name__', type(called).__name__)}' is not for templates to call")
        if isinstance(called, Macro):
            self._budget.text(self._macros)
        elif isinstance(called, BuiltinMethodType) and called.__name__ in ("join", "replace"):
            self._budget.text((_size(called.__self__) + 1) * sum(map(_size, values[-1:])))
        return self._measured(super().call(context, called, *values, **named))

    def _may_call(self, called: object) -> bool:
        if id(called) in self._allowed or isinstance(called, _OWN):
            return True
        if not isinstance(called, BuiltinMethodType | MethodType):
            return False
        owner, name = called.__self__, called.__name__
        return isinstance(owner, _OWN) or any(isinstance(owner, kind) and name in names for kind, names in _METHODS)

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        match operator:
            case "+" if not isinstance(left, int):
                self._budget.text(_size(left) + _size(right))
            case "*":
                self._check_times(left, right)
                self._check_times(right, left)
            case "**":
                _check_power(left, right)
            case "%" if isinstance(left, str):
                _check_format(left)
            case _:
                pass
        return self._measured(super().call_binop(context, operator, left, right))

    def _check_times(self, left: object, right: object) -> None:
        if not isinstance(right, int):
            return
        self._budget.text(_size(left) * max(right, 0))
        if isinstance(left, int) and left.bit_length() + right.bit_length() > _MOST:
            raise TemplateError(f"a number has more than {_MOST:,} bits")

    def getitem(self, obj: object, argument: object) -> object:
        found = super().getitem(obj, argument)
        if isinstance(argument, slice):
            self._budget.text(_size(found))
        return found


class _Counted:
    """What a loop goes through; each round is counted, with the text that stands in it."""

    def __init__(self, value: object, budget: Budget, length: int) -> None:
        self._value = value
        self._budget = budget
        self._length = length

    def __len__(self) -> int:
        return len(cast("Sized", self._value))  # TypeError where it has none, as Jinja2 expects

    async def __aiter__(self) -> AsyncIterator[object]:
        async for item in auto_aiter(cast("Iterable[object]", self._value)):
            self._budget.step()
            self._budget.text(self._length)
            yield item


class _Counting(NodeTransformer):
    """Puts the filters that count into a tree."""

    def visit_For(self, loop: nodes.For) -> nodes.Node:  # noqa: N802 - so Jinja2 names it
        length = nodes.Const(_length(loop))
        self.generic_visit(loop)
        loop.iter = nodes.Filter(loop.iter, "_counted", [length], [], None, None, lineno=loop.lineno)
        return loop

    def visit_Concat(self, joined: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(joined)
        return nodes.Filter(nodes.List(joined.nodes), "_joined", [], [], None, None, lineno=joined.lineno)


def _length(node: nodes.Node) -> int:
    """Return how much text of the template stands inside of a node."""
    return sum(len(data.data) for data in node.find_all(nodes.TemplateData))


def _size(value: object) -> int:
    """Return the length of what has one."""
    return len(value) if isinstance(value, Sized) else 0


def _numbers(values: tuple[object, ...], named: Mapping[str, object]) -> Iterator[int]:
    return (abs(value) for value in (*values, *named.values()) if isinstance(value, int))


def _check_format(text: str) -> None:
    if _WIDTH.search(text):
        raise TemplateError(f"a width in '{text[:40]}' is too large")


def _check_power(left: object, right: object) -> None:
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * max(right, 0) > _MOST:
        raise TemplateError(f"a number has more than {_MOST:,} bits")
