"""Spans: one a run, one a step, named as Semantic Kernel names its own, and only where somebody traces."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from forethought.kernel import skill
from forethought.planners import RunResult
from forethought.planners.running.tracing import SENSITIVE_SWITCH, current_spans

Execute = Callable[..., Awaitable[RunResult]]


@skill(effect="pure", quick=True, description="Say it.")
def say(text: object) -> object:
    return text


@skill(effect="writes:x")
async def fail(input: str) -> str:
    raise ConnectionRefusedError("nobody listens")


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """All spans that end, of a provider that is there for one test."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    monkeypatch.delenv(SENSITIVE_SWITCH, raising=False)
    yield exporter
    provider.shutdown()


def by_name(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def test_without_a_tracer_provider_there_are_no_spans() -> None:
    assert current_spans() is None


async def test_a_run_has_a_span_and_each_step_one_inside_it(execute: Execute, spans: InMemorySpanExporter) -> None:
    await execute('<function.T.say text="x"/><function.T.say text="y"/>', say, ids=lambda: "run-1")
    *steps, whole = sorted(spans.get_finished_spans(), key=lambda span: span.end_time or 0)
    assert whole.name == "execute_plan"
    assert whole.attributes is not None
    assert dict(whole.attributes) == {
        "gen_ai.operation.name": "execute_plan",
        "forethought.run.id": "run-1",
        "forethought.run.steps": 2,
        "forethought.run.status": "succeeded",
    }
    assert [span.name for span in steps] == ["execute_tool T-say", "execute_tool T-say"]
    for span in steps:
        assert span.parent is not None
        assert span.parent == whole.context
        assert span.attributes is not None
        assert dict(span.attributes) | {"forethought.step.id": ""} == {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "T-say",
            "gen_ai.tool.description": "Say it.",
            "forethought.step.id": "",
        }


async def test_a_failure_is_noted_on_the_step_and_on_the_run(execute: Execute, spans: InMemorySpanExporter) -> None:
    await execute('<function.T.fail input="x"/>', fail)
    found = by_name(spans)
    for name in ("execute_tool T-fail", "execute_plan"):
        span = found[name]
        assert span.attributes is not None
        assert span.attributes["error.type"] == "ConnectionRefusedError"
        assert span.status.status_code is StatusCode.ERROR
        assert span.status.description == "nobody listens"
        assert [event.name for event in span.events] == ["exception"]


async def test_arguments_and_results_are_kept_out_of_spans(execute: Execute, spans: InMemorySpanExporter) -> None:
    await execute('<function.T.say text="secret"/>', say)
    attributes = by_name(spans)["execute_tool T-say"].attributes
    assert attributes is not None
    assert "secret" not in str(dict(attributes))


async def test_semantic_kernels_switch_lets_them_in(
    execute: Execute, spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SENSITIVE_SWITCH, "true")
    await execute('<function.T.say text="$V"/>', say, inputs={"V": {"a": "größer"}})
    attributes = by_name(spans)["execute_tool T-say"].attributes
    assert attributes is not None
    assert attributes["gen_ai.tool.call.arguments"] == '{"text": {"a": "größer"}}'
    assert attributes["gen_ai.tool.call.result"] == '{"a": "größer"}'


async def test_secrets_are_kept_out_of_spans_whatever_is_switched_on(
    execute: Execute, spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SENSITIVE_SWITCH, "true")

    @skill(effect="pure")
    async def enter(password: str, input: str) -> str:
        if input == "wrong":
            raise PermissionError(f"'{password}' is not the password")
        return f"entered with {password}"

    await execute(
        '<function.T.enter password="$P" input="a"/><function.T.enter password="$P" input="wrong"/>',
        enter,
        inputs={"P": "lion rampant"},
    )
    ended = spans.get_finished_spans()
    told = [(span.attributes, span.status.description, [event.attributes for event in span.events]) for span in ended]
    assert len(told) == 3
    assert "entered with [redacted]" in str(told)
    assert "'[redacted]' is not the password" in str(told)
    assert "lion rampant" not in str(told)


async def test_what_a_function_traces_itself_lies_inside_its_steps_span(
    execute: Execute, spans: InMemorySpanExporter
) -> None:
    @skill(effect="pure")
    async def inner(input: str) -> None:
        with trace.get_tracer("test").start_as_current_span("inside"):
            pass

    await execute('<function.T.inner input="x"/>', inner)
    found = by_name(spans)
    parent = found["inside"].parent
    assert parent is not None
    assert parent == found["execute_tool T-inner"].context


async def test_a_block_has_a_span_and_what_is_in_a_loop_lies_inside(
    execute: Execute, spans: InMemorySpanExporter
) -> None:
    await execute(
        '<foreach item="X" in="[1, 2]"><if test="X == 2"><function.T.say text="$X"/></if></foreach>'
        '<function.T.say text="after"/>',
        say,
        concurrency=1,
    )
    found = {str((span.attributes or {}).get("forethought.step.id")): span for span in spans.get_finished_spans()}
    whole = found.pop("None")
    assert sorted(found) == ["1", "1[1].1", "1[2].1", "1[2].1.1", "2"]
    loop = found["1"]
    assert dict(loop.attributes or {}) == {
        "gen_ai.operation.name": "execute_block",
        "forethought.step.id": "1",
        "forethought.block.kind": "foreach",
        "forethought.block.output": 2,
    }
    assert [loop.name, found["1[2].1"].name] == ["execute_block foreach", "execute_block if"]
    assert (found["1[1].1"].attributes or {})["forethought.block.output"] is False
    parents = {id_: span.parent for id_, span in found.items()}
    assert parents == {
        "1": whole.context,
        **dict.fromkeys(["1[1].1", "1[2].1", "1[2].1.1"], loop.context),
        "2": whole.context,
    }


async def test_a_failure_in_a_round_is_noted_on_the_loop(execute: Execute, spans: InMemorySpanExporter) -> None:
    await execute('<foreach item="X" in="[1]"><function.T.fail/></foreach>', fail)
    span = by_name(spans)["execute_block foreach"]
    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes or {})["error.type"] == "ConnectionRefusedError"


