"""Comparing: what changed between two plans, and nothing that did not."""

from __future__ import annotations

import pytest

from forethought.planners.language.comparing import Change, Detail, compare
from forethought.planners.language.nodes import Argument, ForEach, FunctionName, If, Input, Node, Plan, Step, While


def _step(name: str, sets: str | None = None, comment: str = "", **arguments: str) -> Step:
    return Step(FunctionName(name), [Argument(key, value) for key, value in arguments.items()], sets, None, comment)


def _plan(*steps: Node, goal: str = "g", inputs: tuple[Input, ...] = ()) -> Plan:
    return Plan(goal, inputs, steps)


A, B, C, D = (_step(f"T.{name}", input=name) for name in "abcd")


def test_a_plan_is_the_same_as_itself() -> None:
    plan = _plan(A, If("X > 1", (B, C), (D,)), ForEach("R", "$ROWS", (A,), 3, "OUT"), While("X", 2, (B,)))
    assert compare(plan, plan) == ()


def test_neither_the_order_of_arguments_nor_the_case_of_names_is_a_change() -> None:
    old = _plan(_step("T.a", one="1", two="2"))
    new = _plan(_step("t.A", TWO="2", One="1"))
    assert compare(old, new) == ()


def test_a_step_that_came_is_told_with_all_it_says() -> None:
    new = _step("T.new", "OUT", "why", input="x")
    assert compare(_plan(A, B), _plan(A, new, B)) == (
        Change(
            "step",
            "added",
            None,
            "2",
            "T.new",
            (
                Detail("input", None, "x"),
                Detail("setContextVariable", None, "OUT"),
                Detail("comment", None, "why"),
            ),
        ),
    )


def test_a_step_that_went_keeps_its_old_id() -> None:
    assert compare(_plan(A, B, C), _plan(A, C)) == (
        Change("step", "removed", "2", None, "T.b", (Detail("input", "b", None),)),
    )


def test_a_step_that_calls_the_same_function_is_changed_in_what_differs() -> None:
    old = _plan(A, _step("T.b", "OUT", input="b", more="1"), C)
    new = _plan(A, _step("T.b", "RESULT", "now with why", input="b", other="2"), C)
    assert compare(old, new) == (
        Change(
            "step",
            "changed",
            "2",
            "2",
            "T.b",
            (
                Detail("other", None, "2"),
                Detail("setContextVariable", "OUT", "RESULT"),
                Detail("comment", None, "now with why"),
                Detail("more", "1", None),
            ),
        ),
    )


def test_a_step_that_stands_elsewhere_has_moved() -> None:
    assert compare(_plan(A, B, C, D), _plan(D, A, B, C)) == (Change("step", "moved", "4", "1", "T.d"),)


def test_the_same_change_twice_is_told_twice() -> None:
    assert [(each.kind, each.new) for each in compare(_plan(A), _plan(A, B, B))] == [("added", "2"), ("added", "3")]


def test_blocks_are_compared_inside() -> None:
    old = _plan(If("X > 1", (A, B), (C,)), ForEach("R", "$ROWS", (A, B), 3))
    new = _plan(If("X > 2", (A,), (C, D)), ForEach("R", "$ROWS", (A, _step("T.b", input="other"))))
    assert compare(old, new) == (
        Change("step", "changed", "1", "1", "if", (Detail("test", "X > 1", "X > 2"),)),
        Change("step", "removed", "1.2", None, "T.b", (Detail("input", "b", None),)),
        Change("step", "added", None, "2.2", "T.d", (Detail("input", None, "d"),)),
        Change("step", "changed", "3", "3", "foreach", (Detail("max", "3", None),)),
        Change("step", "changed", "3.2", "3.2", "T.b", (Detail("input", "b", "other"),)),
    )


def test_a_block_that_came_is_told_with_every_step_in_it() -> None:
    assert compare(_plan(A), _plan(A, While("X", 2, (B, If("Y", (C,), (D,)))))) == (
        Change("step", "added", None, "2", "while", (Detail("test", None, "X"), Detail("max", None, "2"))),
        Change("step", "added", None, "2.1", "T.b", (Detail("input", None, "b"),)),
        Change("step", "added", None, "2.2", "if", (Detail("test", None, "Y"),)),
        Change("step", "added", None, "2.2.1", "T.c", (Detail("input", None, "c"),)),
        Change("step", "added", None, "2.3.1", "T.d", (Detail("input", None, "d"),)),
    )


def test_a_step_that_stands_in_a_block_now_has_moved() -> None:
    assert compare(_plan(A, B), _plan(A, If("X", (B,)))) == (
        Change("step", "added", None, "2", "if", (Detail("test", None, "X"),)),
        Change("step", "moved", "2", "2.1", "T.b"),
    )


def test_goal_inputs_reason_and_last_comment_are_told() -> None:
    old = Plan("old", (Input("A", "1"), Input("B")), (A,), remark="before")
    new = Plan("new", (Input("a", "2"), Input("C", type="integer", description="how many")), (A,), remark="after")
    assert compare(old, new) == (
        Change("goal", "changed", None, None, "goal", (Detail("goal", "old", "new"),)),
        Change("input", "changed", "A", "a", "a", (Detail("default", "1", "2"),)),
        Change("input", "removed", "B", None, "B", (Detail("type", "string", None),)),
        Change(
            "input",
            "added",
            None,
            "C",
            "C",
            (Detail("type", None, "integer"), Detail("description", None, "how many")),
        ),
        Change("goal", "changed", None, None, "plan", (Detail("comment", "before", "after"),)),
    )


@pytest.mark.parametrize("steps", [1, 1000])
def test_the_other_way_round_what_came_went(steps: int) -> None:
    old, new = _plan(*[A] * steps, B), _plan(*[A] * steps, C, D)
    kinds = {"added": "removed", "removed": "added"}
    there = sorted((each.label, each.kind) for each in compare(old, new))
    assert there == sorted((each.label, kinds[each.kind]) for each in compare(new, old))
