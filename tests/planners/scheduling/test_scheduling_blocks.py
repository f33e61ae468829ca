"""Scheduling blocks: what is inside waits for what decides about it; a loop waits for what its rounds need."""

from __future__ import annotations

import time

import pytest

from forethought.kernel.functions import Effect, FunctionSignature, Parameter
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import STRING
from forethought.planners.checking.binding import bind
from forethought.planners.language.parsing import parse
from forethought.planners.scheduling.schedule import Edge, Schedule
from forethought.planners.scheduling.scheduling import schedule, schedule_bound
from forethought.planners.scheduling.units import Join, Loop

EFFECTS = {"pure": "pure", "write": "writes:r", "read": "reads:r", "other": "writes:s", "all": "writes:*"}
SKILLS = SkillRegistry(
    FunctionSignature(
        plugin="P",
        name=name,
        parameters=(Parameter("text", STRING, False, ""),),
        returns=STRING,
        effect=Effect.parse(effect, "P"),
    )
    for name, effect in EFFECTS.items()
)


def _schedule(body: str) -> Schedule:
    return schedule(parse(f"<plan>{body}</plan>"), SKILLS, variables={"V": "x", "L": ["a"]})


def _call(name: str, text: str = "", sets: str = "") -> str:
    written = f' text="{text}"' if text else ""
    written += f' setContextVariable="{sets}"' if sets else ""
    return f"<function.P.{name}{written}/>"


def _after(found: Schedule) -> dict[str, tuple[str, ...]]:
    return {each.id: each.after for each in found.steps} | {each.id: each.after for each in found.blocks}


def test_a_block_is_a_node_with_the_effects_of_all_inside() -> None:
    found = _schedule(
        f"<if test=\"V == 'x'\">{_call('write')}<foreach item='ROW' in='$L'>{_call('other')}</foreach></if>"
        f"<else>{_call('read')}</else>"
    )
    assert [(each.id, each.kind, str(each.effect)) for each in found.blocks] == [
        ("1", "if", "reads:r writes:r,s"),
        ("1.2", "foreach", "writes:s"),
    ]
    assert [each.id for each in found.steps] == ["1.1", "1.2.1", "2.1"]


def test_steps_of_a_branch_wait_for_the_test_and_the_test_for_what_it_reads() -> None:
    found = _schedule(
        _call("pure", "a", "A") + f"<if test=\"A == 'a'\">{_call('pure')}</if><else>{_call('pure')}</else>"
    )
    assert found.blocks[0].edges == (Edge("1", "data", "A"),)
    assert [each.edges for each in found.steps[1:]] == [
        (Edge("2", "control", "then"),),
        (Edge("2", "control", "else"),),
    ]


def test_what_does_not_need_a_block_does_not_wait_for_it() -> None:
    found = _schedule(f"<if test=\"V == 'x'\">{_call('write', 'a', 'A')}</if>" + _call("pure", "$V") + _call("other"))
    assert _after(found) == {"1": (), "1.1": ("1",), "2": (), "3": ()}


def test_a_variable_that_an_if_leaves_is_waited_for_at_the_block() -> None:
    found = _schedule(
        f"<if test=\"V == 'x'\">{_call('pure', 'a', 'A')}</if><else>{_call('pure', 'b', 'A')}</else>"
        + _call("pure", "$A")
    )
    assert found.steps[2].edges == (Edge("1", "data", "A"),)


def test_effects_are_ordered_through_branches_that_may_not_run() -> None:
    found = _schedule(
        _call("write") + f"<if test=\"V == 'x'\">{_call('write')}</if><else>{_call('write')}</else>" + _call("write")
    )
    assert _after(found) == {"1": (), "2": (), "2.1": ("1", "2"), "3.1": ("2", "2.1"), "4": ("3.1",)}


