"""Scheduling: a step waits for what it reads and for who touches the same; nothing else waits."""

from __future__ import annotations

import pytest

from forethought.kernel.errors import PlanError
from forethought.kernel.functions import Effect, FunctionSignature, Parameter
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import STRING
from forethought.planners.checking.binding import bind
from forethought.planners.language.nodes import Plan
from forethought.planners.language.parsing import parse
from forethought.planners.scheduling.schedule import Edge, Schedule
from forethought.planners.scheduling.scheduling import schedule, schedule_bound


def _skills(**effects: str) -> SkillRegistry:
    """Functions `P.name(text="", other="")` with these effects; `P.chain(input)` is pure."""
    parameters = (Parameter("text", STRING, False, ""), Parameter("other", STRING, False, ""))
    return SkillRegistry(
        [
            FunctionSignature(
                plugin="P", name="chain", parameters=(Parameter("input", STRING),), returns=STRING, effect=Effect()
            ),
            *(
                FunctionSignature(
                    plugin="P", name=name, parameters=parameters, returns=STRING, effect=Effect.parse(effect, "P")
                )
                for name, effect in effects.items()
            ),
        ]
    )


def _schedule(body: str, **effects: str) -> Schedule:
    return schedule(parse(f"<plan>{body}</plan>"), _skills(**effects))


def _calls(names: str, **effects: str) -> list[tuple[str, ...]]:
    """What each step waits for, where the steps only call these functions, one after the other."""
    found = _schedule("".join(f"<function.P.{name}/>" for name in names.split()), **effects)
    return [step.after for step in found.steps]


def test_a_step_waits_for_what_it_reads_with_the_name_of_the_variable() -> None:
    found = _schedule(
        '<function.P.pure setContextVariable="A"/><function.P.pure setContextVariable="b"/>'
        '<function.P.pure text="$B, ${a} and $B"/>',
        pure="pure",
    )
    assert [step.edges for step in found.steps] == [(), (), (Edge("1", "data", "A"), Edge("2", "data", "b"))]


def test_the_chain_is_an_edge_named_input() -> None:
    found = _schedule('<function.P.pure setContextVariable="A"/><function.P.chain/>', pure="pure")
    assert found.steps[1].edges == (Edge("1", "data", "input"),)


def test_a_variable_of_the_parameters_name_is_an_edge() -> None:
    skills = SkillRegistry(
        [
            *_skills(pure="pure"),
            FunctionSignature(plugin="P", name="own", parameters=(Parameter("own", STRING),), effect=Effect()),
        ]
    )
    plan = parse('<plan><function.P.pure setContextVariable="OWN"/><function.P.pure/><function.P.own/></plan>')
    assert schedule(plan, skills).steps[2].edges == (Edge("1", "data", "OWN"),)


def test_only_the_latest_assignment_is_waited_for() -> None:
    found = _schedule(
        '<function.P.pure setContextVariable="A"/><function.P.pure setContextVariable="A"/>'
        '<function.P.pure text="$A"/>',
        pure="pure",
    )
    assert [step.after for step in found.steps] == [(), (), ("2",)]


def test_what_comes_from_outside_is_not_waited_for() -> None:
    found = _schedule('<input name="INPUT"/><function.P.chain/><function.P.pure text="$INPUT"/>', pure="pure")
    assert [step.after for step in found.steps] == [(), ()]


def test_pure_steps_wait_for_nobody() -> None:
    assert _calls("pure all pure pure", pure="pure", all="writes:*") == [(), (), (), ()]


def test_readers_of_one_resource_may_overlap_and_a_writer_waits_for_them() -> None:
    assert _calls("read read write read", read="reads:r", write="writes:r") == [(), (), ("1", "2"), ("3",)]


def test_writers_of_one_resource_keep_their_order_and_of_two_do_not() -> None:
    assert _calls("a b a b", a="writes:a", b="writes:b") == [(), (), ("1",), ("2",)]


def test_who_reads_one_resource_and_writes_another_orders_both() -> None:
    assert _calls("a copy b a", a="writes:a", b="writes:b", copy="reads:a writes:b") == [(), ("1",), ("2",), ("2",)]


