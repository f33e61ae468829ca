"""A failed run that goes on another way runs nothing twice, and comes to what its new plan does from the beginning."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from forethought.kernel.testing import ScriptedModel
from forethought.kernel.values import text
from forethought.planners import RunResult, SequentialPlanner, run
from forethought.planners.language.nodes import Node, Plan
from forethought.planners.running.events import Event, StepFinished

from .test_continuing import ONCE, Cut, fresh, ground
from .test_running_blocks import GIVEN, State, nodes, plans


def told(result: RunResult, state: State) -> tuple[object, ...]:
    """What a run leaves, whatever its values are in text."""
    records = [(each.id, each.status, text(each.output)) for each in result.steps if each.status == "succeeded"]
    results = {key: text(value) for key, value in result.results.items()}
    variables = {name: text(value) for name, value in result.variables.items()}
    return result.status, text(result.value), results, variables, records, state


@given(plans(), st.integers(1, 9), st.sampled_from([1, 32]), nodes(depth=2))
def test_another_way_comes_to_what_the_new_plan_does(
    plan: Plan, at: int, concurrency: int, tail: tuple[Node, ...]
) -> None:
    state, events = fresh(), list[Event]()
    kernel = ground(state, Cut(at), ScriptedModel([Plan(steps=tail).to_xml(), "<plan>no</plan>"]))
    planner = SequentialPlanner(kernel, embedder=None, max_repairs=1)
    going = run(
        plan,
        kernel,
        inputs=GIVEN,
        concurrency=concurrency,
        retry=ONCE,
        max_replans=1,
        planner=planner,
        listen=events.append,
    )
    result = asyncio.run(going)
    finished = [event.output for event in events if isinstance(event, StepFinished) and "." in event.function]
    if any(patch.taken for patch in result.patches):
        kept = [each.output for each in result.steps if each.status == "succeeded" and "." in each.function]
        assert sorted(map(text, finished)) == sorted(map(text, kept))
        anew = fresh()
        again = asyncio.run(run(result.plan, ground(anew, Cut()), inputs=GIVEN, retry=ONCE))
        assert told(result, state) == told(again, anew)
    else:
        assert result.ok or [patch.reason for patch in result.patches] == [
            "the model finds no way with these functions: no"
        ]
