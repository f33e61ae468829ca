"""A run that is cut at any moment and continued comes to what it would have come to in one go."""

from __future__ import annotations

import asyncio
import contextlib

from hypothesis import given
from hypothesis import strategies as st

from forethought.kernel import Kernel, skill
from forethought.kernel.testing import ScriptedModel
from forethought.planners import RunResult, run
from forethought.planners.language.nodes import Plan
from forethought.planners.running.events import Event, RunFinished, RunStarted, StepFinished, StepStarted
from forethought.planners.running.result import StepRecord
from forethought.planners.running.retries import Retry

from .test_running_blocks import GIVEN, KINDS, RESOURCES, State, leave, plans, touched

ONCE = Retry(times=0)


class Cut:
    """Makes one of the calls fail, counted from 1."""

    def __init__(self, at: int = 0) -> None:
        self.at = at
        self.calls = 0

    def call(self) -> None:
        self.calls += 1
        if self.calls == self.at:
            raise RuntimeError("cut")


def ground(state: State, cut: Cut, model: ScriptedModel | None = None) -> Kernel:
    """Functions that change the state last of all: one that fails or is cancelled has changed nothing."""
    kernel = Kernel(model=model)
    for kind in KINDS:
        kernel.add_functions(touching(state, kind, cut), "W")
    return kernel


def touching(state: State, kind: str, cut: Cut) -> object:
    @skill(name=kind, effect=KINDS[kind][0])
    async def touch(input: object, tag: str, pauses: list[int]) -> str:
        before, between, _ = pauses
        for _ in range(before):
            await asyncio.sleep(0)
        cut.call()
        digest = touched(state, kind, tag, input, "")
        for _ in range(between):
            await asyncio.sleep(0)
        leave(state, kind, digest)
        return digest

    return touch


def fresh() -> State:
    return dict.fromkeys(RESOURCES, "new")


def told(result: RunResult, state: State) -> tuple[object, ...]:
    """Everything that a run leaves behind, but for its times and its id."""
    records = [(each.id, each.function, each.status, each.output, each.attempts, each.note) for each in result.steps]
    variables = [result.variables.variable(name) for name in result.variables]
    return result.status, result.value, dict(result.results), variables, records, state


def in_one_go(plan: Plan) -> tuple[object, ...]:
    state = fresh()
    return told(asyncio.run(run(plan, ground(state, Cut()), inputs=GIVEN, retry=ONCE)), state)


def finished_ids(events: list[Event]) -> set[str]:
    return {event.step for event in events if isinstance(event, StepFinished)}


@given(plans(), st.lists(st.integers(1, 9), max_size=3), st.sampled_from([1, 2, 32]))
def test_a_run_that_fails_and_is_continued_comes_to_what_one_run_does(
    plan: Plan, cuts: list[int], concurrency: int
) -> None:
    state, records, done = fresh(), tuple[StepRecord, ...](), set[str]()

    def go_on(cut: Cut) -> RunResult:
        events.clear()
        going = run(
            plan,
            ground(state, cut),
            inputs=GIVEN,
            finished=records,
            concurrency=concurrency,
            retry=ONCE,
            listen=events.append,
        )
        result = asyncio.run(going)
        assert isinstance(events[0], RunStarted)
        assert {each.id for each in events[0].finished} == done
        assert not done & {event.step for event in events if isinstance(event, StepStarted)}
        now = {each.id: each for each in result.steps}
        assert all(now[each.id] is each for each in events[0].finished)
        return result

    events: list[Event] = []
    for at in cuts:
        records = go_on(Cut(at)).steps
        done |= finished_ids(events)
    assert told(go_on(Cut()), state) == in_one_go(plan)


@given(plans(), st.integers(0, 40), st.sampled_from([1, 2, 32]))
def test_a_run_that_is_cancelled_and_continued_comes_to_what_one_run_does(
    plan: Plan, moment: int, concurrency: int
) -> None:
    state, events = fresh(), list[Event]()

    async def cut() -> None:
        task = asyncio.ensure_future(
            run(plan, ground(state, Cut()), inputs=GIVEN, concurrency=concurrency, retry=ONCE, listen=events.append)
        )
        for _ in range(moment):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(cut())
    ended = events[-1].result if events and isinstance(events[-1], RunFinished) else None
    again: list[Event] = []
    result = asyncio.run(
        run(
            plan,
            ground(state, Cut()),
            inputs=GIVEN,
            finished=ended.steps if ended else (),
            retry=ONCE,
            listen=again.append,
        )
    )
    assert not finished_ids(events) & finished_ids(again)
    assert told(result, state) == in_one_go(plan)
