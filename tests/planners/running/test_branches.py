"""Running `if`: the branch whose test holds runs, the other is skipped, and what comes after sees what was done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from forethought.kernel import skill
from forethought.planners import RunResult
from forethought.planners.running.events import Event, StepFailed, StepFinished, StepStarted

Execute = Callable[..., Awaitable[RunResult]]


@skill(effect="pure", quick=True)
def say(input: object = "nothing") -> object:
    return input


def call(value: str | None = None, sets: str = "", appends: str = "") -> str:
    written = "" if value is None else f' input="{value}"'
    written += f' setContextVariable="{sets}"' if sets else ""
    written += f' appendToResult="{appends}"' if appends else ""
    return f"<function.T.say{written}/>"


def told(result: RunResult) -> list[tuple[str, str, object]]:
    """Each record as its id, its status and its output."""
    return [(step.id, step.status, step.output) for step in result.steps]


IF_ELSE = f'<if test="N > 3">{call("big", "SIZE")}</if><else>{call("small", "SIZE")}{call()}</else>'


async def test_where_the_test_holds_the_then_branch_runs_and_the_else_branch_is_skipped(execute: Execute) -> None:
    result = await execute(IF_ELSE + call("$SIZE!"), say, inputs={"N": 4})
    assert result.value == "big!"
    assert told(result) == [
        ("1", "succeeded", True),
        ("1.1", "succeeded", "big"),
        ("2.1", "skipped", None),
        ("2.2", "skipped", None),
        ("3", "succeeded", "big!"),
    ]
    assert result.steps[0].function == "if"
    assert result.steps[0].arguments == {"N": 4}
    assert str(result.variables.variable("SIZE").origin) == "step 1.1"


async def test_where_it_does_not_hold_the_else_branch_runs(execute: Execute) -> None:
    result = await execute(IF_ELSE + call("$SIZE!"), say, inputs={"N": 3})
    assert result.value == "small!"
    assert [id_ for id_, status, _ in told(result) if status == "skipped"] == ["1.1"]
    assert result.steps[0].output is False


async def test_without_an_else_what_was_before_holds(execute: Execute) -> None:
    steps = call("before", "A") + f'<if test="N > 3">{call("inside", "A")}</if>' + call() + call("$A")
    result = await execute(steps, say, inputs={"N": 1})
    assert [result.steps[-2].output, result.value] == ["before", "before"]
    result = await execute(steps, say, inputs={"N": 5})
    assert [result.steps[-2].output, result.value] == ["inside", "inside"]


@pytest.mark.parametrize(("n", "said"), [(1, "one"), (2, "two"), (3, "many")])
async def test_an_if_in_an_else_chooses_among_more_than_two(execute: Execute, n: int, said: str) -> None:
    steps = (
        f'<if test="N == 1">{call("one", "A")}</if>'
        f'<else><if test="N == 2">{call("two", "A")}</if><else>{call("many", "A")}</else></else>'
    )
    result = await execute(steps + call("$A"), say, inputs={"N": n})
    assert result.value == said
    assert [step.id for step in result.steps] == ["1", "1.1", "2.1", "2.1.1", "2.2.1", "3"]
    assert [step.output for step in result.steps if step.status == "succeeded" and step.function == "T.say"] == [
        said
    ] * 2


async def test_an_if_in_an_if_is_not_even_looked_at_where_the_outer_does_not_hold(execute: Execute) -> None:
    steps = call("many", "N") + f'<if test="N == \'few\'"><if test="N > 3">{call("a")}</if></if>' + call("done")
    assert told(await execute(steps, say))[1:] == [
        ("2", "succeeded", False),
        ("2.1", "skipped", None),
        ("2.1.1", "skipped", None),
        ("3", "succeeded", "done"),
    ]


async def test_the_output_of_a_branch_is_the_plans_value_where_the_if_is_last(execute: Execute) -> None:
    assert (await execute(IF_ELSE, say, inputs={"N": 4})).value == "big"
    assert (await execute(IF_ELSE, say, inputs={"N": 0})).value == "small"


async def test_a_plan_whose_only_branch_is_not_taken_has_no_value(execute: Execute) -> None:
    result = await execute(f'<if test="N > 3">{call("a")}</if>', say, inputs={"N": 1})
    assert (result.status, result.value) == ("succeeded", None)


async def test_results_are_appended_by_the_branch_that_ran_in_document_order(execute: Execute) -> None:
    steps = call("first", appends="R") + f'<if test="N > 3">{call("no", appends="R")}</if>'
    steps += f"<else>{call('second', appends='R')}</else>" + call("third", appends="R")
    assert (await execute(steps, say, inputs={"N": 1})).results == {"R": "first\nsecond\nthird"}


async def test_a_test_waits_for_what_it_reads_and_what_is_beside_it_does_not_wait_for_it(execute: Execute) -> None:
    beside = asyncio.Event()

    @skill(effect="pure")
    async def slow(input: str) -> int:
        await beside.wait()
        return 5

    @skill(effect="pure")
    async def run_beside(input: str) -> str:
        beside.set()
        return input

    steps = '<function.T.slow input="x" setContextVariable="N"/>' + IF_ELSE + '<function.T.run_beside input="y"/>'
    result = await execute(steps, say, slow, run_beside)
    assert (result.value, result.steps[1].output) == ("y", True)


async def test_the_order_of_effects_is_kept_through_a_branch_that_is_not_taken(execute: Execute) -> None:
    shelf: list[str] = []

    @skill(effect="writes:shelf")
    async def put(input: str) -> None:
        for _ in range(9 - 2 * len(shelf)):
            await asyncio.sleep(0)
        shelf.append(input)

    steps = '<function.T.put input="a"/><if test="N > 3"><function.T.put input="no"/></if><function.T.put input="b"/>'
    assert (await execute(steps, put, inputs={"N": 1})).ok
    assert shelf == ["a", "b"]


async def test_a_test_that_cannot_be_worked_out_is_an_error_with_a_place_and_not_false(execute: Execute) -> None:
    events: list[Event] = []
    steps = call("many", "N") + f'<if test="N > 3">{call("a")}</if><else>{call("b")}</else>' + call("c")
    result = await execute(steps, say, listen=events.append, concurrency=1)
    assert result.error == (
        "step 2, if, failed: the test 'N > 3' cannot be worked out: '>' cannot compare the text 'many' with 3 "
        "(write NAME|int(0) to take 0 for such a text) (at 1:82) (where N is $N from step 1)"
    )
    assert told(result)[1:] == [
        ("2", "failed", None),
        ("2.1", "not_started", None),
        ("3.1", "not_started", None),
        ("4", "not_started", None),
    ]
    assert [type(event) for event in events if getattr(event, "step", "") == "2"] == [StepStarted, StepFailed]


async def test_a_variable_that_a_test_asks_for_may_be_missing(execute: Execute) -> None:
    steps = (
        f'<if test="N > 3">{call("a", "A")}</if><if test="A is defined">{call("$A!")}</if><else>{call("none")}</else>'
    )
    assert (await execute(steps, say, inputs={"N": 4})).value == "a!"
    assert (await execute(steps, say, inputs={"N": 1})).value == "none"


async def test_an_if_tells_its_start_with_what_its_test_reads_and_its_end_with_what_it_came_to(
    execute: Execute,
) -> None:
    events: list[Event] = []
    await execute(IF_ELSE, say, inputs={"n": 4}, listen=events.append, ids=lambda: "run-1", clock=lambda: 0.0)
    started, finished = events[1:3]
    assert started == StepStarted("run-1", 0.0, "1", "if", {"n": 4})
    assert isinstance(finished, StepFinished)
    assert (finished.step, finished.function, finished.output, finished.note) == ("1", "if", True, None)


async def test_a_chain_may_have_a_thousand_branches(execute: Execute) -> None:
    steps = call("0", "A") + 1000 * f'<if test="A|int >= N">{call("$A", "A")}</if>' + call("$A")
    result = await execute(steps, say, inputs={"N": 1})
    assert (result.value, len(result.steps)) == ("0", 2002)
