"""The text of a test, in a file and in a reply."""

from __future__ import annotations

import pytest

from forethought.kernel.problems import Place
from forethought.planners.language.nodes import If
from forethought.planners.language.parsing import parse, read, read_reply
from forethought.planners.language.printing import print_plan


def _plan(test: str) -> str:
    escaped = test.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return f'<plan><if test="{escaped}"><function.A.b/></if></plan>'


def meaning(text: str) -> str:
    reading = read_reply(text)
    assert reading.plan is not None, [str(problem) for problem in reading.problems]
    (node,) = reading.plan.steps
    assert isinstance(node, If)
    assert parse(print_plan(reading.plan)) == reading.plan
    return node.test


@pytest.mark.parametrize(
    "test",
    [
        "A",
        " a  and b ",
        "PRICE == '$5' and TEXT != \"$NAME {{ x }}\"",
        r"A == 'it\'s $B' or '\\' ~ C",
        "'$A and $B",
        "{'a': {'b': 1}}.a.b == 1",
        "ROWS[0].email is defined",
        "$5 > $",
        "A && B || C",
        "1 < 2 &amp; 3",
    ],
)
def test_what_a_file_says_is_the_test(test: str) -> None:
    (node,) = parse(_plan(test)).steps
    assert isinstance(node, If)
    assert node.test == test


@pytest.mark.parametrize(
    ("test", "codes"),
    [
        ("$A", ["dollar-in-name"]),
        ("A > ${B.c}", ["dollar-in-name"]),
        ("$A == '$B' or $C", ["dollar-in-name", "dollar-in-name"]),
        ("{{ A }}", ["braces-in-test"]),
        ("{{ $A }} == {{ $B }}", ["braces-in-test", "dollar-in-name", "braces-in-test", "dollar-in-name"]),
        ("{{ A", ["braces-in-test"]),
    ],
)
def test_a_file_names_variables_bare_and_has_no_braces(test: str, codes: list[str]) -> None:
    reading = read(_plan(test))
    assert reading.plan is None
    assert [problem.code for problem in reading.problems] == codes


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("$A", "A"),
        ("$A.b[0] > 3 and ${B.c} is none", "A.b[0] > 3 and B.c is none"),
        ("$A == '$B' or \"$C\" == $D", "A == '$B' or \"$C\" == D"),
        ("not $A", "not A"),
        ("($A|length)>$B", "(A|length)>B"),
        ("{{ A > 3 }}", "A > 3"),
        ("{{$A}}", "A"),
        (" {{ A }} == 'x {{ y }}' ", "A == 'x {{ y }}'"),
        ("{{ A }} == {{B.c}}", "A == B.c"),
        ("{{ A or B }} and C", "(A or B) and C"),
        ("not {{ A or B }}", "not (A or B)"),
        ("A && B||C", "A and B or C"),
        ("A=== 1 && B!==2", "A== 1 and B!=2"),
        ("A == '&& ||'", "A == '&& ||'"),
    ],
)
def test_what_a_reply_writes_around_it_is_left_out(written: str, meant: str) -> None:
    assert meaning(_plan(written)) == meant


@pytest.mark.parametrize("test", ["$A$B", "x.$A", "$A的", "$A[0]$B", "x$A", "f()$A", "$B$5"])
def test_a_reference_with_something_written_to_it_is_an_error_even_in_a_reply(test: str) -> None:
    reading = read_reply(_plan(test))
    assert reading.plan is None
    assert {problem.code for problem in reading.problems} >= {"dollar-in-name"}


def test_a_dollar_stands_where_it_is_said_to_whatever_is_before_it() -> None:
    text = '<plan>\n<if test="&quot;a&quot; &lt; $A &amp;&amp; $B"><function.A.b/></if></plan>'
    assert [(problem.code, problem.place) for problem in read(text).problems] == [
        ("dollar-in-name", Place(2, 30, 2)),
        ("dollar-in-name", Place(2, 44, 2)),
    ]
    assert [(problem.code, problem.place) for problem in read_reply(text).problems] == [
        ("dollar-in-name", Place(2, 30, 2)),
        ("misspelt-operator", Place(2, 33, 2)),
        ("dollar-in-name", Place(2, 44, 2)),
    ]


def test_a_repair_is_told_in_words() -> None:
    assert [str(problem) for problem in read_reply(_plan("{{ $A }} && B")).problems] == [
        "1:17: notice: '{{' stands in a test, which is an expression already; the braces are left out [braces-in-test]",
        "1:20: notice: '$A' is a reference, and a test names its variables without the dollar; "
        "it is read as 'A' [dollar-in-name]",
        "1:26: notice: '&&' is read as 'and' [misspelt-operator]",
    ]
