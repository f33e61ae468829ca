"""Continuing: what is finished is taken over, what does not fit is refused before anything runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

import pytest

from forethought.kernel import skill
from forethought.kernel.errors import PlanError
from forethought.kernel.functions import Usage
from forethought.planners import RunResult
from forethought.planners.running.events import Event, RunStarted, StepStarted
from forethought.planners.running.result import StepRecord

Execute = Callable[..., Awaitable[RunResult]]


class Shelf:
    """A function that fails for the texts in `broken`; `calls` are all it was called with."""

    def __init__(self, *broken: str) -> None:
        self.broken = broken
        self.calls: list[str] = []

    @skill(effect="writes:shelf")
    async def put(self, input: str) -> str:
        self.calls.append(input)
        if input in self.broken:
            raise ConnectionError(f"no room for {input}")
        return input.upper()

    @skill(effect="pure")
    async def longer(self, input: str) -> str:
        return f"{input}!"


CHAIN = '<function.T.put input="a"/><function.T.put input="b"/><function.T.put input="c"/>'


async def test_a_finished_step_is_not_run_again_and_its_record_stays(execute: Execute) -> None:
    failed = await execute(CHAIN, Shelf("b"))
    shelf, events = Shelf(), list[Event]()
    result = await execute(CHAIN, shelf, finished=failed.steps, listen=events.append)
    assert (result.value, shelf.calls) == ("C", ["b", "c"])
    assert result.steps[0] is failed.steps[0]
    assert isinstance(events[0], RunStarted)
    assert events[0].finished == failed.steps[:1]
    assert [event.step for event in events if isinstance(event, StepStarted)] == ["2", "3"]


async def test_what_a_finished_step_has_cost_counts_once(execute: Execute) -> None:
    failed = await execute(CHAIN, Shelf("b"))
    first = dataclasses.replace(failed.steps[0], usage=Usage(1, 10, 1))
    assert (await execute(CHAIN, Shelf(), finished=[first])).usage == Usage(1, 10, 1)


async def test_a_while_goes_on_in_the_round_where_it_was(execute: Execute) -> None:
    steps = """
        <function.T.longer input="a" setContextVariable="X"/>
        <while test="X|length &lt; 4" max="9">
          <function.T.longer input="$X" setContextVariable="X"/>
          <function.T.put input="$X"/>
        </while>"""
    failed = await execute(steps, Shelf("a!!!"))
    shelf = Shelf()
    result = await execute(steps, shelf, finished=failed.steps)
    assert (result.value, shelf.calls) == ("A!!!", ["a!!!"])
    loop = next(step for step in result.steps if step.id == "2")
    assert (loop.status, loop.output) == ("succeeded", 2)


async def test_a_decision_that_was_made_stands(execute: Execute) -> None:
    steps = (
        '<if test="DAY == \'Monday\'"><function.T.put input="work"/></if><else><function.T.put input="rest"/></else>'
    )
    failed = await execute(steps, Shelf("work"), variables={"DAY": "Monday"})
    shelf = Shelf()
    result = await execute(steps, shelf, variables={"DAY": "Tuesday"}, finished=failed.steps)
    assert (result.status, shelf.calls) == ("succeeded", ["work"])


async def test_a_run_of_which_all_is_finished_does_nothing_and_gives_the_same(execute: Execute) -> None:
    steps = '<foreach item="N" in=\'["a", "b"]\' setContextVariable="L"><function.T.put input="$N"/></foreach>'
    first = await execute(steps, Shelf())
    shelf, events = Shelf(), list[Event]()
    result = await execute(steps, shelf, finished=first.steps, listen=events.append)
    assert (result.value, result.steps, dict(result.variables)) == (first.value, first.steps, dict(first.variables))
    assert (shelf.calls, len(events)) == ([], 2)


async def test_the_result_holds_what_continuing_needs_and_does_not_show_it(execute: Execute) -> None:
    result = await execute("<function.T.put/>", Shelf(), variables={"INPUT": "a"})
    assert (result.plan.steps[0], dict(result.given)) == (result.plan.steps[0], {"INPUT": "a"})
    assert "given" not in repr(result)
    assert not {"plan", "given"} & result.as_json().keys()


def record(
    id_: str, function: str = "T.put", output: object = "A", *, arguments: Mapping[str, object] = MappingProxyType({})
) -> StepRecord:
    return StepRecord(id=id_, function=function, status="succeeded", arguments=arguments, output=output)


LOOP = '<foreach item="N" in=\'["a", "b"]\'><function.T.put input="$N"/></foreach>'
WHETHER = '<if test="1 &lt; 2"><function.T.put input="a"/></if><else><function.T.put input="b"/></else>'


@pytest.mark.parametrize(
    ("steps", "records", "problem"),
    [
        (CHAIN, [record("4")], "the record of step '4' does not fit: the plan has no such step"),
        (
            CHAIN,
            [record("1", "T.longer")],
            "the record of step '1' does not fit: it is of 'T.longer', and the plan has 'T.put' there",
        ),
        (CHAIN, [record("1"), record("1")], "the record of step '1' does not fit: there are two of them"),
        (
            CHAIN,
            [record("2")],
            "the record of step '2' does not fit: something that it waits for is not finished, or it would not run"
            " at all",
        ),
        (
            LOOP,
            [record("1[3].1")],
            "the record of step '1[3].1' does not fit: something that it waits for is not finished, or it would not"
            " run at all",
        ),
        (
            LOOP,
            [record("1[1].1"), record("1", "foreach", 2, arguments={"in": ["a", "c"]})],
            "the record of step '1' does not fit: its list is not the one that it went over",
        ),
        (
            LOOP,
            [record("1[1].1"), record("1", "foreach", 2)],
            "the record of step '1' does not fit: something inside is not finished",
        ),
        (WHETHER, [record("1", "if", "yes")], "the record of step '1' does not fit: it does not say whether the test"),
        (
            WHETHER,
            [record("1", "if", output=True), record("2.1")],
            "the record of step '2.1' does not fit: something that it waits for is not finished, or it would not run",
        ),
    ],
)
async def test_records_that_do_not_fit_are_refused_before_anything_runs(
    execute: Execute, steps: str, records: list[StepRecord], problem: str
) -> None:
    shelf, events = Shelf(), list[Event]()
    with pytest.raises(PlanError) as raised:
        await execute(steps, shelf, finished=records, listen=events.append)
    (found,) = raised.value.problems
    assert found.code == "unfit-record"
    assert found.message.startswith(problem)
    assert (shelf.calls, events) == ([], [])
