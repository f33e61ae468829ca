"""Hostile expressions: what is known to break out of a Jinja2 sandbox does so neither in a test nor in a template."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from forethought.kernel.errors import ConditionError, TemplateError
from forethought.kernel.templating.rendering import render
from forethought.planners.checking.conditions import Flaw, parse_condition


class Account:
    """An object as a function may return one, with a secret that is no data."""

    secret = "the secret"

    def __init__(self) -> None:
        self._key = self.secret

    def reveal(self) -> str:
        return self.secret


def reveal() -> str:
    return Account.secret


VALUES: dict[str, object] = {"v": "text", "rows": [1, 2], "row": {"a": 1}, "account": Account(), "f": reveal}

ESCAPES = [
    # attributes that lead from any value to all classes
    "''.__class__",
    "v.__class__.__mro__[1].__subclasses__()",
    "v['__class__']",
    "v['\\x5f\\x5fclass\\x5f\\x5f']",
    "v['__cla' ~ 'ss__']",
    "v['__cla' 'ss__']",
    "v[['__class__'][0]]",
    "v[('%c' % 95) ~ '_class__']",
    "v.__class__.__base__",
    "rows.__getitem__(0)",
    "rows.__class__.__init__",
    "().__class__.__bases__[0]",
    "row.__reduce_ex__(2)",
    "v.__doc__[0]",
    "(1).__class__",
    "true.__class__",
    "account._key",
    "account['_key']",
    "f.__globals__",
    "f.__code__.co_consts",
    # the attr filter, and filters that call it
    "v|attr('__class__')",
    "v|attr('\\x5f\\x5fclass\\x5f\\x5f')",
    "v|attr(['__','class','__']|join)",
    "rows|map(attribute='__class__')|list|string",
    "rows|map('attr', '__class__')|list|string",
    "[v]|sort(attribute='__class__')|list|string",
    "[v]|groupby('__class__')|list|string",
    "[v]|selectattr('__class__')|list|length",
    "[v]|unique(attribute='__class__')|list",
    "[account]|sum(attribute='_key', start='')",
    "[account]|map(attribute='_key')|list|string",
    # formatting, which follows attributes by itself
    "'{0.__class__}'.format(v)",
    "'{v.__class__}'.format_map({'v': v})",
    "('{0.__class__}'|attr('format'))(v)",
    "['{0.__class__}']|map('attr', 'format')|first",
    "'{0.__class__}'|format(v) == 'x' and v.__class__",
    # what templates have of their own
    "self.__init__.__globals__",
    "self._TemplateReference__context",
    "lipsum.__globals__['os'].popen('id').read()",
    "cycler.__init__.__globals__.os",
    "joiner.__init__.__globals__",
    "namespace.__init__.__globals__",
    "dict.__base__.__subclasses__()",
    "range.__class__",
    "request.application.__globals__",
    "config.items()",
    "loop.__class__",
    "caller.__class__",
    "get_flashed_messages.__globals__",
    "url_for.__globals__['current_app']",
    # calls of functions, methods and imports
    "__import__('os').system('id')",
    "open('/etc/passwd').read()",
    "eval('1')",
    "rows.append(3)",
    "row.clear()",
    "row.update({'a': 2})",
    "rows.pop()",
    # generators, coroutines and tracebacks
    "(x for x in rows)",
    "rows|map('f')|list",
    "gi.gi_frame.f_globals",
    "cr.cr_frame.f_builtins",
    "tb.tb_frame.f_back",
]
CALLS = ["f()", "account.reveal()", "v.format(v)", "v.upper()", "(f|default(f))()", "rows.index(1)", "rows|f", "v is f"]
SIZES = [
    "'a' * 1000000000 == v",
    "[0] * 1000000000 == rows",
    "10 ** 1000000000 > 1",
    "2 ** 3 ** 4 ** 5 > 1",
    "9999999999 * 9999999999 * " + " * ".join(["9999999999"] * 80) + " > 1",
    "'a'|center(1000000000)|length",
    "'%1000000000d'|format(1)|length",
    "'a'|indent(1000000000)|length",
    "rows|batch(1000000000, 0)|list|length",
    "range(1000000000)|list|length",
    "lipsum(n=1000000)|length",
    "'aa'|replace('a', 'aaaaaaaaaaaaaaaa')|length",
    "rows|join('a')|urlize",
    "2.5|round(1000000000)",
]
STATEMENTS = [
    "x %}{% set y = 1 %}{% if x",
    "x }}{{ v.__class__ }}{{ x",
    "x %}{% import 'os' as os %}{% if x",
    "x %}{% for i in range(9) %}{% endfor %}{% if x",
    "x #}{# y",
    "import os",
    "lambda: 1",
    "[x for x in rows]",
    "x := 3",
    "v; v",
    "v\n}}\n{{ v.__class__",
]


@pytest.mark.parametrize("source", [*ESCAPES, *CALLS, *SIZES, *STATEMENTS])
def test_a_test_lets_nothing_out(source: str) -> None:
    condition = parse_condition(source)
    if not isinstance(condition, Flaw):
        with pytest.raises(ConditionError):
            condition.holds(VALUES)


@pytest.mark.parametrize("source", ESCAPES)
async def test_a_template_lets_nothing_out(source: str) -> None:
    async def unknown(name: str, arguments: Mapping[str, object]) -> object:
        raise TemplateError(f"there is no function '{name}'")

    try:
        (message,) = await render("{{ " + source + " }}", "jinja2", VALUES, unknown)
    except TemplateError:
        return
    assert not any(leak in message.content for leak in (Account.secret, "<class", "<module"))


@pytest.mark.parametrize(
    "source",
    [
        "not " * 490 + "v",
        "-" * 1999,
        "(" * 999 + ")" * 999,
        "[" * 999 + "]" * 999,
        "v" + ".a" * 999,
        "v" + "|trim" * 390,
        "v if v else " * 160 + "v",
        "v" + " == v" * 390,
        "v" + " ~ v" * 490,
        "{'a':" * 300 + "1" + "}" * 300,
        "'" * 1999,
        "9" * 1999,
        "1" + "_1" * 900,
        "\\" * 1999,
        "v " * 999,
        "v is defined" + " is defined" * 180,
    ],
)
def test_a_monstrous_test_is_refused_in_time(source: str) -> None:
    started = time.monotonic()
    assert isinstance(parse_condition(source), Flaw)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("X|sort|length > 0", [str(number) for number in range(100_001)]),
        ("X|sum > 0", [1] * 100_001),
        ("'x' in X", ["a"] * 100_001),
        ("X ~ X ~ X == ''", "a" * 400_000),
        ("X * X > 0", 2**900),
    ],
)
def test_values_that_are_too_large_are_refused_in_time(source: str, value: object) -> None:
    condition = parse_condition(source)
    assert not isinstance(condition, Flaw)
    started = time.monotonic()
    with pytest.raises(ConditionError):
        condition.holds({"x": value})
    assert time.monotonic() - started < 2


def test_values_nested_without_end_are_dealt_with() -> None:
    endless: list[object] = []
    endless.append(endless)
    for source in ("X == X", "X[0][0][0] == [1]", "X in X", "X ~ '' == 'a'", "X|unique|length == 1"):
        condition = parse_condition(source)
        assert not isinstance(condition, Flaw)
        try:
            condition.holds({"x": endless})
        except ConditionError:
            continue
