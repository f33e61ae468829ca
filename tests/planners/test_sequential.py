"""SequentialPlanner: a goal becomes a plan that was checked, or a clear no."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import ModelError, ModelNotConfiguredError, PlanningError
from forethought.kernel.functions import FunctionSignature, Usage
from forethought.kernel.models.chat import Completion
from forethought.kernel.problems import Severity
from forethought.kernel.testing import ScriptedModel
from forethought.planners import Plan, SequentialPlanner, run

Snapshot = Callable[[str, str], None]


class Names:
    @skill(effect="reads:names", quick=True)
    def getNickName(self, input: str) -> str:  # noqa: N802 - the classic demo's own spelling
        """Find the nickname of a person."""
        return {"Steven": "Steve"}.get(input, input)


class Words:
    @skill(effect="pure", quick=True)
    def replace(self, input: str, old: str, new: str, count: int = -1) -> str:
        """Replace a word in a text."""
        return input.replace(old, new, count)


GOOD = """<plan>
  <function.Names.getNickName input="Steven" setContextVariable="NICK"/>
  <function.Words.replace input="$INPUT" old="NAME" new="$NICK" appendToResult="RESULT__TEXT"/>
</plan>"""
BAD = GOOD.replace("getNickName", "getNickname2")
GOAL = "Put Steven's nickname into the input"


def kernel_of(replies: Sequence[str | Exception] | ScriptedModel) -> Kernel:
    model = replies if isinstance(replies, ScriptedModel) else ScriptedModel(replies)
    kernel = Kernel(model=model)
    kernel.add_functions(Names(), "Names")
    kernel.add_functions(Words(), "Words")
    return kernel


async def test_a_goal_becomes_a_plan_that_says_its_goal_declares_its_inputs_and_runs() -> None:
    kernel = kernel_of([GOOD])
    plan = await SequentialPlanner(kernel).create_plan(GOAL, inputs=["INPUT", "UNUSED"])
    assert plan.goal == GOAL
    assert [declared.name for declared in plan.inputs] == ["INPUT"]
    result = await run(plan, kernel, inputs={"INPUT": "Hello NAME"})
    assert result.value == "Hello Steve"


async def test_values_of_inputs_are_not_shown_to_the_model() -> None:
    model = ScriptedModel([GOOD])
    await SequentialPlanner(kernel_of(model)).create_plan(GOAL, inputs={"INPUT": "a secret"})
    said = "".join(message.content for message in model.requests[0].messages)
    assert "$INPUT" in said
    assert "a secret" not in said


async def test_a_plan_with_problems_goes_back_with_all_of_them_and_is_repaired() -> None:
    worse = BAD.replace("old=", "olde=")
    model = ScriptedModel([worse, GOOD])
    result = await SequentialPlanner(kernel_of(model)).plan(GOAL, inputs=["INPUT"])
    assert result.plan is not None
    assert [attempt.ok for attempt in result.attempts] == [False, True]
    assert result.attempts[0].reply == worse
    assert result.usage == result.attempts[0].usage + result.attempts[1].usage
    assert result.usage.calls == 2
    *_, own, complaint = model.requests[1].messages
    assert (own.role, own.content) == ("assistant", worse)
    assert "there is no function 'Names.getNickname2'" in complaint.content
    assert "'olde'" in complaint.content


async def test_repairs_are_bounded_and_the_last_problems_are_told() -> None:
    model = ScriptedModel([BAD] * 9)
    with pytest.raises(PlanningError) as caught:
        await SequentialPlanner(kernel_of(model), max_repairs=1).create_plan(GOAL, inputs=["INPUT"])
    assert len(model.requests) == 2
    assert caught.value.reason == "the model wrote a plan 2 times, and the last one still has problems"
    assert [problem.code for problem in caught.value.problems] == ["unknown-function"]


@pytest.mark.parametrize("constrained", [False, True])
async def test_an_answer_that_was_cut_off_is_no_plan_though_what_there_is_of_it_can_be_read(constrained: bool) -> None:
    replies = [Completion(each, finish="length") for each in (GOOD.partition("  <function.Words")[0], "", "")]
    if constrained:
        replies = [
            Completion('<function.Names.getNickName input="Ann"/>'),
            Completion("<function.Names.", finish="length"),
        ]
    model = ScriptedModel(replies, constrained=constrained)
    result = await SequentialPlanner(kernel_of(model), max_repairs=0).plan(GOAL, inputs=["INPUT"])
    assert result.plan is None
    cut_off = [str(problem) for problem in result.problems if problem.severity is Severity.ERROR]
    assert cut_off == [
        "error: the answer breaks off at a limit of its length"
        " (write a shorter plan; max_tokens is how long an answer may be) [answer-cut-off]"
    ]


async def test_an_input_that_a_parameter_takes_by_its_name_is_declared() -> None:
    reply = '<plan><function.Words.replace input="Hello NAME" old="NAME"/></plan>'
    plan = await SequentialPlanner(kernel_of([reply])).create_plan(GOAL, inputs=["New", "old", "INPUT"])
    assert [declared.name for declared in plan.inputs] == ["New"]


@pytest.mark.parametrize("goal", ["", "  \n"])
async def test_an_empty_goal_is_refused_before_a_model_is_asked(goal: str) -> None:
    with pytest.raises(PlanningError, match="the goal is empty"):
        await SequentialPlanner(kernel_of([])).create_plan(goal)


async def test_an_impossible_goal_is_an_answer_and_is_not_repaired() -> None:
    kernel = kernel_of(["<plan>nothing here can fly</plan>"])
    with pytest.raises(PlanningError) as caught:
        await SequentialPlanner(kernel).create_plan("Fly to the moon")
    assert caught.value.reason == "the model finds no way with these functions: nothing here can fly"


async def test_an_answer_without_a_plan_is_asked_again() -> None:
    result = await SequentialPlanner(kernel_of(["I would rather not.", GOOD])).plan(GOAL, inputs=["INPUT"])
    assert result.plan is not None
    assert result.attempts[0].plan is None
    nothing = await SequentialPlanner(kernel_of(["no", "no", "no"])).plan(GOAL)
    assert nothing.reason == "the model's answer holds no plan"


async def test_a_plan_that_cannot_be_read_is_a_plan_with_problems() -> None:
    result = await SequentialPlanner(kernel_of(["<plan><if test='true'/></plan>"] * 3)).plan(GOAL)
    assert [each.code for each in result.attempts[-1].problems] == ["empty-block"]
    assert result.reason == "the model wrote a plan 3 times, and the last one still has problems"


async def test_missing_functions_may_be_allowed() -> None:
    planner = SequentialPlanner(kernel_of([BAD]), allow_missing_functions=True)
    result = await planner.plan(GOAL, inputs=["INPUT"])
    assert result.plan is not None
    missing = [problem for problem in result.problems if problem.code == "unknown-function"]
    assert [problem.severity for problem in missing] == [Severity.WARNING]


def words_alone(_: str) -> list[FunctionSignature]:
    return [each for each in kernel_of([]).skills if each.plugin == "Words"]


@pytest.mark.parametrize(
    "options",
    [
        {"excluded_plugins": ["names"]},
        {"excluded_functions": ["Names.getNickName"]},
        {"excluded_functions": ["getnickname"], "allow_missing_functions": True},
        {"get_available_functions": words_alone},
    ],
    ids=" and ".join,
)
async def test_a_plan_names_no_function_that_the_options_keep_from_it(options: dict[str, Any]) -> None:
    result = await SequentialPlanner(kernel_of([GOOD]), **options, max_repairs=0).plan(GOAL, inputs=["INPUT"])
    assert (result.plan, [problem.code for problem in result.problems]) == (None, ["unknown-function"])
    assert result.problems[0].severity is Severity.ERROR


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({}, ["Names.getNickName", "Words.replace"]),
        ({"max_relevant_functions": 1}, ["Names.getNickName"]),
        ({"max_relevant_functions": 1, "included_functions": ["replace"]}, ["Words.replace"]),
        ({"relevancy_threshold": 0.2}, ["Names.getNickName"]),
        ({"excluded_plugins": ["Names"]}, ["Words.replace"]),
        ({"excluded_functions": ["Words-replace"]}, ["Names.getNickName"]),
    ],
    ids=str,
)
async def test_the_options_say_which_functions_the_model_is_shown(options: dict[str, Any], shown: list[str]) -> None:
    model = ScriptedModel(["<plan/>"])
    result = await SequentialPlanner(kernel_of(model), **options).plan("What is the nickname of Steven?")
    assert [function.full_name for function in result.choice.skills] == shown
    told = model.requests[0].messages[0].content
    assert [name for name in ("getNickName(", "replace(") if name in told] == [
        f"{each.rpartition('.')[2]}(" for each in shown
    ]


async def test_max_tokens_bound_each_answer() -> None:
    model = ScriptedModel([BAD, GOOD])
    await SequentialPlanner(kernel_of(model), max_tokens=99).plan(GOAL, inputs=["INPUT"])
    assert [request.settings for request in model.requests] == [{"max_tokens": 99}] * 2


async def test_a_function_that_is_registered_but_was_not_shown_may_be_named() -> None:
    planner = SequentialPlanner(kernel_of([GOOD]), max_relevant_functions=1)
    assert (await planner.plan(GOAL, inputs=["INPUT"])).plan is not None


async def test_a_short_name_is_clear_among_all_functions_not_only_those_the_plan_may_use() -> None:
    kernel = kernel_of(['<plan><function.getNickName input="Steven"/></plan>'])
    kernel.add_functions(Names(), "Others")
    result = await SequentialPlanner(kernel, excluded_plugins=["Others"], max_repairs=0).plan(GOAL)
    assert [problem.code for problem in result.problems] == ["ambiguous-function"]


async def test_where_the_options_leave_no_function_that_is_said() -> None:
    result = await SequentialPlanner(kernel_of([]), relevancy_threshold=1.5).plan(GOAL)
    assert result.reason == "there are no functions to plan with: the options leave none of 2"


@pytest.mark.parametrize("option", ["excluded_plugins", "excluded_functions", "included_functions"])
def test_one_name_is_no_list_of_names(option: str) -> None:
    options: dict[str, Any] = {option: "Names"}
    with pytest.raises(TypeError, match=f"{option} takes several names, such as \\['Names'\\], not one text"):
        SequentialPlanner(kernel_of([]), **options)


async def test_one_input_is_no_list_of_inputs() -> None:
    with pytest.raises(TypeError, match="inputs takes several names, such as \\['INPUT'\\], not one text"):
        await SequentialPlanner(kernel_of([GOOD])).plan(GOAL, inputs="INPUT")


async def test_an_input_has_a_name_that_a_variable_can_have() -> None:
    with pytest.raises(ValueError, match="no variable can be named '1ST': a name is ASCII letters"):
        await SequentialPlanner(kernel_of([GOOD])).plan(GOAL, inputs=["INPUT", "1ST"])


async def test_a_kernel_of_another_kind_is_refused_with_the_way_out() -> None:
    said = "a planner needs a forethought Kernel; Kernel.wrap(…) makes one of a Semantic Kernel"
    with pytest.raises(TypeError, match=re.escape(said)):
        SequentialPlanner("theirs")  # type: ignore[arg-type]
    said = "a plan runs on a forethought Kernel; Kernel.wrap(…) makes one of a Semantic Kernel"
    with pytest.raises(TypeError, match=re.escape(said)):
        await run(Plan(), "theirs")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("option", "value", "least"), [("max_repairs", -1, 0), ("max_tokens", 0, 1), ("max_relevant_functions", 0, 1)]
)
def test_a_limit_that_makes_no_sense_is_refused(option: str, value: int, least: int) -> None:
    options: dict[str, Any] = {option: value}
    with pytest.raises(ValueError, match=f"{option} must be at least {least}, not {value}"):
        SequentialPlanner(kernel_of([]), **options)


async def test_another_source_of_functions_replaces_the_registry() -> None:
    async def available(goal: str) -> list[FunctionSignature]:
        assert goal == GOAL
        return [kernel.skills.find("Names.getNickName")]

    model = ScriptedModel(['<plan><function.Names.getNickName input="Steven"/></plan>'])
    kernel = kernel_of(model)
    result = await SequentialPlanner(kernel, get_available_functions=available).plan(GOAL)
    assert [function.full_name for function in result.choice.skills] == ["Names.getNickName"]
    assert "replace(" not in model.requests[0].messages[0].content


async def test_without_functions_there_is_no_plan() -> None:
    result = await SequentialPlanner(Kernel(model=ScriptedModel([]))).plan(GOAL)
    assert result.reason == "there are no functions to plan with"


async def test_without_a_model_the_ways_to_get_one_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORETHOUGHT_LOCAL_MODEL", "nowhere.gguf")
    monkeypatch.delenv("FORETHOUGHT_MODEL", raising=False)
    kernel = Kernel()
    kernel.add_functions(Names(), "Names")
    with pytest.raises(ModelNotConfiguredError, match="Three ways to get one"):
        await SequentialPlanner(kernel).create_plan(GOAL)


async def test_a_model_that_cannot_answer_says_so() -> None:
    with pytest.raises(ModelError, match="out of order"):
        await SequentialPlanner(kernel_of([ModelError("scripted", "out of order")])).create_plan(GOAL)


async def test_usage_is_kept_by_attempt() -> None:
    result = await SequentialPlanner(kernel_of([BAD, GOOD])).plan(GOAL, inputs=["INPUT"])
    assert sum((attempt.usage for attempt in result.attempts), Usage()) == result.usage


async def test_what_is_said_to_a_model_is_read_before_it_changes(snapshot: Snapshot) -> None:
    model = ScriptedModel([BAD, GOOD])
    await SequentialPlanner(kernel_of(model)).create_plan(GOAL, inputs=["INPUT"])
    said = "\n".join(f"--- {message.role}\n{message.content}" for message in model.requests[1].messages)
    snapshot("prompts/sequential.txt", said + "\n")
