"""Blocks in a reply: what is repaired, and that each repair is told; what could be meant two ways is an error."""

from __future__ import annotations

import pytest

from forethought.kernel.problems import Place, Severity
from forethought.planners.language.nodes import ForEach, FunctionName, If, Node, Step, While
from forethought.planners.language.parsing import read_reply

A, B, C, D = (f"<function.S.{name}/>" for name in "abcd")
a, b, c, d = (Step(FunctionName(f"S.{name}")) for name in "abcd")


def repaired(inside: str) -> tuple[tuple[Node, ...], list[str]]:
    """The nodes of a reply, and the codes of the notices."""
    reading = read_reply(f"<plan>\n{inside}</plan>")
    assert reading.plan is not None, [str(problem) for problem in reading.problems]
    assert all(problem.severity is Severity.NOTICE for problem in reading.problems)
    return reading.plan.steps, [problem.code for problem in reading.problems]


def refused(inside: str) -> list[str]:
    """The codes of the errors of a reply."""
    reading = read_reply(f"<plan>\n{inside}</plan>")
    assert reading.plan is None
    return [problem.code for problem in reading.problems if problem.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("inside", "expected", "codes"),
    [
        (f"<if condition='x'>{A}</if>", (If("x", (a,)),), ["misspelt-attribute"]),
        (f"<If Test='x'>{A}</IF>", (If("x", (a,)),), ["misspelt-element"]),
        (f"<if test='$N > 3'>{A}</if>", (If("N > 3", (a,)),), ["dollar-in-name"]),
        (f"<if test='{{{{ N > 3 }}}}'>{A}</if>", (If("N > 3", (a,)),), ["braces-in-test"]),
        (f"<if test='a < 3'>{A}</if>", (If("a < 3", (a,)),), ["stray-less-than"]),
        (f'<if test="a == "b"">{A}</if>', (If('a == "b"', (a,)),), ["stray-quote"]),
        (
            f"<if test='x'>{A}</if><elseif test='y'>{B}</elseif><elif test='z'>{C}</elif><else>{D}</else>",
            (If("x", (a,), (If("y", (b,), (If("z", (c,), (d,)),)),)),),
            ["misspelt-element", "misspelt-element"],
        ),
        (f"<if test='x'>{A}</if><else-if test='y'>{B}</else-if>{C}", (If("x", (a,), (If("y", (b,)),)), c),
         ["misspelt-element"]),
        (f"<if test='x'>{A}</if><else if='y'>{B}</else>", (If("x", (a,), (If("y", (b,)),)),),
         ["misspelt-element", "misspelt-attribute"]),
        (f"<if test='x'>{A}</if><else test='y'>{B}</else>", (If("x", (a,), (If("y", (b,)),)),), ["misspelt-element"]),
        (f"<if test='x'>{A}</if><else if test='y'>{B}</else if>", (If("x", (a,), (If("y", (b,)),)),),
         ["misspelt-element", "misspelt-element", "malformed-tag"]),
        (f"<if test='x'>{A}<else>{B}</else></if>{C}", (If("x", (a,), (b,)), c), ["misplaced-else"]),
        (f"<if test='x'>{A}{B}<else>{C}{D}</if>{A}", (If("x", (a, b), (c, d)), a),
         ["misplaced-else", "unclosed-element"]),
        (f"<if test='x'>{A}<else>{B}</else>", (If("x", (a,), (b,)),), ["misplaced-else"]),
        (
            f"<if test='x'>{A}<elif test='y'>{B}{C}<else>{D}{A}</if>{B}",
            (If("x", (a,), (If("y", (b, c), (d, a)),)), b),
            ["misplaced-else", "misspelt-element", "misplaced-else", "unclosed-element"],
        ),
        (f"<if test='x'><if test='y'>{A}</if><else>{B}</else></if>", (If("x", (If("y", (a,), (b,)),)),), []),
        (f"<if test='x'>{A}</if><else><!-- nothing --></else>", (If("x", (a,)),), ["empty-block"]),
        (f"<if test='x'>{A}", (If("x", (a,)),), ["unclosed-element"]),
        (f"<while test='x' max='2'><if test='y'>{A}</while>", (While("x", 2, (If("y", (a,)),)),), ["unclosed-element"]),
        (f"<if test='x'><function.S.a></if>{B}", (If("x", (a,)), b), ["unclosed-element"]),
        (f"<function.S.a><if test='x'>{B}</if>", (a, If("x", (b,))), ["unclosed-element"]),
        (f"<if test='x'><function.S.a><elif test='y'>{B}</elif></if>", (If("x", (a,), (If("y", (b,)),)),),
         ["unclosed-element", "misplaced-else", "misspelt-element"]),
        (f"<if test='x'>First: {A}</if>", (If("x", (a,)),), ["stray-text"]),
        (f"<while condition='x' maxIterations='3'>{A}</while>", (While("x", 3, (a,)),),
         ["misspelt-attribute", "misspelt-attribute"]),
        (f"<while test='x' max=3>{A}</while>", (While("x", 3, (a,)),), ["missing-quotes"]),
        (f"<for item='R' in='$L'>{A}</for>", (ForEach("R", "$L", (a,)),), ["misspelt-element"]),
        (f"<forEach itemVariable='R' list='$L'>{A}</forEach>", (ForEach("R", "$L", (a,)),),
         ["misspelt-element", "misspelt-attribute", "misspelt-attribute"]),
        (f"<loop var='R' items='$L'>{A}</loop>", (ForEach("R", "$L", (a,)),),
         ["misspelt-element", "misspelt-attribute", "misspelt-attribute"]),
        (f"<for each='R' in='$L'>{A}</for>", (ForEach("R", "$L", (a,)),), ["misspelt-element", "misspelt-attribute"]),
        (f"<for each item='R' in='$L'>{A}</for>", (ForEach("R", "$L", (a,)),),
         ["misspelt-element", "misspelt-element"]),
        (f"<foreach item='R' in='$L'>{A}</for>", (ForEach("R", "$L", (a,)),), ["misspelt-element"]),
        (f"<foreach as='$R' collection='L'>{A}</foreach>", (ForEach("R", "$L", (a,)),),
         ["misspelt-attribute", "dollar-in-name", "misspelt-attribute", "missing-dollar"]),
        (f"<foreach item='R' in='{{{{ L[0].all }}}}'>{A}</foreach>", (ForEach("R", "$L[0].all", (a,)),),
         ["missing-dollar"]),
        (f"<foreach item='R' in='{{{{$L}}}}' setContextVariable='$O'>{A}</foreach>",
         (ForEach("R", "$L", (a,), None, "O"),), ["missing-dollar", "dollar-in-name"]),
        (f"<foreach item='R' in='[1, 2]'>{A}</foreach>", (ForEach("R", "[1, 2]", (a,)),), []),
    ],
)  # fmt: skip
def test_what_can_only_be_meant_one_way_is_repaired_and_told(
    inside: str, expected: tuple[Node, ...], codes: list[str]
) -> None:
    assert repaired(inside) == (expected, codes)


