"""Blocks in a file: what each means, where each part is, and every way to be wrong."""

from __future__ import annotations

import pytest

from forethought.kernel.problems import Place
from forethought.planners.language.blocks import MAX_STEPS
from forethought.planners.language.nodes import MAX_DEPTH, ForEach, FunctionName, If, Node, Step, While
from forethought.planners.language.parsing import parse, read
from forethought.planners.language.problems import CODES

A, B, C, D = (f"<function.S.{name}/>" for name in "abcd")
a, b, c, d = (Step(FunctionName(f"S.{name}")) for name in "abcd")

WHOLE = """\
<plan>
  <!-- when there is much -->
  <if test="COUNT > 3">
    <!-- one -->
    <function.S.a/>
    <!-- two -->
  </if>
  <!-- three -->
  <else>
    <!-- four -->
    <foreach item="ROW" in="$ROWS[0].all" max="20" setContextVariable="OUT">
      <function.S.b input="$ROW"/>
    </foreach>
    <!-- five -->
  </else>
  <while test='STATE != "done"' max="5">
    <function.S.c/>
    <!-- six -->
  </while>
  <!-- seven -->
</plan>
"""


def nodes(inside: str) -> tuple[Node, ...]:
    return parse(f"<plan>{inside}</plan>").steps


def problems(inside: str) -> list[str]:
    reading = read(f"<plan>\n{inside}</plan>")
    assert reading.plan is None
    assert all(problem.code in CODES for problem in reading.problems)
    return [str(problem) for problem in reading.problems]


def test_each_block_is_what_it_says_and_what_stands_in_it() -> None:
    row = parse('<plan><function.S.b input="$ROW"/></plan>').steps[0]
    assert parse(WHOLE).steps == (
        If(
            "COUNT > 3",
            (a._replace(rationale="one"),),
            (ForEach("ROW", "$ROWS[0].all", (row,), 20, "OUT", rationale="two\nthree\nfour"),),
            rationale="when there is much",
        ),
        While('STATE != "done"', 5, (c,), rationale="five"),
    )


def test_comments_that_stand_before_nothing_go_to_the_next_node_and_at_the_end_to_the_plan() -> None:
    plan = parse(WHOLE)
    assert [node.rationale for _, node in plan.nodes()] == [
        "when there is much", "one", "two\nthree\nfour", "", "five", "",
    ]  # fmt: skip
    assert plan.remark == "six\nseven"
    assert parse(plan.to_xml()) == plan


def test_every_part_of_a_block_knows_its_place() -> None:
    first, second = parse(WHOLE).steps
    assert isinstance(first, If)
    assert isinstance(second, While)
    assert (first.place, first.test_place, first.else_place) == (Place(3, 3, 3), Place(3, 13, 9), Place(9, 3, 5))
    (rows,) = first.otherwise
    assert isinstance(rows, ForEach)
    assert (rows.place, rows.item_place, rows.over_place) == (Place(11, 5, 8), Place(11, 20, 3), Place(11, 29, 12))
    assert (rows.max_place, rows.sets_place) == (Place(11, 48, 2), Place(11, 72, 3))
    assert (second.place, second.test_place, second.max_place) == (
        Place(16, 3, 6),
        Place(16, 16, 15),
        Place(16, 38, 1),
    )
    assert rows.body[0].place == Place(12, 7, 13)


def test_ids_are_paths_and_an_else_takes_a_number() -> None:
    assert [id_ for id_, _ in parse(WHOLE).nodes()] == ["1", "1.1", "2.1", "2.1.1", "3", "3.1"]


def test_blocks_stand_in_blocks_and_beside_steps() -> None:
    inside = f"<if test='x'>{A}<while test='y' max='2'><if test='z'>{B}</if><else>{C}</else></while></if>{D}"
    assert nodes(f"<foreach item='I' in='[1, 2]'>{inside}</foreach>") == (
        ForEach("I", "[1, 2]", (If("x", (a, While("y", 2, (If("z", (b,), (c,)),)))), d)),
    )


def test_an_else_if_is_an_if_in_an_else() -> None:
    written = (
        f"<if test='1'>{A}</if><else><if test='2'>{B}</if><else><if test='3'>{C}</if><else>{D}</else></else></else>"
    )
    assert nodes(written) == (If("1", (a,), (If("2", (b,), (If("3", (c,), (d,)),)),)),)


def test_an_else_may_stand_after_blanks_and_comments() -> None:
    assert nodes(f"<if test='x'>{A}</if> \n<!-- why -->\n <else>{B}</else>") == (
        If("x", (a,), (b._replace(rationale="why"),)),
    )


