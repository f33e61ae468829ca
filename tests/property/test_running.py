"""A plan runs as it reads: whatever runs in parallel, the outcome equals step-by-step execution in document order."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from forethought.kernel import Kernel, skill
from forethought.planners import Plan, Step, run, schedule
from forethought.planners.language.nodes import Argument, FunctionName
from forethought.planners.running.events import (
    Event,
    RunFinished,
    StepCancelled,
    StepFailed,
    StepFinished,
    StepStarted,
)
from forethought.planners.running.retries import Retry
from forethought.planners.running.runner import run_sync

RESOURCES = ("ink", "mail", "paper")
VARIABLES = ("A", "B", "C")

State = dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """Everything that a run leaves behind, but for its times and its id."""

    value: object
    results: dict[str, object]
    variables: dict[str, object]
    origins: dict[str, str]
    outputs: list[object]
    state: State


def touching(state: State, name: str, effect: str | None, reads: tuple[str, ...], writes: tuple[str, ...]) -> object:
    """A function that reads and writes just these resources, and lets others run before, between and after."""

    @skill(name=name, effect=effect)
    async def touch(input: str, tag: str, pauses: list[int], fails: bool = False) -> str:
        before, between, after = pauses
        for _ in range(before):
            await asyncio.sleep(0)
        seen = [state[each] for each in (*reads, *writes)]
        digest = sha256(repr((tag, input, seen)).encode()).hexdigest()[:6]
        for _ in range(between):
            await asyncio.sleep(0)
        if fails:
            raise RuntimeError(f"{tag} fails")
        for each in writes:
            state[each] = f"{digest} after {state[each][:6]}"
        for _ in range(after):
            await asyncio.sleep(0)
        return digest

    return touch


def _kinds() -> dict[str, tuple[str | None, tuple[str, ...], tuple[str, ...]]]:
    """Every kind of effect by the function's name: how it is declared, what it reads, what it writes."""
    kinds: dict[str, tuple[str | None, tuple[str, ...], tuple[str, ...]]] = {
        "pure": ("pure", (), ()),
        "survey": ("reads:*", RESOURCES, ()),
        "anything": (None, RESOURCES, RESOURCES),
    }
    for one, other in zip(RESOURCES, RESOURCES[1:] + RESOURCES[:1], strict=True):
        kinds[f"read_{one}"] = (f"reads:{one}", (one,), ())
        kinds[f"write_{one}"] = (f"writes:{one}", (), (one,))
        kinds[f"read_both_{one}"] = (f"reads:{one},{other}", (one, other), ())
        kinds[f"copy_{one}"] = (f"reads:{one} writes:{other}", (one,), (other,))
        kinds[f"write_both_{one}"] = (f"writes:{one},{other}", (), (one, other))
    return kinds


KINDS = _kinds()


@st.composite
def plans(draw: st.DrawFn, *, failing: bool = False) -> Plan:
    """Plans without errors: steps of any effect, with values from before or from nowhere; some may fail as they run."""
    known: list[str] = ["INPUT"]
    steps: list[Step] = []
    for number in range(draw(st.integers(1, 14))):
        pauses = draw(st.lists(st.integers(0, 4), min_size=3, max_size=3))
        arguments = [Argument("tag", str(number)), Argument("pauses", str(pauses))]
        if failing and draw(st.integers(0, 5)) == 0:
            arguments.append(Argument("fails", "true"))
        values = st.sampled_from(known).flatmap(
            lambda name: st.sampled_from([f"${name}", f"${name} and ${{{known[0]}}}", "text"])
        )
        written = draw(st.none() | values)
        if written is not None:
            arguments.append(Argument("input", written))
        sets = draw(st.none() | st.sampled_from(VARIABLES))
        appends = draw(st.none() | st.sampled_from(["R", "S"]))
        name = FunctionName(f"W.{draw(st.sampled_from(sorted(KINDS)))}")
        steps.append(Step(name, tuple(arguments), sets=sets, appends=appends))
        if sets:
            known.append(sets)
    return Plan(goal="any", steps=tuple(steps))


def ground(state: State) -> Kernel:
    kernel = Kernel()
    for name, kind in KINDS.items():
        kernel.add_functions(touching(state, name, *kind), "W")
    return kernel


def carried_out(plan: Plan, concurrency: int, heard: list[Event] | None = None) -> Outcome:
    state: State = dict.fromkeys(RESOURCES, "new")
    listen: Callable[[Event], None] | tuple[()] = heard.append if heard is not None else ()
    result = run_sync(plan, ground(state), inputs={"INPUT": "in"}, concurrency=concurrency, listen=listen)
    assert result.ok, result.error
    return Outcome(
        result.value,
        dict(result.results),
        dict(result.variables),
        {name: str(result.variables.variable(name).origin) for name in result.variables},
        [step.output for step in result.steps],
        state,
    )


@given(plans())
def test_the_parallel_outcome_is_the_sequential_one(plan: Plan) -> None:
    events: list[Event] = []
    one_by_one = carried_out(plan, 1, events)
    started = [event.step for event in events if isinstance(event, StepStarted)]
    assert started == [str(number) for number in range(1, len(plan.steps) + 1)]
    for concurrency in (2, 3, 32):
        assert carried_out(plan, concurrency) == one_by_one


@given(plans())
def test_running_again_gives_the_same_outcome(plan: Plan) -> None:
    assert carried_out(plan, 32) == carried_out(plan, 32)


@given(plans(failing=True), st.sampled_from([1, 3, 32]))
def test_after_a_failure_nothing_starts_and_what_runs_is_finished(plan: Plan, concurrency: int) -> None:
    kernel = ground(dict.fromkeys(RESOURCES, "new"))
    events: list[Event] = []
    no_retry = Retry(times=0)
    result = run_sync(
        plan, kernel, inputs={"INPUT": "in"}, concurrency=concurrency, listen=events.append, retry=no_retry
    )
    kinds = [type(event) for event in events]
    if StepFailed in kinds:
        assert StepStarted not in kinds[kinds.index(StepFailed) :]
    assert result.ok == (StepFailed not in kinds)
    started = [event.step for event in events if isinstance(event, StepStarted)]
    ended = [event.step for event in events if isinstance(event, StepFinished | StepFailed)]
    assert sorted(started) == sorted(ended)
    done = {step.id for step in result.steps if step.status == "succeeded"}
    for step in schedule(plan, kernel.skills, variables=["INPUT"]).steps:
        if step.id in started:
            assert done.issuperset(step.after)
        else:
            assert not result.ok


@given(plans(), st.integers(0, 30))
def test_a_run_cancelled_at_any_moment_leaves_no_task_and_no_step_without_an_end(plan: Plan, moment: int) -> None:
    kernel = ground(dict.fromkeys(RESOURCES, "new"))
    events: list[Event] = []

    async def cancel() -> bool:
        task = asyncio.ensure_future(run(plan, kernel, inputs={"INPUT": "in"}, listen=events.append))
        for _ in range(moment):
            await asyncio.sleep(0)
        cancelled = task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return cancelled and task.cancelled()

    cancelled = asyncio.run(cancel())
    if not events:
        return  # cancelled before it began
    last = events[-1]
    assert isinstance(last, RunFinished)
    assert last.status == ("cancelled" if cancelled else "succeeded")
    started = [event.step for event in events if isinstance(event, StepStarted)]
    ended = [event.step for event in events if isinstance(event, StepFinished | StepCancelled)]
    assert sorted(started) == sorted(ended)