@pytest.mark.parametrize(
    ("inside", "codes"),
    [
        (f"<if test='x'>{A}{B}", ["unclosed-element"]),  # where does it end?
        (f"<while test='x' max='2'><if test='y'>{A}{B}</while>", ["unclosed-element"]),
        (f"<if test='x'>{A}</if><else>{B}{C}", ["unclosed-element"]),
        (f"<if test='x'>{A}</if></if>", ["stray-end-tag"]),
        (f"{A}</foreach>{B}", ["stray-end-tag"]),
        (f"<if test='x'>{A}<else>{B}</else>{C}</if>", ["misplaced-else", "stray-end-tag"]),
        (f"<if test='x'>{A}</if><else/>{B}", ["empty-block"]),
        (f"<if test='x'>{A}</if>{B}<else>{C}</else>", ["misplaced-else"]),
        (f"<if test='x'><else>{A}</else></if>", ["misplaced-else"]),
        (f"<elseif test='x'>{A}</elseif>", ["misplaced-else"]),
        (f"<if test='x'>{A}</if><else>{B}</else><elseif test='y'>{C}</elseif>", ["misplaced-else"]),
        (f"<while test='x'>{A}</while>", ["missing-attribute"]),
        (f"<loop test='x' max='2'>{A}</loop>", ["missing-attribute", "missing-attribute", "unknown-attribute"]),
        (f"<foreach item='R' in='$L' limit='5'>{A}</foreach>", ["unknown-attribute"]),
        (f"<if test='x' condition='y'>{A}</if>", ["duplicate-attribute"]),
        (f"<if test='$A$B'>{A}</if>", ["dollar-in-name", "dollar-in-name"]),
        (f"<while test='x' max='many'>{A}</while>", ["bad-max"]),
        (f"<repeat times='3'>{A}</repeat>", ["unknown-element"]),
    ],
)
def test_what_could_be_meant_many_ways_stays_an_error(inside: str, codes: list[str]) -> None:
    assert sorted(refused(inside)) == sorted(codes)


def test_a_repair_of_a_block_says_what_is_done_at_its_place() -> None:
    reading = read_reply(
        f"<plan>\n<for each='$R' list='ROWS'>\n{A}\n<if condition='$R'>{B}\n<else>{C}</else></if></for></plan>"
    )
    assert [str(problem) for problem in reading.problems] == [
        "2:1: notice: 'for' is read as 'foreach' [misspelt-element]",
        "2:6: notice: 'each' is read as 'item' [misspelt-attribute]",
        "2:12: notice: '$R' is a reference, and a name is wanted here; it is read as 'R' [dollar-in-name]",
        "2:16: notice: 'list' is read as 'in' [misspelt-attribute]",
        "2:22: notice: 'ROWS' is read as '$ROWS' [missing-dollar]",
        "4:5: notice: 'condition' is read as 'test' [misspelt-attribute]",
        "4:16: notice: '$R' is a reference, and a test names its variables without the dollar; "
        "it is read as 'R' [dollar-in-name]",
        "5:1: notice: 'else' stands inside 'if'; it is read as if it stood after it [misplaced-else]",
    ]  # fmt: skip
    assert reading.problems[0].place == Place(2, 1, 4)


def test_blocks_without_a_plan_around_them_make_one() -> None:
    reading = read_reply(f"Do this:\n```xml\n<if test='x'>{A}</if>\n<else>{B}</else>\n```\nIf you like.")
    assert reading.plan is not None
    assert reading.plan.steps == (If("x", (a,), (b,)),)
    assert [str(problem) for problem in reading.problems] == [
        "3:1: notice: there is no <plan> around the steps; one is read from here [missing-plan-element]"
    ]