def test_attributes_keep_their_values_exactly() -> None:
    (loop,) = nodes(f"<foreach item='_r1' in=' $A x ' SETCONTEXTVARIABLE='V'>{A}</foreach>")
    assert loop == ForEach("_r1", " $A x ", (a,), None, "V")
    assert nodes(f"<while test=' a &lt; &quot;$B {{{{&quot;' max='10000'>{A}</while>") == (
        While(' a < "$B {{"', 10_000, (a,)),
    )


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (f"<if>{A}</if>", "2:1: error: 'if' has no 'test' (write <if test=\"...\">) [missing-attribute]"),
        (f"<if test=' '>{A}</if>", "2:1: error: 'if' has no 'test' (write <if test=\"...\">) [missing-attribute]"),
        (
            f"<foreach in='$A'>{A}</foreach>",
            "2:1: error: 'foreach' has no 'item' (write <foreach item=\"...\" in=\"...\">) [missing-attribute]",
        ),
        (
            f"<foreach item='A'>{A}</foreach>",
            "2:1: error: 'foreach' has no 'in' (write <foreach item=\"...\" in=\"...\">) [missing-attribute]",
        ),
        (
            f"<while test='x'>{A}</while>",
            "2:1: error: 'while' has no 'max' (write <while test=\"...\" max=\"...\">) [missing-attribute]",
        ),
        (
            f"<while max='2'>{A}</while>",
            "2:1: error: 'while' has no 'test' (write <while test=\"...\" max=\"...\">) [missing-attribute]",
        ),
        *(
            (
                f"<while test='x' max='{most}'>{A}</while>",
                f"2:22: error: '{most}' is no limit (write a whole number from 1 to 10,000) [bad-max]",
            )
            for most in ("0", "-1", "1.5", "05", "10001", "many", "$N", "", "５")
        ),
        (
            f"<foreach item='A' in='$B' max='0'>{A}</foreach>",
            "2:32: error: '0' is no limit (write a whole number from 1 to 10,000) [bad-max]",
        ),
        (
            f"<foreach item='$ROW' in='$ROWS'>{A}</foreach>",
            "2:16: error: '$ROW' is a reference, and a name is wanted here (write 'ROW') [dollar-in-name]",
        ),
        (
            f"<foreach item='a row' in='$ROWS'>{A}</foreach>",
            "2:16: error: the item cannot be named 'a row' "
            "(a name has ASCII letters, digits and underscores, and does not begin with a digit) [bad-name]",
        ),
        (
            f"<foreach item='R' in='$B' setContextVariable=''>{A}</foreach>",
            "2:27: error: 'setContextVariable' names no variable [bad-name]",
        ),
        (
            f"<foreach item='R' in='$B' appendToResult='X'>{A}</foreach>",
            "2:27: error: 'foreach' has no attribute 'appendToResult' "
            "(it has item, in, max, setContextVariable) [unknown-attribute]",
        ),
        (
            f"<if condition='x' test='x'>{A}</if>",
            "2:5: error: 'if' has no attribute 'condition' (it has test) [unknown-attribute]",
        ),
        (
            f"<if test='x' test='y'>{A}</if>",
            "2:14: error: the attribute 'test' is given twice (keep one) [duplicate-attribute]",
        ),
        (
            f"<if test='$N > 3'>{A}</if>",
            "2:11: error: '$N' is a reference, and a test names its variables without the dollar "
            "(write N) [dollar-in-name]",
        ),
        (
            f"<if test='&quot;a&quot; &lt; {{{{ N }}}}'>{A}</if>",
            "2:30: error: '{{' stands in a test, which is an expression already "
            "(leave the braces out) [braces-in-test]",
        ),
        (
            f"<else>{A}</else>",
            "2:1: error: 'else' stands after no 'if' (write it directly after </if>) [misplaced-else]",
        ),
        (
            f"<if test='x'>{A}</if>{B}\n<else>{A}</else>",
            "3:1: error: 'else' stands after no 'if' (write it directly after </if>) [misplaced-else]",
        ),
        (
            f"<if test='x'>{A}</if><input name='I'/>\n<else>{A}</else>",
            "3:1: error: 'else' stands after no 'if' (write it directly after </if>) [misplaced-else]",
        ),
        (
            f"<while test='x' max='1'>{A}</while>\n<else>{A}</else>",
            "3:1: error: 'else' stands after no 'if' (write it directly after </if>) [misplaced-else]",
        ),
        (
            f"<if test='x'>{A}\n<else>{A}</else></if>",
            "3:1: error: 'else' stands after no 'if' (write it directly after </if>) [misplaced-else]",
        ),
        (
            f"<if test='x'>{A}</if><else>{B}</else>\n<else>{A}</else>",
            "3:1: error: a second 'else' stands after an 'if' (an 'if' has one) [misplaced-else]",
        ),
        (
            f"<if test='x'>{A}</if><else test='y'>{B}</else>",
            "2:40: error: 'else' has no attribute 'test' "
            '(write <else><if test="..."> ... </if></else>) [unknown-attribute]',
        ),
        (
            f"<if test='x'>{A}</if><else max='2'>{B}</else>",
            "2:40: error: 'else' has no attribute 'max' (remove it) [unknown-attribute]",
        ),
        (
            f"<for item='A' in='$B'>{A}</for>",
            "2:1: error: there is no element 'for' in 'plan' "
            '(write <foreach item="..." in="...">) [unknown-element]',
        ),
        (
            f"<if test='x'>{A}</if><elseif test='y'>{B}</elseif>",
            "2:34: error: there is no element 'elseif' in 'plan' "
            '(write <else><if test="..."> ... </if></else>) [unknown-element]',
        ),
        ("<if test='x'></if>", "2:1: error: 'if' has nothing in it (put a step into it, or remove it) [empty-block]"),
        (
            "<if test='x'>\n<!-- later --></if>",
            "2:1: error: 'if' has nothing in it (put a step into it, or remove it) [empty-block]",
        ),
        (
            f"<if test='x'>{A}</if><else/>",
            "2:34: error: 'else' has nothing in it (put a step into it, or remove it) [empty-block]",
        ),
        (
            "<foreach item='A' in='$B'/>",
            "2:1: error: 'foreach' has nothing in it (put a step into it, or remove it) [empty-block]",
        ),
        (
            "<while test='x' max='2'> </while>",
            "2:1: error: 'while' has nothing in it (put a step into it, or remove it) [empty-block]",
        ),
        (
            f"<if test='x'>then {A}</if>",
            "2:14: error: text inside 'if': 'then' (put it into a comment: <!-- ... -->) [stray-text]",
        ),
        (
            f"<if test='x'><input name='I'/>{A}</if>",
            "2:14: error: there is no element 'input' in 'if' (an input stands in the plan itself) [unknown-element]",
        ),
        (
            f"<if test='x'><arg name='I'/>{A}</if>",
            "2:14: error: there is no element 'arg' in 'if' (an argument stands in a step) [unknown-element]",
        ),
        (
            f"<if test='x'><step/>{A}</if>",
            "2:14: error: there is no element 'step' in 'if' (a step is <function.Plugin.Name ...>) [unknown-element]",
        ),
        (
            f"<if test='x'><plan/>{A}</if>",
            "2:14: error: a plan stands inside a plan (move its steps out) [nested-plan]",
        ),
        (f"<if test='x'>{A}", "2:1: error: 'if' has no end tag before '</plan' (write </if>) [unclosed-element]"),
        (
            f"<while test='x' max='2'>\n<if test='y'>{A}</while>",
            "3:1: error: 'if' has no end tag before '</while' (write </if>) [unclosed-element]",
        ),
        (f"<if test='x'>{A}</while></if>", "2:29: error: '</while>' closes nothing (remove it) [stray-end-tag]"),
        (
            f"<function.S.a>\n<if test='x'>{A}</if>",
            "2:1: error: 'function.S.a' has no end tag before '<if' (write </function.S.a>) [unclosed-element]",
        ),
        (
            f"<if test='x'><function.S.a></if>{A}",
            "2:14: error: 'function.S.a' has no end tag before '</if' (write </function.S.a>) [unclosed-element]",
        ),
        (
            f"<If test='x'>{A}</If>",
            "2:1: error: there is no element 'If' in 'plan' (a step is <function.Plugin.Name ...>) [unknown-element]",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_the_way_out(inside: str, expected: str) -> None:
    assert problems(inside) == [expected]


def test_all_problems_of_a_block_are_found_and_its_inside_is_looked_at() -> None:
    assert [p.partition(": ")[0] for p in problems(f"<while>\n<if>\n{A}<b/></if>\n<else x='1'/></while>")] == [
        "2:1", "2:1", "3:1", "4:16", "5:1", "5:7",
    ]  # fmt: skip


def test_blocks_stand_in_each_other_to_the_limit_and_no_deeper() -> None:
    """The plan is one element, so the blocks in it are one fewer."""

    def nested(blocks: int) -> str:
        return '<if test="x">' * blocks + A + "</if>" * blocks

    plan = parse(f"<plan>{nested(MAX_DEPTH - 1)}</plan>")
    assert parse(plan.to_xml()) == plan
    assert problems(nested(MAX_DEPTH)) == [
        f"2:{13 * (MAX_DEPTH - 1) + 1}: error: elements stand in each other more than 64 deep [too-deep]"
    ]


def test_steps_and_blocks_count_wherever_they_stand() -> None:
    half = A * (MAX_STEPS // 2 - 1)
    inside = f"<if test='x'>{half}</if><else>{half}</else>"
    assert len(list(parse(f"<plan>{inside}{A}</plan>").nodes())) == MAX_STEPS
    assert problems(f"{inside}{A}\n{A}") == ["3:1: error: the plan has more than 10,000 steps [too-many-steps]"]
    assert problems(f"{inside}{A}\n<if test='x'>{A}</if>") == [
        "3:1: error: the plan has more than 10,000 steps [too-many-steps]"
    ]
