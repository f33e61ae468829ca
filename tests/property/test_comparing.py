"""Comparing, as laws: nothing changed where two plans say the same, and the changes are all there is."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from forethought.planners.language.comparing import compare
from forethought.planners.language.nodes import Argument, ForEach, FunctionName, If, Node, Plan, Step, While

words = st.sampled_from(["a", "b", "$A", "x y"])


def _step(name: FunctionName, values: list[str], sets: str | None) -> Step:
    return Step(name, [Argument(f"p{at}", each) for at, each in enumerate(values)], sets)


steps = st.builds(
    _step,
    st.builds(FunctionName, st.sampled_from(["T.a", "T.b", "T.c"])),
    st.lists(words, max_size=2),
    st.none() | st.sampled_from(["A", "B"]),
)


def _blocks(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    body = st.lists(nodes, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(If, words, body, st.just(()) | body),
        st.builds(ForEach, st.just("R"), words, body, st.none() | st.integers(1, 3)),
        st.builds(While, words, st.integers(1, 3), body),
    )


nodes: st.SearchStrategy[Node] = st.recursive(steps, _blocks, max_leaves=6)
plans = st.builds(Plan, words, st.just(()), st.lists(nodes, max_size=6).map(tuple))


@given(plans)
def test_a_plan_has_no_changes_to_itself(plan: Plan) -> None:
    assert compare(plan, dataclasses.replace(plan)) == ()


@given(plans, plans)
def test_there_are_no_changes_exactly_where_two_plans_are_equal(old: Plan, new: Plan) -> None:
    assert (compare(old, new) == ()) == (old == new)


@given(plans, plans)
def test_what_comes_and_goes_accounts_for_every_step(old: Plan, new: Plan) -> None:
    changes = [each for each in compare(old, new) if each.of == "step"]
    came = {each.new for each in changes if each.kind in ("added", "moved")}
    went = {each.old for each in changes if each.kind in ("removed", "moved")}
    before, after = dict(old.nodes()), dict(new.nodes())
    assert came <= after.keys()
    assert went <= before.keys()
    assert len(before) - len(went) == len(after) - len(came)
    for each in changes:
        if each.kind == "moved" and each.old and each.new and isinstance(before[each.old], Step):
            assert before[each.old] == after[each.new]
