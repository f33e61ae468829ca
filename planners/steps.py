"""Steps: one goal that is being reached, one step after the other; each is asked for, checked, agreed to, and run."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from forethought.kernel.errors import ForethoughtError
from forethought.kernel.functions import Usage
from forethought.kernel.models.chat import Completion, Message
from forethought.kernel.models.fallback import Fall
from forethought.kernel.problems import Problem
from forethought.prompts import fill

from .answering import marked, rendered, said_in, unanswerable, with_thought
from .asking import Attempt, read_answer
from .language.nodes import Plan
from .language.templates import parse_template
from .planning import Offer, why_none
from .replanning import Ending, secrecy_of, told_step
from .running.patch import Agree, Patch
from .running.result import RunResult, RunStatus
from .running.salvage import salvage
from .scheduling.scheduling import schedule

__all__ = ["GoOn", "Limits", "Steps", "StepwiseResult"]

_MOST_FAILED = 20
"""The last failures that a model is told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepwiseResult:
    """What came of a goal: `run` is the record of all that was done, and its plan can be saved and run again.

    `answer` is what the model says at the end, with the values of its variables; `value` is what functions gave. Where
    the goal was not reached, `reason` says why in one sentence. `attempts` are all answers of the model, `usage` is
    what they cost, besides that of the run.
    """

    goal: str
    run: RunResult
    answer: str
    reason: str
    attempts: tuple[Attempt, ...]
    usage: Usage
    falls: tuple[Fall, ...] = ()

    @property
    def ok(self) -> bool:
        """True when the goal was reached."""
        return not self.reason

    @property
    def plan(self) -> Plan:
        """The steps that were taken, as a plan."""
        return self.run.plan

    @property
    def value(self) -> object:
        """The value of that plan."""
        return self.run.value


