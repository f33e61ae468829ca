"""Expressions of tests: which of Jinja2's are allowed, and what is made of them.

A list of what is allowed decides, never one of what is not: names, literals, fields and items, `and`/`or`/`not`,
comparisons, arithmetic, `~`, an inline if, some filters and tests. Nothing is called, and only data is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

from forethought.kernel.errors import PathError
from forethought.kernel.values import PathPart, follow

from .filters import FILTERS, KINDS, Operation
from .operations import CALCULATIONS, COMPARISONS, Fault, Missing, is_allowed_number, joined, said, truth

if TYPE_CHECKING:
    from jinja2 import nodes

__all__ = ["Evaluate", "Mention", "Refused", "compiled", "ensured", "mentions"]

Evaluate = Callable[[Mapping[str, object]], object]
"""Works out a value from those of the variables, by lower-case name; raises Fault."""

_CONSTANTS: Mapping[str, object] = {"true": True, "false": False, "none": None, "null": None}
_DEFAULT = frozenset({"default", "d"})
_DEFINED = frozenset({"defined", "undefined"})
_MEANT = {"in": "leave 'is' out", "empty": "write NAME|length == 0"}


class Refused(Exception):  # noqa: N818 - it never leaves the reading of a test
    """What a test may not hold: a sentence, where it starts, and the way out if there is one."""

    def __init__(self, message: str, offset: int, hint: str | None = None) -> None:
        super().__init__(message, offset, hint)
        self.message = message
        self.offset = offset
        self.hint = hint


class Mention(NamedTuple):
    """A variable that an expression mentions, with the path after it as far as it is written out.

    `guarded` says that it may be missing: `default` or `is defined` looks at it.
    """

    name: str
    path: tuple[PathPart, ...]
    offset: int
    guarded: bool


def mentions(tree: nodes.Node) -> list[Mention]:
    """Return the variables that an expression mentions, in order."""
    from jinja2 import nodes

    found: list[Mention] = []
    pending: list[tuple[nodes.Node, bool]] = [(tree, False)]
    while pending:
        node, guarded = pending.pop()
        path: list[PathPart] = []
        at = node
        while isinstance(at, nodes.Getattr | nodes.Getitem) and (part := _part(at)) is not None:
            path.append(part)
            at = at.node
        if isinstance(at, nodes.Name):
            if at.name.lower() not in _CONSTANTS:
                found.append(Mention(at.name, tuple(reversed(path)), at.lineno, guarded))
            continue
        asked = isinstance(node, nodes.Filter) and node.name in _DEFAULT
        asked = asked or (isinstance(node, nodes.Test) and node.name in _DEFINED)
        for child in node.iter_child_nodes():
            pending.append((child, guarded or (asked and child is getattr(node, "node", None))))
    return sorted(found, key=lambda each: each.offset)


def ensured(node: nodes.Node, *, holds: bool) -> Iterator[str]:
    """Yield the lower-case names of the variables that are set where an expression is true, or where it is not."""
    from jinja2 import nodes

    if isinstance(node, nodes.And if holds else nodes.Or):
        yield from ensured(node.left, holds=holds)
        yield from ensured(node.right, holds=holds)
    elif isinstance(node, nodes.Not):
        yield from ensured(node.node, holds=not holds)
    elif isinstance(node, nodes.Test) and node.name == ("defined" if holds else "undefined"):
        at = node.node
        while isinstance(at, nodes.Getattr | nodes.Getitem):
            at = at.node
        if isinstance(at, nodes.Name):
            yield at.name.lower()


def _part(node: nodes.Node) -> PathPart | None:
    """Return the field or item that a node takes, where it is written out."""
    from jinja2 import nodes

    if isinstance(node, nodes.Getattr):
        return node.attr
    if not isinstance(node, nodes.Getitem):
        return None
    sign, arg = 1, node.arg
    if isinstance(arg, nodes.Neg):
        sign, arg = -1, arg.node
    found: object = arg.value if isinstance(arg, nodes.Const) else None
    if isinstance(found, int) and not isinstance(found, bool):
        return sign * found
    return found if isinstance(found, str) and sign == 1 else None


def compiled(node: nodes.Node) -> Evaluate:
    """Return what works out an expression, or raise Refused."""
    kind = type(node).__name__
    make = _MAKERS.get(kind)
    if make is None:
        start = next((each.lineno for each in node.iter_child_nodes()), node.lineno)
        message, hint = _REFUSED.get(kind, ("a test may not hold this", None))
        raise Refused(message, min(start, node.lineno), _instead(node) if kind == "Call" else hint)
    return make(node)


_REFUSED: Mapping[str, tuple[str, str | None]] = {
    "Call": ("a test calls nothing", None),
    "Pow": ("a test has no powers", "multiply"),
    "Slice": ("a test takes no slices", "take one item: ROWS[0]"),
}
_CALLED = {"len": "length", "str": "string", "strip": "trim"}


def _instead(node: nodes.Node) -> str | None:
    """Return the filter that does what a call in a test means."""
    called = next(node.iter_child_nodes(), None)
    name = str(getattr(called, "attr", None) or getattr(called, "name", None))
    name = _CALLED.get(name, name)
    return f"write 'NAME|{name}'" if name in FILTERS else None


def _name(node: nodes.Name) -> Evaluate:
    name, folded = node.name, node.name.lower()
    if folded in _CONSTANTS:
        return _constant(_CONSTANTS[folded])
    if not name.isascii():
        raise Refused(f"a variable cannot be named '{name}'", node.lineno, "names have ASCII letters only")

    def run(values: Mapping[str, object]) -> object:
        if folded not in values:
            raise Missing(f"there is no variable '{name}'")
        return values[folded]

    return run


def _constant(value: object) -> Evaluate:
    return lambda values: value


def _const(node: nodes.Const) -> Evaluate:
    value: object = node.value
    if isinstance(value, int | float) and not is_allowed_number(value):
        raise Refused("the number is too large", node.lineno)
    return _constant(value)


def _list(node: nodes.List | nodes.Tuple) -> Evaluate:
    items = [compiled(each) for each in node.items]
    return lambda values: [each(values) for each in items]


def _dict(node: nodes.Dict) -> Evaluate:
    pairs = [(_key(each.key), compiled(each.value)) for each in node.items]
    return lambda values: {key: value(values) for key, value in pairs}


def _key(node: nodes.Expr) -> str:
    from jinja2 import nodes

    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        return node.value
    raise Refused("a key of an object is text in quotes", node.lineno)


def _field_or_item(node: nodes.Getattr | nodes.Getitem) -> Evaluate:
    """Fields and items are followed as in a reference: `ROW.items` is a field, never a method."""
    from jinja2 import nodes

    whole, part = compiled(node.node), _part(node)
    if isinstance(part, str) and part.startswith("_"):
        raise Refused(f"a test reads no field that begins with an underscore, as '{part}' does", node.lineno)
    if part is not None or isinstance(node, nodes.Getattr):
        found = cast("PathPart", part)
        return lambda values: _followed(whole(values), found)
    taken = compiled(node.arg)
    return lambda values: _followed(whole(values), taken(values))


def _followed(value: object, part: object) -> object:
    if not isinstance(part, str | int) or isinstance(part, bool):
        raise Fault(f"a list or an object is not asked for {said(part)}", "write a field's name or an item's number")
    if isinstance(part, str) and part.startswith("_"):
        raise Fault(f"a test reads no field that begins with an underscore, as '{part}' does")
    try:
        return follow(value, (part,))
    except PathError as error:
        raise Missing(str(error)) from error


def _and(node: nodes.And) -> Evaluate:
    left, right = compiled(node.left), compiled(node.right)

    def run(values: Mapping[str, object]) -> object:
        first = left(values)
        return right(values) if truth(first) else first

    return run


def _or(node: nodes.Or) -> Evaluate:
    left, right = compiled(node.left), compiled(node.right)

    def run(values: Mapping[str, object]) -> object:
        first = left(values)
        return first if truth(first) else right(values)

    return run


def _not(node: nodes.Not) -> Evaluate:
    inner = compiled(node.node)
    return lambda values: not truth(inner(values))


def _choice(node: nodes.CondExpr) -> Evaluate:
    if node.expr2 is None:
        raise Refused("an 'if' in a test has an 'else'", node.lineno, "write A if B else C")
    test, then, otherwise = compiled(node.test), compiled(node.expr1), compiled(node.expr2)
    return lambda values: then(values) if truth(test(values)) else otherwise(values)


def _compare(node: nodes.Compare) -> Evaluate:
    first = compiled(node.expr)
    rest = [(COMPARISONS[each.op], compiled(each.expr)) for each in node.ops]

    def run(values: Mapping[str, object]) -> object:
        left = first(values)
        for compare, operand in rest:
            right = operand(values)
            if not compare(left, right):
                return False
            left = right
        return True

    return run


def _binary(node: nodes.BinExpr) -> Evaluate:
    left, right = compiled(node.left), compiled(node.right)
    work_out = CALCULATIONS[node.operator]
    return lambda values: work_out(left(values), right(values))


def _sign(node: nodes.UnaryExpr) -> Evaluate:
    inner = compiled(node.node)
    work_out = CALCULATIONS["-" if node.operator == "-" else "+"]
    return lambda values: work_out(0, inner(values))


def _concat(node: nodes.Concat) -> Evaluate:
    parts = [compiled(each) for each in node.nodes]
    return lambda values: joined([part(values) for part in parts])


def _filter(node: nodes.Filter) -> Evaluate:
    if node.node is None:
        raise Refused("a filter stands after a value", node.lineno)
    value = compiled(node.node)
    if node.name in _DEFAULT:
        other, or_false = _arguments(node, Operation(_constant, ("default_value", "boolean"), 1))
        return _default(value, other or _constant(""), or_false)
    if node.name == "map":
        return _map(node, value)
    operation = FILTERS.get(node.name)
    if operation is None:
        known = sorted({*FILTERS, "default", "map"})
        raise Refused(f"a test has no filter '{node.name}'", node.lineno, f"it has {', '.join(known)}")
    return _applied(operation, value, _arguments(node, operation))


def _default(value: Evaluate, other: Evaluate, or_false: Evaluate | None) -> Evaluate:
    def run(values: Mapping[str, object]) -> object:
        try:
            found = value(values)
        except Missing:
            return other(values)
        return other(values) if or_false and truth(or_false(values)) and not truth(found) else found

    return run


def _map(node: nodes.Filter, value: Evaluate) -> Evaluate:
    """`ROWS|map(attribute='price')` takes that field of every item."""
    (field,) = _arguments(node, Operation(_constant, ("attribute",), 1), named=True)
    items = FILTERS["list"].run

    def run(values: Mapping[str, object]) -> object:
        part = field(values) if field else None
        return [_followed(each, part) for each in cast("Sequence[object]", items(value(values)))]

    return run


def _test(node: nodes.Test) -> Evaluate:
    value = compiled(node.node)
    if node.name in _DEFINED:
        _arguments(node, Operation(_constant))
        return _defined(value, wanted=node.name == "defined")
    operation = KINDS.get(node.name)
    if operation is None:
        meant = _MEANT.get(node.name, f"there is {', '.join(sorted({*KINDS, *_DEFINED}))}")
        raise Refused(f"there is no 'is {node.name}' in a test", node.lineno, meant)
    return _applied(operation, value, _arguments(node, operation))


def _defined(value: Evaluate, *, wanted: bool) -> Evaluate:
    def run(values: Mapping[str, object]) -> object:
        try:
            value(values)
        except Missing:
            return not wanted
        return wanted

    return run


def _applied(operation: Operation, value: Evaluate, arguments: Sequence[Evaluate | None]) -> Evaluate:
    given = [(name, each) for name, each in zip(operation.arguments, arguments, strict=True) if each]
    if not given:
        return lambda values: operation.run(value(values))
    return lambda values: operation.run(value(values), **{name: each(values) for name, each in given})


def _arguments(
    node: nodes.Filter | nodes.Test, operation: Operation, *, named: bool = False
) -> Sequence[Evaluate | None]:
    """Return the argument for each name of the operation, None where it is left out."""
    if node.dyn_args or node.dyn_kwargs:
        raise Refused("a test gives no '*' arguments", node.lineno)
    names = operation.arguments
    given: dict[str, nodes.Expr] = {}
    for name, expression in [*zip(() if named else names, node.args, strict=False), *_keywords(node)]:
        if name not in names or name in given:
            raise Refused(f"'{node.name}' takes no '{name}'", node.lineno, _takes(operation))
        given[name] = expression
    if len(node.args) > (0 if named else len(names)) or len(given) < operation.required:
        raise Refused(f"'{node.name}' has too many or too few arguments", node.lineno, _takes(operation))
    return [compiled(given[name]) if name in given else None for name in names]


def _keywords(node: nodes.Filter | nodes.Test) -> Iterator[tuple[str, nodes.Expr]]:
    return ((each.key, each.value) for each in cast("Sequence[nodes.Keyword]", node.kwargs))


def _takes(operation: Operation) -> str:
    names = [f"{name}=…" for name in operation.arguments]
    return f"it takes {', '.join(names)}" if names else "it takes none"


_MAKERS: Mapping[str, Callable[..., Evaluate]] = {
    "Add": _binary,
    "And": _and,
    "Compare": _compare,
    "Concat": _concat,
    "CondExpr": _choice,
    "Const": _const,
    "Dict": _dict,
    "Div": _binary,
    "Filter": _filter,
    "FloorDiv": _binary,
    "Getattr": _field_or_item,
    "Getitem": _field_or_item,
    "List": _list,
    "Mod": _binary,
    "Mul": _binary,
    "Name": _name,
    "Neg": _sign,
    "Not": _not,
    "Or": _or,
    "Pos": _sign,
    "Sub": _binary,
    "Test": _test,
    "Tuple": _list,
}
