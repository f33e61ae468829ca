"""Stepping: one step, from its arguments to its record, in as many attempts as it may have."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from forethought.kernel.calling import reason_of
from forethought.kernel.errors import FunctionError, StoppedError
from forethought.kernel.functions import Output
from forethought.kernel.keys import step_place
from forethought.kernel.redacting import Redaction, is_secret_name

from .evaluation import Values, sources
from .events import Event, StepFailed, StepFinished, StepRetried, StepStarted, StepWaiting
from .holding import Approve, Held
from .holding import Call as Asked
from .preparation import Call
from .recording import Recording
from .result import StepRecord
from .retries import Retry
from .tracing import BlockSpan, Spans, StepSpan

__all__ = ["Done", "Stepping"]

Done = tuple[StepRecord, Exception | Held | None]
"""What became of a step, and where it failed, the exception behind it; or why it does not start."""


class _Trying(NamedTuple):
    """One step that is being carried out: its span, where there is one, when it started, and with what."""

    call: Call
    span: StepSpan | None
    started: float
    arguments: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepping:
    """How the steps of one run are carried out.

    `stopping` says whether the run itself is being cancelled, as opposed to something inside a function; `emit` is None
    where nobody listens, `recording` where there is no journal, `approve` where nobody has to agree, `spans` where
    nobody traces. `within` is where the run stands: its id, or the steps that it is part of.
    """

    run: str
    retry: Retry
    timeout: float | None
    stopping: Callable[[], bool]
    emit: Callable[[Event], None] | None
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[object]]
    random: Callable[[], float]
    spans: Spans | None
    recording: Recording | None = None
    approve: Approve | None = None
    within: tuple[str, ...] = ()

    async def perform(self, call: Call, values: Values, loop: BlockSpan | None = None) -> Done:
        """Carry out `call`; a failure is part of what is returned. Raises CancelledError where the run is cancelled.

        Its span lies inside of that of the loop that it is in.
        """
        if self.spans is None:
            return await self._attempts(call, values, None)
        with self.spans.step(call.id, call.scheduled.signature, loop) as span:
            return await self._attempts(call, values, span)

    async def _attempts(self, call: Call, values: Values, span: StepSpan | None) -> Done:
        arguments: dict[str, object] = {}
        trying = _Trying(call, span, self.clock(), arguments)
        attempt = 0
        failure: Exception | None = _fill(arguments, call, values)
        if span:
            span.called(arguments)
        if failure is None and self.approve:
            refused = await self._asked(self.approve, call, arguments)
            if refused == "waiting":
                return StepRecord(id=call.id, function=call.function, status="waiting", arguments=arguments), refused
            failure = refused
        while failure is None:
            attempt += 1
            if self.emit:
                self.emit(StepStarted(self.run, self.clock(), call.id, call.function, arguments, attempt))
            step_place.set((*self.within, call.id))
            try:
                if self.recording and self.recording.held():
                    return self._not_started(call), "stopped"
                output = await (call.callee(arguments) if self.timeout is None else self._limited(call, arguments))
            except asyncio.CancelledError as error:
                failure = FunctionError(call.function, "it was cancelled from inside")
                failure.__cause__ = error
            except Exception as error:  # foreign code ran
                failure = error
            else:
                return self._succeeded(trying, attempt, output), None
            if self.stopping():
                raise asyncio.CancelledError
            if self.retry.allows(call.scheduled.signature, failure, attempt):
                await self._pause(trying, attempt, failure)
                failure = None
        return self._failed(trying, attempt, failure), failure

    async def _asked(
        self, approve: Approve, call: Call, arguments: Mapping[str, object]
    ) -> Exception | Literal["waiting"] | None:
        """Return why nobody agrees to a call; None where somebody does."""
        asked = Asked(run=self.run, step=call.id, signature=call.scheduled.signature, arguments=arguments)
        try:
            answer = approve(asked)
            agreed = await answer if inspect.isawaitable(answer) else answer
        except Exception as error:  # foreign code ran
            return error
        if agreed is None:
            if self.emit:
                self.emit(StepWaiting(self.run, self.clock(), call.id, call.function, arguments, asked.hash))
            return "waiting"
        return None if agreed else FunctionError(call.function, "nobody agreed to it")

    def _not_started(self, call: Call) -> StepRecord:
        return StepRecord(id=call.id, function=call.function, status="not_started", arguments={})

    async def _limited(self, call: Call, arguments: Mapping[str, object]) -> Output:
        limit = asyncio.timeout(self.timeout)
        try:
            async with limit:
                return await call.callee(arguments)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise StoppedError(call.function, f"it took longer than {self.timeout:g} seconds") from error

    async def _pause(self, trying: _Trying, attempt: int, failure: Exception) -> None:
        call, span = trying.call, trying.span
        wait = self.retry.wait(attempt, self.random)
        if span:
            span.retried(failure)
        if self.emit:
            reason = _reason(failure, trying)
            self.emit(StepRetried(self.run, self.clock(), call.id, call.function, attempt, reason, wait))
        await self.sleep(wait)

    def _succeeded(self, trying: _Trying, attempts: int, output: Output) -> StepRecord:
        call, span, started, arguments = trying
        ended = self.clock()
        if span:
            span.finished(output.value)
        if self.emit:
            self.emit(StepFinished(self.run, ended, call.id, call.function, output.value, output.usage))
        return StepRecord(
            id=call.id,
            function=call.function,
            status="succeeded",
            started=started,
            ended=ended,
            attempts=attempts,
            arguments=arguments,
            output=output.value,
            usage=output.usage,
        )

    def _failed(self, trying: _Trying, attempts: int, failure: Exception) -> StepRecord:
        call, span, started, arguments = trying
        ended = self.clock()
        reason = _reason(failure, trying)
        if span:
            span.failed(failure)
        if self.emit:
            origins = sources(call.scheduled.bindings)
            stopped = isinstance(failure, StoppedError)
            self.emit(StepFailed(self.run, ended, call.id, call.function, reason, origins, stopped))
        return StepRecord(
            id=call.id,
            function=call.function,
            status="failed",
            started=started,
            ended=ended,
            attempts=attempts,
            arguments=arguments,
            error=reason,
        )


def _fill(arguments: dict[str, object], call: Call, values: Values) -> FunctionError | None:
    """Fetch the arguments of `call`; return why one of them has no value."""
    name = ""
    try:
        for name, fetch in call.arguments:
            arguments[name] = values[fetch] if isinstance(fetch, int) else fetch(values)
    except Exception as error:  # reading a value can run code of its class
        failure = FunctionError(call.function, f"the argument '{name}': {reason_of(error)}")
        failure.__cause__ = error
        return failure
    return None


def _reason(failure: Exception, trying: _Trying) -> str:
    """Return why a step failed, without the secrets that it was given."""
    redaction, signature = Redaction(), trying.call.scheduled.signature
    secret = [each.name for each in signature.parameters if each.secret or is_secret_name(each.name)]
    redaction.learn([trying.arguments[name] for name in secret if name in trying.arguments])
    return redaction.text(failure.reason if isinstance(failure, FunctionError) else reason_of(failure))
