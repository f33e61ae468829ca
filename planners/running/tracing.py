"""Tracing: OpenTelemetry spans, one a run and one a step, named as Semantic Kernel names those of its functions.

Where nobody has set up a tracer provider, there are no spans, and OpenTelemetry is not even imported.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from forethought.kernel.errors import FunctionError
from forethought.kernel.functions import FunctionSignature
from forethought.kernel.values import text

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

__all__ = ["SENSITIVE_SWITCH", "Spans", "StepSpan", "current_spans"]

SENSITIVE_SWITCH = "SEMANTICKERNEL_EXPERIMENTAL_GENAI_ENABLE_OTEL_DIAGNOSTICS_SENSITIVE"
"""Semantic Kernel's switch: only where this environment variable is true do spans hold arguments and results."""

_RUN = "execute_plan"
_STEP = "execute_tool"


class StepSpan:
    """The span of one step, in which its arguments, its output and its failures are noted."""

    __slots__ = ("_sensitive", "_span")

    def __init__(self, span: Span, *, sensitive: bool) -> None:
        self._span = span
        self._sensitive = sensitive

    def called(self, arguments: Mapping[str, object]) -> None:
        """Note the arguments, where they may be seen."""
        if self._sensitive:
            self._span.set_attribute("gen_ai.tool.call.arguments", _shown(arguments))

    def finished(self, output: object) -> None:
        """Note the output, where it may be seen."""
        if self._sensitive:
            self._span.set_attribute("gen_ai.tool.call.result", _shown(output))

    def retried(self, error: BaseException) -> None:
        """Note a failure after which the step is tried again."""
        self._span.record_exception(_cause(error))

    def failed(self, error: BaseException) -> None:
        """Note the failure that ends the step."""
        _note_failure(self._span, error)


class Spans:
    """Makes the spans of one run."""

    __slots__ = ("_sensitive", "_tracer")

    def __init__(self, tracer: Tracer, *, sensitive: bool) -> None:
        self._tracer = tracer
        self._sensitive = sensitive

    @contextmanager
    def run(self, run: str, steps: int) -> Generator[RunSpan]:
        """Open the span of a run; the spans of its steps lie inside."""
        attributes: dict[str, str | int] = {
            "gen_ai.operation.name": _RUN,
            "forethought.run.id": run,
            "forethought.run.steps": steps,
        }
        with self._tracer.start_as_current_span(_RUN, attributes=attributes) as span:
            yield RunSpan(span)

    @contextmanager
    def step(self, id: str, signature: FunctionSignature) -> Generator[StepSpan]:
        """Open the span of a step."""
        name = f"{signature.plugin}-{signature.name}" if signature.plugin else signature.name
        attributes = {"gen_ai.operation.name": _STEP, "gen_ai.tool.name": name, "forethought.step.id": id}
        if signature.description:
            attributes["gen_ai.tool.description"] = signature.description
        with self._tracer.start_as_current_span(f"{_STEP} {name}", attributes=attributes) as span:
            yield StepSpan(span, sensitive=self._sensitive)


class RunSpan:
    """The span of one run."""

    __slots__ = ("_span",)

    def __init__(self, span: Span) -> None:
        self._span = span

    def finished(self, status: str, cause: BaseException | None) -> None:
        """Note how the run ended."""
        self._span.set_attribute("forethought.run.status", status)
        if cause is not None:
            _note_failure(self._span, cause)


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


def _note_failure(span: Span, error: BaseException) -> None:
    from opentelemetry.trace import StatusCode

    cause = _cause(error)
    span.record_exception(cause)
    span.set_attribute("error.type", type(cause).__name__)
    span.set_status(StatusCode.ERROR, description=str(cause))


def _shown(value: object) -> str:
    try:
        return text(value)
    except Exception as error:  # a value of foreign code that is no data: a trace shows why, and harms nobody
        return f"<{type(value).__name__}: {error}>"


def _cause(error: BaseException) -> BaseException:
    return (error.__cause__ or error) if isinstance(error, FunctionError) else error
