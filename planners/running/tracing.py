"""Tracing: OpenTelemetry spans, one a run, a block and a step, the last named as Semantic Kernel names its functions'.

Where nobody has set up a tracer provider, there are no spans, and OpenTelemetry is not even imported.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from forethought.kernel.errors import FunctionError
from forethought.kernel.functions import FunctionSignature
from forethought.kernel.redacting import HIDDEN, Redaction
from forethought.kernel.values import text
from forethought.planners.checking.bound import BoundPlan

from .secrecy import Secrecy

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span, Tracer

__all__ = ["SENSITIVE_SWITCH", "BlockSpan", "Spans", "StepSpan", "current_spans"]

SENSITIVE_SWITCH = "SEMANTICKERNEL_EXPERIMENTAL_GENAI_ENABLE_OTEL_DIAGNOSTICS_SENSITIVE"
"""Semantic Kernel's switch: only where this environment variable is true do spans hold arguments and results.

Secrets they never hold.
"""

_RUN = "execute_plan"
_STEP = "execute_tool"
_BLOCK = "execute_block"


class StepSpan:
    """The span of one step, in which its arguments, its output and its failures are noted."""

    __slots__ = ("_function", "_id", "_secrecy", "_sensitive", "_span")

    def __init__(self, span: Span, secrecy: Secrecy, id: str, function: str, *, sensitive: bool) -> None:
        self._span = span
        self._secrecy = secrecy
        self._id = id
        self._function = function
        self._sensitive = sensitive

    def called(self, arguments: Mapping[str, object]) -> None:
        """Note the arguments, where they may be seen."""
        secrecy, function = self._secrecy, self._function
        secrecy.called(function, arguments)
        if self._sensitive:
            seen = {name: HIDDEN if secrecy.argument(function, name) else each for name, each in arguments.items()}
            self._span.set_attribute("gen_ai.tool.call.arguments", secrecy.redaction.text(_shown(seen)))

    def finished(self, output: object) -> None:
        """Note the output, where it may be seen."""
        secrecy = self._secrecy
        secrecy.gave(self._id, output)
        if self._sensitive:
            seen = HIDDEN if secrecy.output(self._id) else secrecy.redaction.text(_shown(output))
            self._span.set_attribute("gen_ai.tool.call.result", seen)

    def retried(self, error: BaseException) -> None:
        """Note a failure after which the step is tried again."""
        _record(self._span, _cause(error), self._secrecy)

    def failed(self, error: BaseException) -> None:
        """Note the failure that ends the step."""
        _note_failure(self._span, error, self._secrecy)


class BlockSpan:
    """The span of one block, from when it is decided or begun to when it ends; what runs in a loop lies inside."""

    __slots__ = ("_secrecy", "span")

    def __init__(self, span: Span, secrecy: Secrecy) -> None:
        self.span = span
        self._secrecy = secrecy

    def finished(self, output: bool | int) -> None:
        """Note whether the test held, or the number of rounds, and end."""
        self.span.set_attribute("forethought.block.output", output)
        self.span.end()

    def failed(self, error: BaseException) -> None:
        """Note the failure, and end."""
        _note_failure(self.span, error, self._secrecy)
        self.span.end()

    def broken_off(self) -> None:
        """End, without an output."""
        self.span.end()


class Spans:
    """Makes the spans of one run."""

    __slots__ = ("_secrecy", "_sensitive", "_tracer")

    def __init__(self, tracer: Tracer, *, sensitive: bool) -> None:
        self._tracer = tracer
        self._sensitive = sensitive
        self._secrecy = Secrecy(Redaction())

    @contextmanager
    def run(self, run: str, steps: int, plan: BoundPlan, given: Mapping[str, object]) -> Generator[RunSpan]:
        """Open the span of a run; the spans of its steps lie inside."""
        self._secrecy.begin(plan, given)
        attributes: dict[str, str | int] = {
            "gen_ai.operation.name": _RUN,
            "forethought.run.id": run,
            "forethought.run.steps": steps,
        }
        with self._tracer.start_as_current_span(_RUN, attributes=attributes) as span:
            yield RunSpan(span, self._secrecy)

    @contextmanager
    def step(self, id: str, signature: FunctionSignature, loop: BlockSpan | None = None) -> Generator[StepSpan]:
        """Open the span of a step, inside of that of the loop that it is in."""
        name = f"{signature.plugin}-{signature.name}" if signature.plugin else signature.name
        attributes = {"gen_ai.operation.name": _STEP, "gen_ai.tool.name": name, "forethought.step.id": id}
        if signature.description:
            attributes["gen_ai.tool.description"] = signature.description
        context = _inside(loop)
        with self._tracer.start_as_current_span(f"{_STEP} {name}", context=context, attributes=attributes) as span:
            yield StepSpan(span, self._secrecy, id, signature.full_name, sensitive=self._sensitive)

    def block(self, id: str, kind: str, loop: BlockSpan | None = None) -> BlockSpan:
        """Start the span of a block, inside of that of the loop that it is in."""
        attributes = {"gen_ai.operation.name": _BLOCK, "forethought.step.id": id, "forethought.block.kind": kind}
        span = self._tracer.start_span(f"{_BLOCK} {kind}", context=_inside(loop), attributes=attributes)
        return BlockSpan(span, self._secrecy)


class RunSpan:
    """The span of one run."""

    __slots__ = ("_secrecy", "_span")

    def __init__(self, span: Span, secrecy: Secrecy) -> None:
        self._span = span
        self._secrecy = secrecy

    def finished(self, status: str, cause: BaseException | None) -> None:
        """Note how the run ended."""
        self._span.set_attribute("forethought.run.status", status)
        if cause is not None:
            _note_failure(self._span, cause, self._secrecy)


def current_spans() -> Spans | None:
    """Return what makes spans, or None where nobody has set up a tracer provider."""
    if "opentelemetry.trace" not in sys.modules and "OTEL_PYTHON_TRACER_PROVIDER" not in os.environ:
        return None
    from opentelemetry import trace

    provider = trace.get_tracer_provider()
    if isinstance(provider, trace.ProxyTracerProvider | trace.NoOpTracerProvider):
        return None
    sensitive = os.environ.get(SENSITIVE_SWITCH, "").strip().lower() in ("1", "true", "yes", "on", "t", "y")
    return Spans(provider.get_tracer("forethought"), sensitive=sensitive)


def _inside(loop: BlockSpan | None) -> Context | None:
    """Return the context in which a span lies inside of that of a loop; None for the one that holds."""
    if loop is None:
        return None
    from opentelemetry.trace import set_span_in_context

    return set_span_in_context(loop.span)


def _note_failure(span: Span, error: BaseException, secrecy: Secrecy) -> None:
    from opentelemetry.trace import StatusCode

    cause = _cause(error)
    _record(span, cause, secrecy)
    span.set_attribute("error.type", type(cause).__name__)
    span.set_status(StatusCode.ERROR, description=secrecy.redaction.text(str(cause)))


def _record(span: Span, cause: BaseException, secrecy: Secrecy) -> None:
    hide, trace = secrecy.redaction.text, "".join(traceback.format_exception(cause))
    span.record_exception(cause, {"exception.message": hide(str(cause)), "exception.stacktrace": hide(trace)})


def _shown(value: object) -> str:
    try:
        return text(value)
    except Exception as error:  # a value of foreign code that is no data: a trace shows why, and harms nobody
        return f"<{type(value).__name__}: {error}>"


def _cause(error: BaseException) -> BaseException:
    return (error.__cause__ or error) if isinstance(error, FunctionError) else error