def test_a_value_of_a_branch_that_nobody_reads_is_no_unit() -> None:
    body = f"<if test=\"V == 'x'\">{_call('pure', 'a', 'A')}</if><else>{_call('pure', 'b', 'A')}</else>"
    assert [type(unit) for unit in _schedule(body + _call("pure")).body.units].count(Join) == 0
    assert [type(unit) for unit in _schedule(body + _call("pure", "$A")).body.units].count(Join) == 1


def test_a_loop_waits_for_its_list_and_for_all_that_is_read_inside_from_before() -> None:
    found = _schedule(
        _call("pure", "a", "A")
        + _call("pure", "b", "B")
        + f"<foreach item='ROW' in='$L'>{_call('pure', '$A $ROW')}</foreach>"
        + f"<foreach item='ROW' in='[1, \"$B\"]'>{_call('pure', '$ROW')}</foreach>"
    )
    assert _after(found) == {"1": (), "2": (), "3": ("1",), "3.1": ("1", "3"), "4": ("2",), "4.1": ("4",)}


def test_a_loop_is_ordered_by_all_effects_inside_and_its_steps_among_themselves() -> None:
    found = _schedule(
        _call("write")
        + f"<while test=\"V == 'x'\" max='2'>{_call('other', '', 'V')}{_call('read')}{_call('write')}</while>"
        + _call("read")
    )
    after = _after(found)
    assert (after["2"], after["2.2"], after["2.3"], after["3"]) == (("1",), ("2",), ("2", "2.2"), ("2",))
    (loop,) = [unit for unit in found.body.units if isinstance(unit, Loop)]
    names = [getattr(unit, "id", type(unit).__name__) for unit in loop.body.units]
    assert names == ["Carry", "Test", "2.1", "2.2", "2.3"]
    assert {(names[before], names[after]) for before, after in loop.body.across} == {
        ("2.1", "2.1"),
        ("2.3", "2.2"),
    }


def test_a_while_does_not_wait_for_an_output_before_it_that_nobody_reads() -> None:
    """Its own output may be that, but who wants it?"""
    body = _call("write") + f"<while test=\"V == 'x'\" max='2'>{_call('pure', 'a', 'V')}</while>" + _call("other", "a")
    assert _after(_schedule(body))["2"] == ()


def test_of_two_branches_one_counts_for_width_and_chain() -> None:
    found = _schedule(
        _call("write")
        + f"<if test=\"V == 'x'\">{_call('write')}{_call('write')}</if><else>{_call('write')}{_call('pure')}</else>"
        + _call("write")
    )
    assert (found.width, found.critical_path) == (2, ("1", "2.1", "2.2", "4"))


def test_what_is_in_a_loop_counts_once_for_width_and_chain() -> None:
    found = _schedule(
        f"<foreach item='ROW' in='$L' setContextVariable='OUT'>{_call('pure', '$ROW', 'A')}{_call('pure', '$A')}"
        f"{_call('pure', '$ROW')}</foreach>" + _call("pure", "$OUT")
    )
    assert (found.width, found.critical_path) == (2, ("1", "1.1", "1.2", "2"))


@pytest.mark.parametrize("depth", [60])
def test_blocks_may_stand_in_each_other(depth: int) -> None:
    body = "<if test=\"V == 'x'\">" * depth + _call("pure", "a", "A") + "</if>" * depth
    found = _schedule(body)
    assert len(found.critical_path) == depth + 1
    assert found.steps[0].id == ".".join(["1"] * (depth + 1))


def test_a_thousand_blocks_one_after_the_other_are_scheduled_in_linear_time() -> None:
    def seconds(count: int) -> float:
        block = f"<if test=\"A == 'x'\">{_call('write', '$A', 'A')}</if>"
        bound = bind(parse(f"<plan>{_call('pure', 'x', 'A') + count * block}</plan>"), SKILLS)
        best = float("inf")
        for _ in range(3):
            started = time.process_time()
            assert len(schedule_bound(bound).critical_path) == 2 * count + 1
            best = min(best, time.process_time() - started)
        return best

    assert seconds(1000) < 10 * seconds(250)
