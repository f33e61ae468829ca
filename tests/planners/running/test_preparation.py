"""Before the first step: inputs get their values, functions are bound, and what is wrong is said."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Mapping

import pytest

from forethought.kernel import ContextVariables, FunctionSignature, Kernel, Parameter, SkillRegistry, Usage, skill
from forethought.kernel.errors import PackError, PlanError
from forethought.kernel.functions import PURE, Callee, Output
from forethought.planners import RunResult, parse, run, schedule
from forethought.planners.running.events import Event

Execute = Callable[..., Awaitable[RunResult]]


@skill(effect="pure", quick=True)
def say(text: object) -> object:
    return text


class Answers:
    """A callee that answers with its argument, and says that it cost three tokens."""

    def __init__(self, signature: FunctionSignature) -> None:
        self.signature = signature

    async def __call__(self, arguments: Mapping[str, object], /) -> Output:
        return Output(arguments["text"], Usage(1, 2, 1))


class SmallGround:
    """A ground of our own: `T.say` answers, `T.broken` cannot be loaded."""

    def __init__(self) -> None:
        text = (Parameter("text"),)
        self.variables = ContextVariables()
        self.skills = SkillRegistry(
            FunctionSignature(plugin="T", name=name, parameters=text, effect=PURE) for name in ("say", "broken")
        )
        self.bound: list[str] = []

    def bind(self, name: str, /) -> Callee:
        self.bound.append(name)
        if name == "T.broken":
            raise PackError("plugins/T/broken.py", "line 1: invalid syntax")
        return Answers(self.skills.find(name))


async def test_every_function_is_bound_once() -> None:
    ground = SmallGround()
    steps = 3 * '<function.T.say text="x"/>'
    result = await run(parse(f"<plan>{steps}</plan>"), ground)
    assert ground.bound == ["T.say"]
    assert result.usage == Usage(3, 6, 3)
    assert result.steps[0].usage == Usage(1, 2, 1)


async def test_a_function_that_cannot_be_loaded_is_an_error_before_anything_runs() -> None:
    events: list[Event] = []
    plan = parse('<plan><function.T.say text="x"/><function.T.broken text="x"/></plan>')
    with pytest.raises(PackError, match="invalid syntax"):
        await run(plan, SmallGround(), listen=events.append)
    assert events == []


async def test_a_declared_input_that_nobody_gives_is_a_problem(execute: Execute) -> None:
    inputs = '<input name="TOPIC" description="what to joke about"/><input name="TONE"/>'
    with pytest.raises(PlanError) as caught:
        await execute(inputs + '<function.T.say text="$TOPIC $TONE"/>', say)
    first, second = caught.value.problems
    assert (first.code, second.code) == ("missing-input", "missing-input")
    assert first.message == "the input 'TOPIC' (what to joke about) has no value"
    assert first.hint == 'give it one: --input TOPIC="...", or in Python inputs={"TOPIC": ...}'
    assert first.place is not None
    assert (first.place.line, first.place.column) == (1, 19)
    assert second.message == "the input 'TONE' has no value"


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("string", 5, "5"),
        ("integer", "5", 5),
        ("number", "2.5", 2.5),
        ("boolean", "false", False),
        ("array", "[1, 2]", [1, 2]),
        ("object", '{"a": 1}', {"a": 1}),
        ("date", "2026-11-22", datetime.date(2026, 11, 22)),
    ],
)
async def test_an_input_becomes_what_its_type_says(execute: Execute, kind: str, given: object, value: object) -> None:
    steps = f'<input name="V" type="{kind}"/><function.T.say text="$V"/>'
    result = await execute(steps, say, inputs={"v": given})
    assert result.value == value
    assert dict(result.variables) == {"V": value}


async def test_an_inputs_own_value_becomes_what_its_type_says_and_holds_no_references(execute: Execute) -> None:
    steps = '<input name="N" type="integer">7</input><input name="T">costs $N</input>'
    result = await execute(steps + '<function.T.say text="$N"/><function.T.say text="$T"/>', say)
    assert [step.output for step in result.steps] == [7, "costs $N"]


async def test_an_input_of_the_wrong_type_is_a_problem(execute: Execute) -> None:
    with pytest.raises(PlanError) as caught:
        await execute('<input name="N" type="integer"/><function.T.say text="$N"/>', say, inputs={"N": "many"})
    [problem] = caught.value.problems
    assert problem.code == "wrong-type"
    assert problem.message.startswith("the input 'N' has the wrong type: 'many' is not an integer")


async def test_the_callers_input_beats_the_kernels_variable_and_that_the_plans_own_value(execute: Execute) -> None:
    steps = '<input name="A">plan</input><input name="B">plan</input><input name="C">plan</input>'
    steps += '<function.T.say text="$A $B $C"/>'
    result = await execute(steps, say, variables={"A": "kernel", "B": "kernel"}, inputs={"A": "caller"})
    assert result.value == "caller kernel plan"


async def test_an_input_that_the_plan_does_not_declare_is_a_variable(execute: Execute) -> None:
    assert (await execute('<function.T.say text="$EXTRA"/>', say, inputs={"extra": [1]})).value == [1]


async def test_a_schedule_runs_as_its_plan_does_and_misses_what_it_was_scheduled_with() -> None:
    kernel = Kernel()
    kernel.add_functions(say, "T")
    ready = schedule(parse('<plan><function.T.say text="$A"/></plan>'), kernel.skills, variables=["A"])
    assert (await run(ready, kernel, inputs={"A": 1})).value == 1
    with pytest.raises(PlanError) as caught:
        await run(ready, kernel)
    [problem] = caught.value.problems
    assert (problem.code, problem.message) == ("missing-input", "the input 'A' has no value")


async def test_a_plan_that_says_that_its_goal_cannot_be_reached_is_not_run() -> None:
    with pytest.raises(PlanError) as caught:
        await run(parse("<plan>there is no mail function</plan>"), Kernel())
    [problem] = caught.value.problems
    assert problem.code == "impossible-plan"
    assert problem.message == (
        "there is nothing to run, since the plan says that the goal cannot be reached: there is no mail function"
    )