class GoOn(Protocol):
    """Runs what is new in a patch."""

    def __call__(self, patch: Patch, *, quiet: bool = False) -> Awaitable[RunResult]: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How many steps may be taken, for how many seconds, for how many tokens of all models together."""

    steps: int
    seconds: float | None
    tokens: int | None
    clock: Callable[[], float]

    def reached(self, since: float, usage: Usage) -> str:
        """Say which limit is reached, but for that of steps; empty for none."""
        if self.seconds is not None and self.clock() - since >= self.seconds:
            return f"the goal was not reached in {self.seconds:g} seconds"
        if self.tokens is not None and usage.prompt_tokens + usage.completion_tokens >= self.tokens:
            return f"the goal was not reached with {self.tokens:,} tokens"
        return ""


class Steps:
    """One goal that is being reached."""

    def __init__(
        self,
        offer: Offer,
        start: RunResult,
        limits: Limits,
        stop: asyncio.Event,
        *,
        agree: Agree | None,
        go_on: GoOn,
    ) -> None:
        self._offer = offer
        self._skills = offer.kernel.skills
        self._limits = limits
        self._stop = stop
        self._agree = agree
        self._go_on = go_on
        self._run = start
        self._answer: str | None = None
        self._since = limits.clock()
        self._failed = self._failures()
        self._attempts: list[Attempt] = []
        self._falls: list[Fall] = []

    def broken_off(self) -> RunResult:
        """Return what was done, where nothing more will be."""
        return dataclasses.replace(self._run, status="cancelled", value=None, error="it was broken off")

    async def take(self, open_: Patch | None = None) -> StepwiseResult:
        """Take steps until there is an answer, or a reason for none; what is `open_` first."""
        taken = 0
        if self._offer.lack:
            return await self._result(self._offer.lack)
        if open_:
            await self._go_on_with(open_)
        while True:
            if reason := self._limit():
                return await self._result(reason)
            try:
                reason = await self._step(self._limits.steps - taken)
            except ForethoughtError as error:  # a model does not answer, or a function cannot be loaded
                if not taken:
                    raise
                reason = str(error)
            if reason or self._answer is not None:
                return await self._result(reason)
            taken += 1

    async def _step(self, left: int) -> str:
        """Take one step, or find the answer; return why neither was possible."""
        ending = self._ending()
        failed = {"failed": self._failed[-_MOST_FAILED:], "forgotten": max(0, len(self._failed) - _MOST_FAILED)}
        told = {"goal": self._offer.goal, "left": left, **failed, **ending.told(failed=False)}
        question = Message("user", fill("next", **told))
        self._answer = None
        thought = ""

        def read(completion: Completion) -> Attempt:
            nonlocal thought
            self._answer, thought = said_in(completion.text)
            if self._answer is None:
                return read_answer(completion, finish)
            return Attempt(
                completion.text,
                Plan(),
                tuple(unanswerable(self._answer, ending.nodes, ending.variables)),
                completion.usage,
            )

        def finish(tail: Plan) -> tuple[Plan, Sequence[Problem]]:
            if tail.impossible:
                return tail, ()
            plan = ending.joined(with_thought(tail, thought))
            found = self._offer.check(plan, self._run.given)
            return plan, (*ending.of_tail(found), *ending.repeated(plan), *_too_many(tail, left))

        plain = Message("user", fill("goal", goal=self._offer.goal, variables=list(self._run.given)))
        asked, _ = await self._offer.ask(
            "step", [question], ending.variables, finish, read=read, done=ending.calls, plainly=[plain]
        )
        self._attempts += asked.attempts
        self._falls += asked.falls
        last = asked.attempts[-1]
        if self._answer is not None:
            why = "the model's answer names what is not there"
            return "" if last.ok else why if ending.nodes else "the model answers before anything was called"
        if not left:
            return f"the goal was not reached in {self._limits.steps} step{'' if self._limits.steps == 1 else 's'}"
        if reason := why_none(asked) or self._limit():
            return reason
        patch = ending.patch(last.plan)
        if refused := await self._refused(patch):
            return refused
        await self._go_on_with(patch)
        return ""

    async def _go_on_with(self, patch: Patch) -> None:
        self._run = await self._go_on(patch)
        self._failed += self._failures()

    def _failures(self) -> list[str]:
        secrecy = secrecy_of(self._run, self._skills)
        return [told_step(each, None, secrecy) for each in self._run.steps if each.status == "failed"]

    def _ending(self) -> Ending:
        return Ending(self._run, salvage(self._run, self._skills), self._skills, self._offer.choice().candidates)

    def _limit(self) -> str:
        """Say why no further step may begin; empty where one may."""
        if self._stop.is_set():
            return "it was asked to stop"
        return self._limits.reached(self._since, self._spent() + self._run.usage)

    def _spent(self) -> Usage:
        return sum((each.usage for each in self._attempts), Usage())

    async def _refused(self, patch: Patch) -> str:
        """Say why the next step may not run; empty where it may."""
        assert patch.plan
        steps = schedule(patch.plan, self._skills, variables=self._run.given).steps
        step = next((each for each in steps if each.signature.has_effects and patch.is_new(each.id)), None)
        if step is None:
            return ""
        if self._agree is not None:
            agreed = self._agree(patch)
            if await agreed if inspect.isawaitable(agreed) else agreed:
                return ""
        return f"step {step.id}, {step.signature.full_name}, has effects, and nobody agreed to it"

    async def _result(self, reason: str) -> StepwiseResult:
        """Return what was done: what has failed, or was not reached, is no part of its plan."""
        ending, answer = self._ending(), self._answer or ""
        done = self._run
        if ending.nodes:
            nodes = marked(ending.named(each.name for each in parse_template(answer).references), answer)
            plan = dataclasses.replace(done.plan, steps=nodes)
            done = await self._go_on(ending.patch(plan), quiet=True)
        if reason:
            status: RunStatus = "cancelled" if self._stop.is_set() else "failed"
            done = dataclasses.replace(done, status=status, value=None, error=reason)
        return StepwiseResult(
            goal=self._offer.goal,
            run=done,
            answer=rendered(answer, done.variables),
            reason=reason,
            attempts=tuple(self._attempts),
            usage=self._spent(),
            falls=tuple(self._falls),
        )


def _too_many(tail: Plan, left: int) -> Iterator[Problem]:
    if not left:
        yield Problem(code="too-many-steps", message="no further call may be made", hint="answer with what there is")
    if len(tail.steps) > 1:
        message = f"one call, or one block, is made at a time, and these are {len(tail.steps)}"
        yield Problem(code="not-one-step", message=message, hint="write the first one alone")
