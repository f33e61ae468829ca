"""Running: what starts when, what a failure stops, what a cancelled run leaves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import PlanError
from forethought.planners import RunResult, parse, run, schedule
from forethought.planners.running.events import (
    Event,
    RunFinished,
    RunStarted,
    StepCancelled,
    StepFailed,
    StepFinished,
    StepStarted,
)
from forethought.planners.running.retries import Retry
from forethought.planners.running.runner import run_sync

Execute = Callable[..., Awaitable[RunResult]]


@skill(effect="pure", quick=True)
def say(text: object) -> object:
    return text


def told(events: list[Event]) -> list[str]:
    """Each event as its name and its step."""
    return [f"{type(event).__name__} {getattr(event, 'step', '')}".strip() for event in events]


async def test_steps_that_wait_for_nothing_start_at_once(execute: Execute) -> None:
    together = asyncio.Barrier(3)

    @skill(effect="pure")
    async def meet(input: str) -> str:
        await together.wait()
        return input

    result = await execute("".join(f'<function.T.meet input="{n}"/>' for n in range(3)), meet)
    assert result.ok


async def test_a_slow_step_delays_only_what_needs_it(execute: Execute) -> None:
    last = asyncio.Event()

    @skill(effect="pure")
    async def slow(input: str) -> str:
        await last.wait()
        return input

    @skill(effect="pure")
    async def quick(input: str) -> str:
        if input == "last":
            last.set()
        return "last"

    steps = '<function.T.slow input="x" setContextVariable="S"/><function.T.quick input="first"/><function.T.quick/>'
    assert (await execute(steps + '<function.T.say text="$S"/>', slow, quick, say)).value == "x"


async def test_writes_of_one_resource_keep_their_order_and_readers_wait_for_them(execute: Execute) -> None:
    shelf: list[str] = []

    @skill(effect="writes:shelf")
    async def put(input: str) -> None:
        for _ in range(5 - len(input)):
            await asyncio.sleep(0)
        shelf.append(input)

    @skill(effect="reads:shelf")
    async def read() -> str:
        return ",".join(shelf)

    steps = '<function.T.put input="a"/><function.T.read appendToResult="R"/><function.T.put input="bbb"/>'
    assert (await execute(steps + '<function.T.read appendToResult="R"/>', put, read)).value == "a\na,bbb"


async def test_a_function_that_declares_no_effect_overlaps_with_none_that_has_one(execute: Execute) -> None:
    running = 0

    @skill(effect="reads:shelf")
    async def tame(input: str) -> None:
        nonlocal running
        running += 1
        await asyncio.sleep(0)
        running -= 1

    @skill
    async def wild(input: str) -> int:
        await asyncio.sleep(0)
        return running

    steps = '<function.T.tame input="a"/><function.T.wild input="b"/><function.T.tame input="c"/>'
    assert (await execute(steps, tame, wild)).steps[1].output == 0


@pytest.mark.parametrize("limit", [1, 7, 32])
async def test_no_more_steps_run_at_one_time_than_the_limit_allows(execute: Execute, limit: int) -> None:
    running, most = 0, 0

    @skill(effect="pure")
    async def count(input: str) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(int(input)):
            await asyncio.sleep(0)
        running -= 1

    steps = "".join(f'<function.T.count input="{n % 4}"/>' for n in range(200))
    assert (await execute(steps, count, concurrency=limit)).ok
    assert most == limit


async def test_with_a_limit_of_one_steps_run_in_document_order(execute: Execute) -> None:
    events: list[Event] = []
    steps = "".join(f'<function.T.say text="{n}"/>' for n in range(12))
    await execute(steps, say, concurrency=1, listen=events.append)
    started = [event.step for event in events if isinstance(event, StepStarted)]
    assert started == [str(n) for n in range(1, 13)]


async def test_a_limit_below_one_is_refused(execute: Execute) -> None:
    with pytest.raises(ValueError, match="concurrency must be at least 1, not 0"):
        await execute('<function.T.say text="x"/>', say, concurrency=0)


async def test_document_order_decides_a_variable_whatever_finished_first(execute: Execute) -> None:
    second = asyncio.Event()

    @skill(effect="pure")
    async def first_but_late(input: str) -> str:
        await second.wait()
        return "first"

    @skill(effect="pure")
    async def then(input: str) -> str:
        second.set()
        return "second"

    steps = (
        '<function.T.first_but_late input="x" setContextVariable="A" appendToResult="R"/>'
        '<function.T.then input="x" setContextVariable="A" appendToResult="R"/>'
    )
    result = await execute(steps, first_but_late, then)
    assert result.variables["A"] == "second"
    assert result.value == "first\nsecond"


async def test_running_the_same_plan_twice_gives_the_same_result() -> None:
    kernel = Kernel(variables={"NAME": "Ann"})
    kernel.add_functions(say, "T")
    plan = parse(
        '<plan><function.T.say text="Hello $NAME" setContextVariable="NAME" appendToResult="R"/>'
        '<function.T.say text="$NAME!" appendToResult="R"/></plan>'
    )
    first, second = (
        await run(plan, kernel),
        await run(schedule(plan, kernel.skills, variables=kernel.variables), kernel),
    )
    assert first.value == second.value == "Hello Ann\nHello Ann!"
    assert dict(first.variables) == dict(second.variables) == {"NAME": "Hello Ann"}
    assert dict(kernel.variables) == {"NAME": "Ann"}
    assert first.run != second.run


async def test_a_failing_step_names_itself_its_arguments_sources_and_its_cause(execute: Execute) -> None:
    @skill(effect="writes:mail")
    async def send(to: str, body: str, subject: str = "Hello") -> None:
        raise ConnectionRefusedError("nobody listens on port 25")

    steps = '<function.T.say text="x@example.com" setContextVariable="EMAIL"/>'
    steps += '<function.T.send to="$EMAIL" body="Dear $NAME, $EMAIL"/>'
    result = await execute(steps, say, send, inputs={"NAME": "Ann"})
    assert result.status == "failed"
    assert result.error == (
        'step 2, T.send, failed: nobody listens on port 25 (where to is "$EMAIL" from step 1, '
        'body is "Dear $NAME, $EMAIL" from input, step 1, subject is its default)'
    )
    assert isinstance(result.cause, Exception)
    assert isinstance(result.cause.__cause__, ConnectionRefusedError)
    assert (result.steps[1].status, result.steps[1].error) == ("failed", "nobody listens on port 25")


async def test_after_a_failure_running_steps_are_finished_and_none_is_started(execute: Execute) -> None:
    failed = asyncio.Event()
    events: list[Event] = []

    @skill(effect="pure")
    async def run_on(input: str) -> str:
        await failed.wait()
        await asyncio.sleep(0)
        return "done all the same"

    @skill(effect="writes:x")
    async def fail(input: str) -> str:
        failed.set()
        raise RuntimeError("it broke")

    steps = '<function.T.run_on input="x" setContextVariable="A"/><function.T.fail input="x"/>'
    steps += '<function.T.say text="$A"/><function.T.say text="needs nothing, but waits for its turn"/>'
    result = await execute(steps, run_on, fail, say, concurrency=2, listen=events.append)
    assert [step.status for step in result.steps] == ["succeeded", "failed", "not_started", "not_started"]
    assert result.variables["A"] == "done all the same"
    assert told(events) == [
        "RunStarted",
        "StepStarted 1",
        "StepStarted 2",
        "StepFailed 2",
        "StepFinished 1",
        "RunFinished",
    ]
    assert isinstance(events[-1], RunFinished)
    assert events[-1].status == "failed"


async def test_a_step_that_could_start_with_the_one_that_fails_does_not(execute: Execute) -> None:
    started: list[str] = []

    @skill(effect="pure", quick=True)
    def fail(input: str) -> str:
        raise RuntimeError("it broke")

    @skill(effect="pure", quick=True)
    def note(input: str) -> str:
        started.append(input)
        return input

    result = await execute(
        '<function.T.fail input="x"/><function.T.note input="beside it"/>', fail, note, retry=Retry(times=0)
    )
    assert [step.status for step in result.steps] == ["failed", "not_started"]
    assert started == []


async def test_the_first_failure_in_the_document_is_the_runs_and_each_step_keeps_its_own(execute: Execute) -> None:
    first = asyncio.Event()

    @skill(effect="writes:x")
    async def late(input: str) -> None:
        await first.wait()
        raise RuntimeError("the late one")

    @skill(effect="writes:y")
    async def early(input: str) -> None:
        first.set()
        raise RuntimeError("the early one")

    result = await execute('<function.T.late input="x"/><function.T.early input="x"/>', late, early)
    assert result.error == 'step 1, T.late, failed: the late one (where input is "x")'
    assert [step.error for step in result.steps] == ["the late one", "the early one"]


async def test_a_plan_with_errors_is_refused_before_anything_runs(execute: Execute) -> None:
    events: list[Event] = []
    with pytest.raises(PlanError) as caught:
        await execute('<function.T.say text="x"/><function.T.sai text="$Y"/>', say, listen=events.append)
    assert "unknown-function" in [problem.code for problem in caught.value.problems]
    assert events == []


async def test_the_events_of_a_run_are_told_in_order_with_run_step_and_attempt(execute: Execute) -> None:
    events: list[Event] = []
    moments = iter(range(100))
    await execute(
        '<function.T.say text="$A" setContextVariable="B"/><function.T.say text="$B"/>',
        say,
        inputs={"A": 1},
        listen=events.append,
        ids=lambda: "run-1",
        clock=lambda: float(next(moments)),
    )
    assert [(type(event), event.run) for event in events] == [
        (RunStarted, "run-1"),
        (StepStarted, "run-1"),
        (StepFinished, "run-1"),
        (StepStarted, "run-1"),
        (StepFinished, "run-1"),
        (RunFinished, "run-1"),
    ]
    started = events[1]
    assert isinstance(started, StepStarted)
    assert (started.step, started.function, started.arguments, started.attempt) == ("1", "T.say", {"text": 1}, 1)
    assert [event.at for event in events] == sorted(event.at for event in events)


async def test_a_cancelled_run_cancels_its_steps_leaves_no_task_and_raises(execute: Execute) -> None:
    events: list[Event] = []
    started = asyncio.Event()
    cleaned: list[str] = []

    @skill(effect="pure")
    async def wait(input: str) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append(input)

    before = asyncio.all_tasks()
    steps = '<function.T.wait input="a"/><function.T.wait input="b"/><function.T.wait/>'
    task = asyncio.ensure_future(execute(steps, wait, listen=events.append))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == before
    assert sorted(cleaned) == ["a", "b"]
    assert sorted(event.step for event in events if isinstance(event, StepCancelled)) == ["1", "2"]
    assert isinstance(events[-1], RunFinished)
    assert events[-1].status == "cancelled"
    result = events[-1].result
    assert result is not None
    assert (result.status, result.value) == ("cancelled", None)
    assert [step.status for step in result.steps] == ["cancelled", "cancelled", "not_started"]


async def test_a_run_tells_what_it_returns(execute: Execute) -> None:
    events: list[Event] = []
    result = await execute('<function.T.say text="x"/>', say, listen=events.append)
    assert isinstance(events[-1], RunFinished)
    assert events[-1].result is result


async def test_a_cancelled_run_does_not_wait_for_a_thread(execute: Execute) -> None:
    release, entered = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    @skill(effect="pure")
    def block(input: str) -> None:
        loop.call_soon_threadsafe(entered.set)
        release.wait(30)

    before = asyncio.all_tasks()
    task = asyncio.ensure_future(execute('<function.T.block input="x"/>', block))
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == before
    release.set()


async def test_a_function_that_keeps_a_cancellation_to_itself_does_not_keep_the_run(execute: Execute) -> None:
    started = asyncio.Event()
    ran: list[str] = []

    @skill(effect="pure")
    async def stubborn(input: str) -> str:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ran.append("stubborn")
        return "as if nothing had happened"

    @skill(effect="pure")
    async def after(input: str) -> None:
        ran.append("after")

    task = asyncio.ensure_future(execute('<function.T.stubborn input="x"/><function.T.after/>', stubborn, after))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ran == ["stubborn"]


async def test_a_function_that_raises_cancelled_error_itself_has_failed(execute: Execute) -> None:
    @skill(effect="writes:x")
    async def quit_early(input: str) -> None:
        raise asyncio.CancelledError

    result = await execute('<function.T.quit_early input="x"/>', quit_early)
    assert result.steps[0].error == "it was cancelled from inside"


async def test_a_function_that_cancels_its_own_task_takes_no_other_step_with_it(execute: Execute) -> None:
    @skill(effect="pure")
    async def cancel_itself(input: str) -> str:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        return "done"

    steps = 40 * '<function.T.cancel_itself input="x" setContextVariable="A"/><function.T.say text="$A"/>'
    result = await execute(steps, cancel_itself, say, concurrency=1)
    assert result.ok
    assert {step.output for step in result.steps} == {"done"}


async def test_a_run_inside_a_task_that_was_cancelled_before_is_not_cancelled(execute: Execute) -> None:
    async def carry_on() -> RunResult:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return await execute('<function.T.say text="x"/><function.T.say text="y"/>', say)
        raise AssertionError

    task = asyncio.ensure_future(carry_on())
    await asyncio.sleep(0)
    task.cancel()
    assert (await task).ok


async def test_a_synchronous_function_does_not_stall_the_others(execute: Execute) -> None:
    heard = threading.Event()

    @skill(effect="pure")
    def listen_for(input: str) -> bool:
        return heard.wait(30)

    @skill(effect="pure")
    async def speak(input: str) -> None:
        heard.set()

    result = await execute('<function.T.listen_for input="x"/><function.T.speak input="x"/>', listen_for, speak)
    assert result.steps[0].output is True


async def test_a_long_chain_that_never_waits_lets_other_tasks_have_their_turn(execute: Execute) -> None:
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(take_turns())
    steps = '<function.T.say text="0" setContextVariable="A"/>' + 319 * (
        '<function.T.say text="$A" setContextVariable="A"/>'
    )
    assert (await execute(steps, say)).ok
    other.cancel()
    assert turns >= 20


async def test_a_chain_may_be_thousands_of_steps_long(execute: Execute) -> None:
    @skill(effect="pure", quick=True)
    def add(input: int) -> int:
        return input + 1

    assert (await execute(3000 * "<function.T.add/>", add, inputs={"INPUT": "0"})).value == 3000


async def test_the_id_of_a_run_sorts_by_time_and_reads_as_one(execute: Execute) -> None:
    result = await execute('<function.T.say text="x"/>', say, clock=lambda: 1_795_332_000.0625, random=lambda: 0.0)
    assert result.run == "20261122-072000-062-2222"


def test_a_plan_runs_from_synchronous_code_too() -> None:
    kernel = Kernel()
    kernel.add_functions(say, "T")
    assert run_sync(parse('<plan><function.T.say text="$A"/></plan>'), kernel, inputs={"A": 7}).value == 7


async def test_where_an_event_loop_runs_the_way_out_is_told() -> None:
    """Such as in a notebook."""
    with pytest.raises(RuntimeError, match=r"an event loop runs here already: write `await run\(\.\.\.\)`"):
        run_sync(parse("<plan/>"), Kernel())


async def test_a_failing_step_before_its_call_is_told_without_a_start(execute: Execute) -> None:
    events: list[Event] = []
    await execute('<function.T.say text="$A.b"/>', say, inputs={"A": {}}, listen=events.append)
    assert told(events) == ["RunStarted", "StepFailed 1", "RunFinished"]
    failed = events[1]
    assert isinstance(failed, StepFailed)
    assert failed.error == "the argument 'text': cannot follow '.b': no field 'b' (it has: none)"
    assert failed.sources == {"text": '"$A.b" from input'}
