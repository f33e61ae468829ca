"""ActionPlanner: a goal becomes exactly one call that was checked, or a clear no."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import PlanningError
from forethought.kernel.models.chat import Completion
from forethought.kernel.testing import ScriptedModel
from forethought.planners import ActionPlanner, run

Snapshot = Callable[[str, str], None]


class Names:
    @skill(effect="reads:names", quick=True)
    def nickname(self, input: str) -> str:
        """Find what a person likes to be called."""
        return {"Steven": "Steve"}.get(input, input)


class Words:
    @skill(effect="pure", quick=True)
    def upper(self, input: str) -> str:
        """Write a text in upper case."""
        return input.upper()


GOAL = "What is Steven called?"
GOOD = '<plan><function.Names.nickname input="$WHO"/></plan>'
TWO = '<plan><function.Names.nickname input="$WHO"/><function.Words.upper/></plan>'


def kernel_of(replies: Sequence[str | Completion], *, constrained: bool = False) -> tuple[Kernel, ScriptedModel]:
    model = ScriptedModel(replies, constrained=constrained)
    kernel = Kernel(model=model)
    kernel.add_functions(Names(), "Names")
    kernel.add_functions(Words(), "Words")
    return kernel, model


async def test_a_goal_becomes_one_call_that_runs() -> None:
    kernel, _ = kernel_of([f"Sure: {GOOD}"])
    plan = await ActionPlanner(kernel).create_plan(GOAL, inputs=["WHO"])
    assert plan.to_xml() == (
        f'<plan goal="{GOAL}">\n'
        '  <input name="WHO" type="string"/>\n'
        '  <function.Names.nickname input="$WHO"/>\n'
        "</plan>\n"
    )
    assert (await run(plan, kernel, inputs={"WHO": "Steven"})).value == "Steve"


async def test_more_than_one_call_is_no_action_and_goes_back() -> None:
    kernel, model = kernel_of([TWO, GOOD])
    result = await ActionPlanner(kernel).plan(GOAL, inputs=["WHO"])
    assert result.plan is not None
    assert [each.code for each in result.attempts[0].problems] == ["not-an-action"]
    assert "- an action is one call, and this plan has more (keep one)" in model.requests[1].messages[-1].content


async def test_a_call_that_is_wrong_goes_back_as_every_plan_does() -> None:
    kernel, _ = kernel_of([GOOD.replace("nickname", "nicknam")] * 2)
    with pytest.raises(PlanningError) as caught:
        await ActionPlanner(kernel, max_repairs=1).create_plan(GOAL, inputs=["WHO"])
    assert caught.value.reason == "the model wrote a plan 2 times, and the last one still has problems"
    assert [each.code for each in caught.value.problems] == ["unknown-function"]


async def test_where_no_function_will_do_that_is_an_answer() -> None:
    kernel, _ = kernel_of(["<plan>Nobody flies.</plan>"])
    result = await ActionPlanner(kernel).plan("Fly")
    assert result.reason == "the model finds no way with one of these functions: Nobody flies."


async def test_a_model_under_a_grammar_writes_one_call_and_is_not_asked_for_more() -> None:
    kernel, model = kernel_of(['<function.Names.nickname input="Steven"/>'], constrained=True)
    plan = await ActionPlanner(kernel).create_plan(GOAL)
    assert plan.to_xml() == f'<plan goal="{GOAL}">\n  <function.Names.nickname input="Steven"/>\n</plan>\n'
    assert len(model.requests) == 1
    assert "</plan>" not in model.requests[0].grammar


async def test_a_call_under_a_grammar_that_is_cut_off_is_no_action() -> None:
    kernel, _ = kernel_of([Completion("<function.Names.nick", finish="length")], constrained=True)
    result = await ActionPlanner(kernel, max_repairs=0).plan(GOAL)
    assert result.plan is None
    assert "answer-cut-off" in [each.code for each in result.problems]


async def test_the_options_are_those_of_every_planner() -> None:
    kernel, model = kernel_of(['<plan><function.Words.upper input="x"/></plan>'])
    result = await ActionPlanner(kernel, excluded_plugins=["Names"], max_tokens=9).plan("Shout x")
    assert [each.full_name for each in result.choice.skills] == ["Words.upper"]
    assert model.requests[0].settings == {"max_tokens": 9}
    with pytest.raises(ValueError, match="max_repairs must be at least 0, not -1"):
        ActionPlanner(kernel, max_repairs=-1)
    said = "a planner needs a forethought Kernel; Kernel.wrap(…) makes one of a Semantic Kernel"
    with pytest.raises(TypeError, match=re.escape(said)):
        ActionPlanner("theirs")  # type: ignore[arg-type]


async def test_what_is_said_to_a_model_is_read_before_it_changes(snapshot: Snapshot) -> None:
    kernel, model = kernel_of([GOOD])
    await ActionPlanner(kernel).create_plan(GOAL, inputs=["WHO"])
    said = "\n".join(f"--- {message.role}\n{message.content}" for message in model.requests[0].messages)
    snapshot("prompts/action.txt", said + "\n")
