"""What a failed run has finished is a plan of its own: it gives the same values again, with its records and without."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from forethought.planners import run
from forethought.planners.language.nodes import Plan
from forethought.planners.language.parsing import parse
from forethought.planners.running.events import Event, StepStarted
from forethought.planners.running.salvage import salvage

from .test_continuing import ONCE, Cut, fresh, ground
from .test_running_blocks import GIVEN, plans


@given(plans(), st.integers(1, 12), st.sampled_from([1, 32]))
def test_what_is_finished_is_a_plan_that_gives_the_same(plan: Plan, at: int, concurrency: int) -> None:
    state = fresh()
    kernel = ground(state, Cut(at))
    result = asyncio.run(run(plan, kernel, inputs=GIVEN, concurrency=concurrency, retry=ONCE))
    found = salvage(result, kernel.skills)
    calls = [each.output for each in result.steps if each.status == "succeeded" and "." in each.function]
    assert [each.output for each in found.records if "." in each.function] == calls
    if not found.nodes:
        assert not calls
        return
    finished = Plan(plan.goal, plan.inputs, found.nodes)
    assert parse(finished.to_xml()) == finished
    events: list[Event] = []
    again = asyncio.run(run(finished, kernel, inputs=GIVEN, finished=found.records, retry=ONCE, listen=events.append))
    assert again.ok
    assert not [event for event in events if isinstance(event, StepStarted)]
    assert dict(again.results) == dict(result.results)
    anew = fresh()
    afresh = asyncio.run(run(finished, ground(anew, Cut()), inputs=GIVEN, retry=ONCE))
    assert [each.output for each in afresh.steps if each.status == "succeeded" and "." in each.function] == calls
    assert anew == state
    assert afresh.value == again.value
    if result.ok:
        assert found.nodes == plan.steps