async def test_the_spans_of_loops_that_are_broken_off_end(execute: Execute, spans: InMemorySpanExporter) -> None:
    failed = asyncio.Event()

    @skill(effect="pure")
    async def outlast(input: int) -> None:
        await failed.wait()

    @skill(effect="pure")
    async def fail_first(input: str) -> None:
        failed.set()
        raise TypeError("no luck")

    loop = '<foreach item="X" in="[1]"><function.T.outlast/><function.T.outlast input="$X"/></foreach>'
    await execute(loop + '<function.T.fail_first input="x"/>', outlast, fail_first, concurrency=2)
    assert "forethought.block.output" not in (by_name(spans)["execute_block foreach"].attributes or {})


async def test_a_loop_that_is_continued_has_a_span_around_the_rounds_that_are_left(
    execute: Execute, spans: InMemorySpanExporter
) -> None:
    steps = """<foreach item="X" in='["a", "b"]'><function.T.flaky input="$X"/></foreach>"""
    broken = ["b"]

    @skill(effect="writes:x")
    async def flaky(input: str) -> str:
        if input in broken:
            raise ConnectionError("not now")
        return input

    failed = await execute(steps, flaky)
    broken.clear()
    spans.clear()
    await execute(steps, flaky, finished=failed.steps)
    found = by_name(spans)
    assert sorted(found) == ["execute_block foreach", "execute_plan", "execute_tool T-flaky"]
    step, block = found["execute_tool T-flaky"], found["execute_block foreach"]
    assert step.attributes is not None
    assert step.attributes["forethought.step.id"] == "1[2].1"
    assert step.parent == block.context
    assert block.parent == found["execute_plan"].context
