"""Asking for a plan with several models: each is asked in its own way, and each fall is told."""

from __future__ import annotations

import pytest

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import ModelError, NoModelAnsweredError
from forethought.kernel.models.chat import Completion, Request
from forethought.kernel.models.fallback import telling
from forethought.kernel.testing import ScriptedModel
from forethought.planners import SequentialPlanner


class Words:
    @skill(effect="pure", quick=True)
    def upper(self, input: str) -> str:
        """Write a text in upper case."""
        return input.upper()


GOAL = "Write hello in upper case"
GOOD = '<plan><function.Words.upper input="hello"/></plan>'
BAD = '<plan><function.Words.uper input="hello"/></plan>'
CALL = '<function.Words.upper input="hello"/>'
BUSY = ModelError("remote", "it is busy", another_may=True)


class Small(ScriptedModel):
    """A model that decodes under a grammar and is small."""

    small = True

    def __init__(self, *replies: str | Completion | Exception) -> None:
        super().__init__(replies, spec="small", constrained=True)


def planner_of(*models: ScriptedModel) -> SequentialPlanner:
    kernel = Kernel(model=models)
    kernel.add_functions(Words(), "Words")
    return SequentialPlanner(kernel)


def said(request: Request) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in request.messages]


async def test_the_next_model_is_asked_in_its_own_way() -> None:
    remote, small = ScriptedModel([BUSY], spec="remote"), Small(CALL, "</plan>")
    with telling(lambda _: None):
        result = await planner_of(remote, small).plan(GOAL)
    assert result.plan is not None
    assert [str(fall) for fall in result.falls] == ["model remote: it is busy; asking small"]
    assert "You write plans." in remote.requests[0].messages[0].content
    assert small.requests[0].messages[0].content.startswith("Write a plan in XML")
    assert (remote.requests[0].grammar, small.requests[0].prefix) == ("", "<plan>\n")
    assert remote.requests[0].settings == {"max_tokens": 4096}


async def test_a_model_that_takes_over_is_shown_what_was_said_so_far() -> None:
    one, other = ScriptedModel([BAD, BUSY], spec="one"), ScriptedModel([GOOD], spec="other")
    with telling(lambda _: None):
        result = await planner_of(one, other).plan(GOAL)
    assert [attempt.reply for attempt in result.attempts] == [BAD, GOOD]
    assert said(other.requests[0]) == said(one.requests[1])
    assert said(other.requests[0])[-2] == ("assistant", BAD)


async def test_a_draft_that_breaks_off_is_begun_anew_by_the_next_model() -> None:
    local = ScriptedModel([CALL, ModelError("local", "it is gone", another_may=True)], spec="local", constrained=True)
    with telling(lambda _: None):
        result = await planner_of(local, ScriptedModel([GOOD])).plan(GOAL)
    assert [attempt.reply for attempt in result.attempts] == [GOOD]
    assert [fall.error.spec for fall in result.falls] == ["local"]


async def test_where_no_model_answers_each_reason_is_told() -> None:
    models = ScriptedModel([BUSY]), ScriptedModel([ModelError("b", "its key is wrong", another_may=True)])
    with (
        telling(lambda _: None),
        pytest.raises(NoModelAnsweredError, match="model remote: it is busy; model b: its key is wrong"),
    ):
        await planner_of(*models).plan(GOAL)


async def test_a_plan_of_one_model_has_no_falls() -> None:
    assert (await planner_of(ScriptedModel([GOOD])).plan(GOAL)).falls == ()
