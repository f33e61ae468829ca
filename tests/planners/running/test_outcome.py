"""The outcome: results by key, the plan's value, variables with their origins, and the run as JSON."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable

from forethought.kernel import skill
from forethought.planners import RunResult

Execute = Callable[..., Awaitable[RunResult]]


@skill(effect="pure", quick=True)
def say(text: object) -> object:
    return text


async def test_two_values_appended_to_one_key_are_joined_in_document_order(execute: Execute) -> None:
    steps = '<function.T.say text="one" appendToResult="R"/><function.T.say text="$N" appendToResult="r"/>'
    result = await execute(steps, say, inputs={"N": 2})
    assert result.results == {"R": "one\n2"}
    assert result.value == "one\n2"


async def test_one_appended_value_is_the_plans_value_itself(execute: Execute) -> None:
    rows = [{"a": 1}]
    steps = '<function.T.say text="$ROWS" appendToResult="R"/><function.T.say text="later" setContextVariable="X"/>'
    result = await execute(steps + '<function.T.say text="$X"/>', say, inputs={"ROWS": rows})
    assert result.value is rows
    assert result.results["R"] is rows


async def test_values_of_several_keys_are_joined_in_document_order(execute: Execute) -> None:
    steps = "".join(f'<function.T.say text="{n}" appendToResult="{key}"/>' for n, key in enumerate("ABA"))
    result = await execute(steps, say)
    assert result.results == {"A": "0\n2", "B": "1"}
    assert result.value == "0\n1\n2"


async def test_without_appended_values_the_last_steps_output_is_the_value(execute: Execute) -> None:
    result = await execute('<function.T.say text="one"/><function.T.say text="two"/>', say)
    assert (result.value, result.results) == ("two", {})


async def test_every_variable_at_the_end_knows_where_it_came_from(execute: Execute) -> None:
    steps = (
        '<input name="TONE">dry</input><input name="TOPIC"/>'
        '<function.T.say text="$TONE $TOPIC" setContextVariable="JOKE"/><function.T.say text="$JOKE"/>'
    )
    result = await execute(steps, say, variables={"user": "Ann"}, inputs={"topic": "dinosaurs"})
    origins = {name: str(result.variables.variable(name).origin) for name in result.variables}
    assert origins == {"TONE": "goal", "TOPIC": "input", "user": "input", "JOKE": "step 1"}


async def test_a_failed_run_keeps_what_was_done_and_has_no_value(execute: Execute) -> None:
    @skill(effect="pure", quick=True)
    def fail(input: str) -> str:
        raise RuntimeError(f"no luck with {input}")

    steps = '<function.T.say text="one" setContextVariable="A" appendToResult="R"/><function.T.fail input="$A"/>'
    result = await execute(steps + '<function.T.say text="never" appendToResult="R"/>', say, fail, concurrency=1)
    assert (result.ok, result.value) == (False, None)
    assert result.results == {"R": "one"}
    assert result.variables["A"] == "one"
    assert [step.status for step in result.steps] == ["succeeded", "failed", "not_started"]


async def test_a_run_as_json_has_the_documented_shape(execute: Execute) -> None:
    moments = iter(range(100))
    result = await execute(
        '<function.T.say text="$DAY" setContextVariable="D" appendToResult="R"/>',
        say,
        inputs={"DAY": datetime.date(2026, 11, 22)},
        clock=lambda: 1_795_332_000.0 + next(moments),
        ids=lambda: "run-1",
    )
    assert result.as_json() == {
        "run": "run-1",
        "status": "succeeded",
        "value": "2026-11-22",
        "results": {"R": "2026-11-22"},
        "variables": {"DAY": "2026-11-22", "D": "2026-11-22"},
        "steps": [
            {
                "id": "1",
                "function": "T.say",
                "status": "succeeded",
                "started": "2026-11-22T07:20:00.000Z",
                "ended": "2026-11-22T07:20:01.000Z",
                "output": "2026-11-22",
                "error": None,
            }
        ],
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "calls": 0},
        "error": None,
    }