def test_who_reads_and_writes_one_resource_is_its_writer() -> None:
    assert _calls("both both read", both="reads:r writes:r", read="reads:r") == [(), ("1",), ("2",)]


def test_a_barrier_waits_for_all_since_the_last_and_all_wait_for_it() -> None:
    waits = _calls("a read all a read all all", a="writes:a", read="reads:r", all="writes:*")
    assert waits == [(), (), ("1", "2"), ("3",), ("3",), ("4", "5"), ("6",)]


def test_who_reads_everything_waits_for_all_writers_and_writers_for_it() -> None:
    waits = _calls("a b peek peek a read", a="writes:a", b="writes:b", peek="reads:*", read="reads:b")
    assert waits == [(), (), ("1", "2"), ("1", "2"), ("3", "4"), ("2",)]


def test_who_was_waited_for_already_is_not_waited_for_again() -> None:
    effects = {"read": "reads:r", "write": "writes:r", "peek": "reads:*", "all": "writes:*"}
    assert _calls("read write write", **effects) == [(), ("1",), ("2",)]
    assert _calls("peek write write", **effects) == [(), ("1",), ("2",)]
    assert _calls("peek all peek all", **effects) == [(), ("1",), ("2",), ("3",)]


def test_an_effect_edge_names_the_resource_and_a_barrier_everything() -> None:
    found = _schedule("<function.P.a/><function.P.all/><function.P.all/><function.P.a/>", a="writes:a", all="writes:*")
    assert [step.edges for step in found.steps] == [
        (),
        (Edge("1", "effect", "a"),),
        (Edge("2", "effect", "*"),),
        (Edge("3", "effect", "a"),),
    ]


def test_edges_come_in_document_order_and_after_names_each_step_once() -> None:
    found = _schedule(
        '<function.P.a setContextVariable="A"/><function.P.pure setContextVariable="B"/>'
        '<function.P.a text="$B" other="$A"/>',
        a="writes:a",
        pure="pure",
    )
    last = found.steps[2]
    assert last.edges == (Edge("1", "data", "A"), Edge("1", "effect", "a"), Edge("2", "data", "B"))
    assert last.after == ("1", "2")


def test_the_width_is_that_of_the_widest_level_and_the_path_the_longest_chain() -> None:
    found = _schedule(
        '<function.P.pure setContextVariable="A"/>'
        '<function.P.pure text="$A" setContextVariable="B"/><function.P.pure text="$A" setContextVariable="C"/>'
        '<function.P.pure text="$A"/><function.P.pure text="$B $C"/>',
        pure="pure",
    )
    assert (found.width, found.critical_path) == (3, ("1", "2", "5"))


def test_of_chains_of_one_length_the_earliest_is_the_path() -> None:
    found = _schedule("<function.P.pure/><function.P.pure/>", pure="pure")
    assert (found.width, found.critical_path) == (2, ("1",))


def test_a_plan_without_steps_has_an_empty_schedule() -> None:
    found = schedule(Plan(), SkillRegistry())
    assert (found.steps, found.width, found.critical_path) == ((), 0, ())


def test_a_plan_with_errors_has_no_schedule_and_all_of_them_are_told() -> None:
    plan = parse('<plan><function.P.nothing/><function.P.pure text="$A"/><function.P.pure/></plan>')
    with pytest.raises(PlanError) as caught:
        schedule(plan, _skills(pure="pure"))
    assert [problem.code for problem in caught.value.problems] == ["unknown-function", "undefined-variable"]


def test_what_the_caller_has_is_known() -> None:
    plan = parse('<plan><function.P.pure text="$A"/></plan>')
    assert schedule(plan, _skills(pure="pure"), variables=["a"]).steps[0].edges == ()


def test_an_unchecked_plan_with_an_unknown_function_is_refused() -> None:
    with pytest.raises(ValueError, match=r"step 1: there is no function 'P\.nothing'"):
        schedule_bound(bind(parse("<plan><function.P.nothing/></plan>"), _skills()))


def test_the_number_of_edges_grows_with_the_steps() -> None:
    """A thousand steps on one resource have about a thousand edges, not half a million."""
    waits = _calls("read write all " * 300, read="reads:r", write="writes:r", all="writes:*")
    assert sum(len(each) for each in waits) < 2 * 900
