"""Running loops: rounds overlap where nothing orders them, and the outcome is that of one round after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from forethought.kernel import skill
from forethought.planners import RunResult
from forethought.planners.running.events import Event, RunFinished, StepCancelled, StepFailed, StepFinished, StepStarted

Execute = Callable[..., Awaitable[RunResult]]


@skill(effect="pure", quick=True)
def say(input: object = "nothing") -> object:
    return input


@skill(effect="pure", quick=True)
def add(input: int) -> int:
    return input + 1


def call(value: str | None = None, sets: str = "", appends: str = "", function: str = "say") -> str:
    written = "" if value is None else f' input="{value}"'
    written += f' setContextVariable="{sets}"' if sets else ""
    written += f' appendToResult="{appends}"' if appends else ""
    return f"<function.T.{function}{written}/>"


def told(result: RunResult) -> list[tuple[str, str, object]]:
    """Each record as its id, its status and its output."""
    return [(step.id, step.status, step.output) for step in result.steps]


async def test_a_foreach_runs_its_body_once_for_each_item_and_gives_the_list_of_last_outputs(execute: Execute) -> None:
    steps = f'<foreach item="ROW" in="$ROWS" setContextVariable="OUT">{call("$ROW.n", "N")}{call("<$N>")}</foreach>'
    steps = steps.replace("<$N>", "n=$N")
    result = await execute(steps + call("$OUT"), say, inputs={"ROWS": [{"n": 1}, {"n": 2}]})
    assert result.value == ["n=1", "n=2"]
    assert told(result) == [
        ("1", "succeeded", 2),
        ("1[1].1", "succeeded", 1),
        ("1[1].2", "succeeded", "n=1"),
        ("1[2].1", "succeeded", 2),
        ("1[2].2", "succeeded", "n=2"),
        ("2", "succeeded", ["n=1", "n=2"]),
    ]
    assert dict(result.variables) == {"ROWS": [{"n": 1}, {"n": 2}], "N": 2, "OUT": ["n=1", "n=2"]}
    assert [str(result.variables.variable(name).origin) for name in ("N", "OUT")] == ["step 1[2].1", "step 1"]


async def test_a_foreach_at_the_end_gives_the_plans_value_and_the_item_is_its_input(execute: Execute) -> None:
    result = await execute(f'<foreach item="ROW" in=\'["a", 2]\'>{call()}</foreach>', say)
    assert (result.value, dict(result.variables)) == (["a", 2], {})


async def test_the_list_may_be_text_that_reads_as_one(execute: Execute) -> None:
    steps = call("[1, 2]", "L") + f'<foreach item="N" in="$L">{call(function="add")}</foreach>'
    assert (await execute(steps, say, add)).value == [2, 3]


async def test_a_foreach_over_no_items_skips_its_body_and_gives_an_empty_list(execute: Execute) -> None:
    steps = (
        call("before", "A")
        + f'<foreach item="ROW" in="$L">{call("in", "A", "R")}<if test="ROW">{call()}</if></foreach>'
    )
    result = await execute(steps + call("$A"), say, inputs={"L": []})
    assert (result.value, result.results) == ("before", {})
    assert told(result)[1:-1] == [
        ("2", "succeeded", 0),
        ("2.1", "skipped", None),
        ("2.2", "skipped", None),
        ("2.2.1", "skipped", None),
    ]
    assert (await execute(f'<foreach item="ROW" in="$L">{call()}</foreach>', say, inputs={"L": []})).value == []


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (5, "its list: '5' is not an array: input should be a valid list"),
        ("many", "its list: 'many' is not an array: it is not JSON (Expecting value: line 1 column 1 (char 0))"),
        (list(range(4)), "its list has 4 items, and its max is 3"),
    ],
)
async def test_a_foreach_over_no_list_or_too_many_items_fails_before_its_first_round(
    execute: Execute, value: object, reason: str
) -> None:
    events: list[Event] = []
    steps = call("$V", "L") + f'<foreach item="ROW" in="$L" max="3">{call()}</foreach>' + call("$L")
    result = await execute(steps, say, inputs={"V": value}, listen=events.append, concurrency=1)
    assert result.error == f'step 2, foreach, failed: {reason} (where in is "$L" from step 1)'
    assert [(step.id, step.status) for step in result.steps[1:]] == [
        ("2", "failed"),
        ("2.1", "not_started"),
        ("3", "not_started"),
    ]
    assert [type(event) for event in events if getattr(event, "step", "") == "2"] == [StepFailed]


async def test_a_loop_has_ten_thousand_rounds_and_no_more(execute: Execute) -> None:
    steps = call("$V", "L") + f'<foreach item="ROW" in="$L">{call()}</foreach>'
    assert len((await execute(steps, say, inputs={"V": list(range(10_000))})).steps) == 10_002
    result = await execute(steps, say, inputs={"V": list(range(10_001))})
    assert result.steps[1].error == "its list has 10,001 items, and a loop may have 10,000 rounds"


async def test_all_loops_together_have_a_hundred_thousand_rounds_and_no_more(execute: Execute) -> None:
    inner = f'<foreach item="Y" in="$L"><if test="Y == -1">{call()}</if></foreach>'
    steps = call("$V", "L") + f'<foreach item="X" in="$M">{inner}</foreach>'
    result = await execute(steps, say, inputs={"V": list(range(9_998)), "M": list(range(11))})
    assert result.error == (
        "step 2[11].1, foreach, failed: its list has 9,998 items, and all loops of a run may have 100,000 rounds "
        'together (where in is "$L" from step 1)'
    )


async def test_a_while_runs_as_long_as_its_test_holds(execute: Execute) -> None:
    steps = f'<while test="N &lt; 3" max="9">{call("$N", "N", function="add")}{call("at $N", appends="R")}</while>'
    result = await execute(steps + call("$N"), say, add, inputs={"N": 1})
    assert result.results == {"R": "at 2\nat 3"}
    assert told(result) == [
        ("1", "succeeded", 2),
        ("1[1].1", "succeeded", 2),
        ("1[1].2", "succeeded", "at 2"),
        ("1[2].1", "succeeded", 3),
        ("1[2].2", "succeeded", "at 3"),
        ("2", "succeeded", 3),
    ]
    assert str(result.variables.variable("N").origin) == "step 1[2].1"
    assert result.steps[0].note is None


async def test_a_while_whose_test_does_not_hold_leaves_everything_as_it_was(execute: Execute) -> None:
    steps = call("before", "A") + f'<while test="A != \'before\'" max="3">{call("x", "A")}</while>' + call()
    result = await execute(steps, say)
    assert result.value == "before"
    assert told(result)[1:] == [("2", "succeeded", 0), ("2.1", "skipped", None), ("3", "succeeded", "before")]


async def test_the_output_of_a_round_is_the_input_of_the_next(execute: Execute) -> None:
    steps = call("0", "N") + f'<while test="N|int &lt; 5" max="9">{call(sets="N", function="add")}</while>' + call()
    assert (await execute(steps, say, add)).value == 5


async def test_a_while_stops_after_its_most_rounds_and_tells_that_its_test_still_holds(execute: Execute) -> None:
    events: list[Event] = []
    steps = f'<while test="N &gt; 0" max="2">{call("$N", "N", function="add")}</while>'
    result = await execute(steps, add, inputs={"N": 1}, listen=events.append)
    assert (result.status, result.value, result.steps[0].output) == ("succeeded", 3, 2)
    assert result.steps[0].note == "its test still holds after 2 rounds, the most that it may have"
    assert result.steps[0].as_json()["note"] == result.steps[0].note
    [finished] = [event for event in events if isinstance(event, StepFinished) and event.step == "1"]
    assert (finished.output, finished.note) == (2, result.steps[0].note)


async def test_a_test_that_cannot_be_worked_out_in_a_later_round_names_the_round(execute: Execute) -> None:
    steps = f'<while test="N &lt; 9" max="5">{call("many", "N")}</while>' + call("never")
    result = await execute(steps, say, inputs={"N": 1})
    assert result.error == (
        "step 1, while, failed: before round 2, the test 'N < 9' cannot be worked out: '<' cannot compare the text "
        "'many' with 9 (write NAME|int(0) to take 0 for such a text) (at 1:32) (where N is $N from step 1)"
    )
    assert told(result) == [("1", "failed", None), ("1[1].1", "succeeded", "many"), ("2", "not_started", None)]


async def test_a_failure_names_its_round_and_the_loops_around_it_have_failed(execute: Execute) -> None:
    @skill(effect="writes:mail", quick=True)
    def send(input: int) -> int:
        if input == 7:
            raise ConnectionRefusedError("nobody listens")
        return input

    steps = (
        f'<foreach item="N" in="$L">{call("$N", "A")}{call("$N", function="send", sets="SENT", appends="R")}</foreach>'
    )
    result = await execute(steps + call("never"), say, send, inputs={"L": list(range(1, 10))}, concurrency=1)
    assert result.error == ('step 1[7].2, T.send, failed: nobody listens (where input is "$N" from step 1)')
    assert [(step.id, step.status) for step in result.steps[-5:]] == [
        ("1[6].1", "succeeded"),
        ("1[6].2", "succeeded"),
        ("1[7].1", "succeeded"),
        ("1[7].2", "failed"),
        ("2", "not_started"),
    ]
    assert (result.steps[0].status, result.steps[0].error) == ("failed", "step 1[7].2 failed")
    assert (result.variables["SENT"], result.results["R"]) == (6, "\n".join("123456"))


async def test_a_loop_that_a_failure_elsewhere_ends_is_cancelled(execute: Execute) -> None:
    waiting, failed = asyncio.Event(), asyncio.Event()
    events: list[Event] = []

    @skill(effect="pure")
    async def wait(input: object) -> object:
        waiting.set()
        await failed.wait()
        return input

    @skill(effect="pure")
    async def fail(input: str) -> str:
        await waiting.wait()
        failed.set()
        raise TypeError("no luck")

    steps = f'<foreach item="N" in="[1, 2]">{call(function="wait")}{call()}</foreach>' + call("x", function="fail")
    result = await execute(steps, say, wait, fail, listen=events.append)
    assert [(step.id, step.status) for step in result.steps] == [
        ("1", "cancelled"),
        ("1[1].1", "succeeded"),
        ("1[1].2", "not_started"),
        ("1[2].1", "succeeded"),
        ("1[2].2", "not_started"),
        ("2", "failed"),
    ]
    assert [event.step for event in events if isinstance(event, StepCancelled)] == ["1"]


@pytest.mark.parametrize("limit", [1, 4, 10])
async def test_rounds_of_pure_steps_overlap_up_to_the_limit(execute: Execute, limit: int) -> None:
    running, most = 0, 0

    @skill(effect="pure")
    async def count(input: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(input % 4):
            await asyncio.sleep(0)
        running -= 1
        return input

    steps = f'<foreach item="N" in="$L" setContextVariable="OUT">{call(function="count")}</foreach>'
    result = await execute(steps, count, inputs={"L": list(range(50))}, concurrency=limit)
    assert result.variables["OUT"] == list(range(50))
    assert most == limit


async def test_effects_keep_document_order_across_rounds_and_what_is_pure_does_not_wait(execute: Execute) -> None:
    shelf: list[str] = []
    drafted = asyncio.Barrier(3)

    @skill(effect="pure")
    async def draft(input: str) -> str:
        await drafted.wait()
        return f"draft of {input}"

    @skill(effect="writes:shelf")
    async def put(input: str) -> None:
        for _ in range(9 - 3 * len(shelf)):
            await asyncio.sleep(0)
        shelf.append(input)

    steps = '<foreach item="X" in=\'["a", "b", "c"]\'><function.T.draft/><function.T.put/></foreach>'
    assert (await execute(steps, draft, put)).ok
    assert shelf == ["draft of a", "draft of b", "draft of c"]


async def test_a_slow_round_delays_only_what_needs_it(execute: Execute) -> None:
    last = asyncio.Event()

    @skill(effect="pure")
    async def slow_at_first(input: int) -> int:
        if input == 1:
            await last.wait()
        if input == 3:
            last.set()
        return input

    steps = f'<foreach item="N" in="[1, 2, 3]">{call(function="slow_at_first")}{call()}</foreach>'
    assert (await execute(steps, say, slow_at_first)).value == [1, 2, 3]


async def test_what_one_round_sets_the_next_one_sees(execute: Execute) -> None:
    steps = call("", "SUM") + f'<foreach item="X" in=\'["a", "b", "c"]\'>{call("$SUM$X", "SUM")}</foreach>'
    result = await execute(steps + call("$SUM"), say)
    assert result.value == "abc"


async def test_the_item_hides_a_variable_of_its_name_inside_the_loop_only(execute: Execute) -> None:
    steps = call("outside", "X") + f'<foreach item="X" in=\'["a"]\'>{call("$X")}</foreach>' + call("$X")
    result = await execute(steps, say)
    assert (result.steps[2].output, result.value, dict(result.variables)) == ("a", "outside", {"X": "outside"})


async def test_loops_may_stand_in_each_other(execute: Execute) -> None:
    steps = (
        f'<foreach item="ROW" in="[[1, 2], [], [3]]" setContextVariable="ALL">'
        f'<foreach item="CELL" in="$ROW"><if test="CELL &gt; 1">{call("$CELL", appends="R")}</if></foreach></foreach>'
    )
    result = await execute(steps, say)
    assert result.variables["ALL"] == [[1, 2], [], [3]]
    assert result.results == {"R": "2\n3"}
    assert [step.id for step in result.steps] == [
        "1",
        *("1[1].1", "1[1].1[1].1", "1[1].1[1].1.1", "1[1].1[2].1", "1[1].1[2].1.1"),
        *("1[2].1", "1[2].1.1", "1[2].1.1.1"),
        *("1[3].1", "1[3].1[1].1", "1[3].1[1].1.1"),
    ]


async def test_one_at_a_time_everything_runs_in_document_order(execute: Execute) -> None:
    events: list[Event] = []
    body = f'<while test="N &lt; 3" max="5">{call("$N", "N", function="add")}</while><if test="N == 3">{call()}</if>'
    result = await execute(
        f'<foreach item="X" in="[1, 2]">{call("0", "N")}{call()}{body}</foreach>',
        *(say, add),
        inputs={"N": 0},
        concurrency=1,
        listen=events.append,
    )
    started = [event.step for event in events if isinstance(event, StepStarted)]
    assert started == [step.id for step in result.steps if step.status == "succeeded"]


async def test_a_loop_starts_with_its_list_and_ends_with_its_rounds(execute: Execute) -> None:
    events: list[Event] = []
    steps = f'<foreach item="X" in="$L">{call()}</foreach>'
    result = await execute(steps, say, inputs={"L": ["a", "b"]}, listen=events.append)
    assert [(type(event).__name__, getattr(event, "step", "")) for event in events] == [
        ("RunStarted", ""),
        ("StepStarted", "1"),
        ("StepStarted", "1[1].1"),
        ("StepFinished", "1[1].1"),
        ("StepStarted", "1[2].1"),
        ("StepFinished", "1[2].1"),
        ("StepFinished", "1"),
        ("RunFinished", ""),
    ]
    assert isinstance(events[1], StepStarted)
    assert (events[1].function, events[1].arguments) == ("foreach", {"in": ["a", "b"]})
    assert result.steps[0].arguments == {"in": ["a", "b"]}


async def test_the_list_of_a_loop_is_what_it_was_when_the_loop_began(execute: Execute) -> None:
    items = [1, 2, 3]

    @skill(effect="pure", quick=True)
    def spoil(input: int) -> int:
        items.append(input)
        return input

    result = await execute(f'<foreach item="X" in="$L">{call(function="spoil")}</foreach>', spoil, inputs={"L": items})
    assert result.value == [1, 2, 3]


async def test_a_cancelled_run_ends_its_loops_and_lists_the_rounds_in_which_something_started(execute: Execute) -> None:
    events: list[Event] = []
    started = asyncio.Event()

    @skill(effect="pure")
    async def wait(input: object) -> None:
        started.set()
        await asyncio.Event().wait()

    steps = f'<foreach item="X" in="[1, 2, 3]">{call(function="wait")}{call()}</foreach>'
    before = asyncio.all_tasks()
    task = asyncio.ensure_future(execute(steps, say, wait, listen=events.append, concurrency=2))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == before
    assert isinstance(events[-1], RunFinished)
    assert events[-1].result is not None
    assert [(step.id, step.status) for step in events[-1].result.steps] == [
        ("1", "cancelled"),
        ("1[1].1", "cancelled"),
        ("1[1].2", "not_started"),
        ("1[2].1", "cancelled"),
        ("1[2].2", "not_started"),
    ]


async def test_a_while_may_have_ten_thousand_rounds_one_after_the_other(execute: Execute) -> None:
    body = call("$N", "N", function="add") + call("$N", function="weigh")
    seen: list[object] = []

    @skill(effect="writes:scales", quick=True)
    def weigh(input: object) -> None:
        seen.append(input)

    result = await execute(f'<while test="true" max="10000">{body}</while>', add, weigh, inputs={"N": 0})
    assert (result.variables["N"], len(result.steps), seen) == (10_000, 20_001, list(range(1, 10_001)))
