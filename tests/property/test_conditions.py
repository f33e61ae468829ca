"""A test means what its words say: it agrees with an evaluator that knows nothing of Jinja2, or both refuse."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from forethought.kernel.errors import ConditionError
from forethought.planners.checking.conditions import Flaw, parse_condition

Tree = tuple[object, ...]
Value = None | bool | int | str | list["Value"]

NAMES = ["a", "B", "Count", "x_1"]
TEXTS = st.sampled_from(["", "a", "ab", "5", " 7 ", "-2.5", "yes", "No.", "true", "1e2", "x5", "."])
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | TEXTS
VALUES = SCALARS | st.lists(SCALARS, max_size=3)
ORDERS: dict[str, Callable[[object, object], bool]] = {
    "<": lambda left, right: cast("int", left) < cast("int", right),
    "<=": lambda left, right: cast("int", left) <= cast("int", right),
    ">": lambda left, right: cast("int", left) > cast("int", right),
    ">=": lambda left, right: cast("int", left) >= cast("int", right),
}
SUMS: dict[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "//": lambda left, right: left // right,
}


def _grown(trees: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    return st.one_of(
        st.tuples(st.sampled_from(["and", "or", "==", "!=", "in", "not in", *ORDERS, *SUMS, "~"]), trees, trees),
        st.tuples(st.sampled_from(["not", "length"]), trees),
        st.tuples(st.just("if"), trees, trees, trees),
    )


TREES = st.recursive(
    st.tuples(st.just("name"), st.sampled_from(NAMES)) | st.tuples(st.just("value"), VALUES), _grown, max_leaves=8
)


class Unknown(Exception):  # noqa: N818 - it is no error of the reference
    """What the reference cannot work out."""


def written(tree: Tree) -> str:
    """Write a tree as a test, every part of it in parentheses."""
    match tree:
        case ("name", name):
            return str(name)
        case ("value", value):
            return repr(value)
        case ("not", inner):
            return f"(not {written(cast('Tree', inner))})"
        case ("length", inner):
            return f"({written(cast('Tree', inner))}|length)"
        case ("if", test, then, otherwise):
            parts = [written(cast("Tree", each)) for each in (then, test, otherwise)]
            return f"({parts[0]} if {parts[1]} else {parts[2]})"
        case (operator, left, right):
            return f"({written(cast('Tree', left))} {operator} {written(cast('Tree', right))})"
        case _:
            raise AssertionError(tree)


def number(value: Value) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    for read in (int, float):
        try:
            return read(value) if isinstance(value, str) else value
        except ValueError:
            continue
    return None


def yes_or_no(value: str) -> bool | None:
    return {"yes": True, "true": True, "no": False, "no.": False}.get(value.lower())


def true(value: Value) -> bool:
    if not isinstance(value, str):
        return bool(value)
    said = yes_or_no(value)
    read = number(value) if said is None else said
    if read is None:
        raise Unknown
    return bool(read)


def same(left: Value, right: Value) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    for text, other in ((left, right), (right, left)):
        if isinstance(text, str):
            if isinstance(other, bool):
                return yes_or_no(text) is other
            return isinstance(other, int | float) and number(text) == other
    return left == right


def ordered(operator: str, left: Value, right: Value) -> bool:
    numbers = number(left), number(right)
    if None not in numbers:
        return ORDERS[operator](*numbers)
    if isinstance(left, str) and isinstance(right, str):
        return ORDERS[operator](left, right)
    raise Unknown


def contains(item: Value, whole: Value) -> bool:
    if isinstance(whole, list):
        return any(same(item, each) for each in whole)
    if isinstance(whole, str) and isinstance(item, str):
        return item in whole
    raise Unknown


def text(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "[" + ", ".join(f'"{each}"' if isinstance(each, str) else text(each) for each in value) + "]"
    return "null" if value is None else str(value).lower()


def reference(tree: Tree, values: dict[str, Value]) -> Value:
    """Work out a tree as the page on the language says."""

    def of(part: object) -> Value:
        return reference(cast("Tree", part), values)

    match tree:
        case ("name", str() as name):
            if name.lower() not in values:
                raise Unknown
            return values[name.lower()]
        case ("value", value):
            return cast("Value", value)
        case ("not", inner):
            return not true(of(inner))
        case ("length", inner):
            whole = of(inner)
            if isinstance(whole, str | list):
                return len(whole)
            raise Unknown
        case ("if", test, then, otherwise):
            return of(then) if true(of(test)) else of(otherwise)
        case ("and", left, right):
            first = of(left)
            return of(right) if true(first) else first
        case ("or", left, right):
            first = of(left)
            return first if true(first) else of(right)
        case (str() as operator, left, right):
            return operation(operator, of(left), of(right))
        case _:
            raise AssertionError(tree)


def operation(operator: str, left: Value, right: Value) -> Value:
    if operator in ORDERS:
        return ordered(operator, left, right)
    if operator in SUMS:
        numbers = number(left), number(right)
        both_text = operator == "+" and isinstance(left, str) and isinstance(right, str)
        if both_text or numbers[0] is None or numbers[1] is None or (operator == "//" and numbers[1] == 0):
            raise Unknown
        return cast("Value", SUMS[operator](numbers[0], numbers[1]))
    match operator:
        case "==":
            return same(left, right)
        case "!=":
            return not same(left, right)
        case "in":
            return contains(left, right)
        case "not in":
            return not contains(left, right)
        case _:
            return text(left) + text(right)


@given(TREES, st.dictionaries(st.sampled_from([name.lower() for name in NAMES]), VALUES))
def test_a_test_holds_exactly_where_the_reference_says(tree: Tree, values: dict[str, Value]) -> None:
    condition = parse_condition(written(tree))
    if isinstance(condition, Flaw):
        assert condition.message.startswith(("the test is ", "the text "))
        return
    try:
        expected = true(reference(tree, values))
    except Unknown:
        expected = None
    try:
        found = condition.holds(values)
    except ConditionError:
        found = None
    assert found == expected


@given(
    st.text(alphabet="aB_$ .'\"[](){}|~+-*/%<>=!&,:0159\n\\é", max_size=60),
    st.dictionaries(st.sampled_from("ab"), VALUES),
)
def test_any_text_is_a_test_or_has_a_flaw_in_it(source: str, values: dict[str, Value]) -> None:
    started = time.monotonic()
    condition = parse_condition(source)
    if isinstance(condition, Flaw):
        assert 0 <= condition.offset <= len(source)
        assert condition.message
    else:
        for each in condition.names:
            assert source[each.offset :].startswith(each.name)
        with contextlib.suppress(ConditionError):
            assert condition.holds(values) in (True, False)
    assert time.monotonic() - started < 1
