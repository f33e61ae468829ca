"""A run whose process dies at any moment, resumed until it ends, comes to what it would have come to in one go.

What is not yet written when the process dies is lost. Every effect happens once: what is in doubt is settled by what
really happened.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from forethought.kernel import Kernel, skill
from forethought.planners import Journal, RunResult, parse, resume, run
from forethought.planners.journaling.resuming import doubts
from forethought.planners.language.nodes import Plan
from forethought.planners.running.events import Event, StepFinished

from .test_continuing import ONCE, Cut, fresh, ground
from .test_running_blocks import GIVEN, State, plans


class Death(BaseException):
    """The process is gone."""


class Dying(Journal):
    """A journal whose process dies at one of its events; `outputs` is what steps gave, written or not."""

    def __init__(self, path: Path, at: int | None) -> None:
        super().__init__(path)
        self.outputs: dict[str, object] = {}
        self._left = at
        self._dead = False

    def __call__(self, event: Event, /) -> None:
        if self._dead:
            return
        if isinstance(event, StepFinished):
            self.outputs[event.step] = event.output
        if self._left == 0:
            self._dead = True
            self._pending.clear()  # what is not written is lost
            for each in [*self._runs]:
                self._leave(each)  # as the system gives back the locks of a process that is gone
            raise Death
        self._left = None if self._left is None else self._left - 1
        super().__call__(event)


def told(result: RunResult, state: State) -> tuple[object, ...]:
    outputs = [(each.id, each.function, each.status, each.output) for each in result.steps]
    variables = [result.variables.variable(name) for name in result.variables]
    return result.status, result.value, dict(result.results), variables, outputs, state


def in_one_go(plan: Plan) -> tuple[object, ...]:
    state = fresh()
    return told(asyncio.run(run(plan, ground(state, Cut()), inputs=GIVEN, retry=ONCE)), state)


def until_it_ends(plan: Plan, deaths: list[int], concurrency: int, path: Path) -> tuple[object, ...]:
    state, outputs = fresh(), dict[str, object]()
    kernel = ground(state, Cut())
    for at in [*deaths, None]:
        journal = Dying(path, at)
        begun = bool(journal.runs())
        if begun:
            for past in doubts(journal.history("run"), kernel.skills):
                kind: Literal["done", "redo"] = "done" if past.id in outputs else "redo"
                journal.settle_step("run", past, kind, output=outputs.get(past.id))
        going = (
            resume("run", kernel, journal=journal, retry=ONCE, concurrency=concurrency)
            if begun
            else run(
                plan, kernel, inputs=GIVEN, journal=journal, retry=ONCE, concurrency=concurrency, ids=lambda: "run"
            )
        )
        try:
            return told(asyncio.run(going), state)
        except (Death, BaseExceptionGroup):
            outputs |= journal.outputs
        finally:
            journal.close()
    raise AssertionError("it did not end")


@settings(max_examples=60, deadline=None)
@given(plans(), st.lists(st.integers(0, 25), max_size=3), st.sampled_from([1, 2, 32]))
def test_a_run_that_dies_and_is_resumed_comes_to_what_one_run_does(
    plan: Plan, deaths: list[int], concurrency: int
) -> None:
    """And no output is taken for that of another step."""
    with tempfile.TemporaryDirectory() as folder:
        assert until_it_ends(plan, deaths, concurrency, Path(folder) / "runs.db") == in_one_go(plan)


def branches(count: int) -> Plan:
    """Return calls of one function side by side, each with another one after it."""
    first = [f'<function.W.echo input="{at}" setContextVariable="A{at}"/>' for at in range(count)]
    second = [f'<function.W.echo input="$A{at} again" setContextVariable="B{at}"/>' for at in range(count)]
    return parse(f"<plan>{''.join([*first, *second])}</plan>")


def slowly(pauses: Iterator[int]) -> Kernel:
    """Return a kernel whose function takes as many turns as comes next: each call, also of one step, another number."""

    @skill(effect="reads:world")
    async def echo(input: str) -> str:
        for _ in range(next(pauses)):
            await asyncio.sleep(0)
        return f"<{input}>"

    kernel = Kernel()
    kernel.add_functions(echo, "W")
    return kernel


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 8),
    st.lists(st.integers(0, 30), max_size=4),
    st.lists(st.integers(0, 7), min_size=1, max_size=40),
    st.sampled_from([2, 5, 32]),
)
def test_outputs_of_parallel_calls_of_one_function_never_swap(
    count: int, deaths: list[int], pauses: list[int], concurrency: int
) -> None:
    """Whatever the order in which they finish, before the process dies and after."""
    kernel = slowly(itertools.cycle(pauses))
    with tempfile.TemporaryDirectory() as folder:
        for at in [*deaths, None]:
            journal = Dying(Path(folder) / "runs.db", at)
            try:
                if journal.runs():
                    result = asyncio.run(resume("run", kernel, journal=journal, concurrency=concurrency))
                else:
                    plan = branches(count)
                    result = asyncio.run(run(plan, kernel, journal=journal, concurrency=concurrency, ids=lambda: "run"))
            except (Death, BaseExceptionGroup):
                continue
            finally:
                journal.close()
            for each in range(count):
                assert result.variables[f"A{each}"] == f"<{each}>"
                assert result.variables[f"B{each}"] == f"<<{each}> again>"
