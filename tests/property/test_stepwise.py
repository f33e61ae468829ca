"""A plan that is written one step at a time runs as the plan does in one go, and is that plan in the end."""

from __future__ import annotations

import asyncio

from hypothesis import assume, given

from forethought.kernel.testing import ScriptedModel
from forethought.planners import StepwisePlanner, run
from forethought.planners.language.nodes import Plan, Step

from .test_continuing import ONCE, Cut, fresh, ground
from .test_running_blocks import GIVEN, plans


def call(step: Step) -> object:
    return step.function.text, frozenset(zip(step.names, step.values, strict=True))


@given(plans())
def test_steps_one_by_one_come_to_what_the_plan_does(plan: Plan) -> None:
    calls = [call(step) for _, step in plan.walk()]
    assume(len({*calls}) == len(calls))  # a call that succeeded is not made again, in a block either
    state = fresh()
    replies = [Plan(steps=(node,)).to_xml() for node in plan.steps]
    kernel = ground(state, Cut(), ScriptedModel([*replies, "<answer/>"]))
    planner = StepwisePlanner(kernel, embedder=None)
    result = asyncio.run(planner.run(plan.goal, inputs=GIVEN, agree=lambda _: True, retry=ONCE))
    assert result.ok, result.reason
    assert result.plan.steps == plan.steps
    whole = fresh()
    expected = asyncio.run(run(plan, ground(whole, Cut()), inputs=GIVEN, retry=ONCE))
    assert (result.value, dict(result.run.results), state) == (expected.value, dict(expected.results), whole)
    records = [(each.id, each.status, each.output) for each in result.run.steps]
    assert records == [(each.id, each.status, each.output) for each in expected.steps]
