"""An existing Semantic Kernel runs here unchanged, without the traps that its own calls have (SK 1.45)."""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# (Semantic Kernel's arguments are a dict of no types.)
from __future__ import annotations

import asyncio
import datetime
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from typing import Annotated

import pytest
from pydantic import BaseModel, Field
from semantic_kernel import Kernel as SemanticKernel
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.connectors.ai.completion_usage import CompletionUsage
from semantic_kernel.connectors.ai.function_choice_behavior import FunctionChoiceBehavior
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings
from semantic_kernel.contents import AuthorRole, ChatHistory, ChatMessageContent, TextContent
from semantic_kernel.exceptions import FunctionExecutionException, OperationCancelledException
from semantic_kernel.filters import FilterTypes, FunctionInvocationContext
from semantic_kernel.functions import KernelArguments, kernel_function

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import CoercionError, FunctionError, PackError, UnknownFunctionError
from forethought.kernel.functions import Effect, Usage
from forethought.kernel.models.chat import Message, Request
from forethought.kernel.testing import ScriptedModel

Next = Callable[[FunctionInvocationContext], Awaitable[None]]


class Person(BaseModel):
    name: str


class Mail:
    """A plugin as people wrote them for Semantic Kernel; each function gives back what it was given."""

    @kernel_function(name="get-all", description="Everything")
    def get_all(  # noqa: PLR0917 - as people write them
        self,
        flag: bool = True,
        count: Annotated[int, "how many"] = 0,
        when: datetime.datetime | None = None,
        rows: list[int] | None = None,
        table: dict[str, int] | None = None,
        person: Person | None = None,
    ) -> object:
        return [flag, count, when, rows, table, person]

    @kernel_function
    def zero(self) -> int:
        return 0

    @kernel_function
    def no(self) -> bool:
        return False

    @kernel_function
    def empty(self) -> list[str]:
        return []

    @kernel_function
    def table(self) -> dict[str, int]:
        return {"first": 1, "last": 2}

    @kernel_function
    def optional(self, subject: str | None = None) -> str:
        return f"subject: {subject}"

    @kernel_function
    async def injected(self, kernel: SemanticKernel, arguments: KernelArguments, settings: str) -> object:
        return [type(kernel).__name__, dict(arguments), settings]

    @kernel_function
    def thread(self) -> int:
        return threading.get_ident()

    @kernel_function
    def count(self) -> Iterator[int]:
        yield from (1, 2)

    @kernel_function
    async def later(self) -> AsyncIterator[int]:
        yield 1

    @kernel_function
    def fail(self) -> None:
        raise ValueError("the server is closed")

    @kernel_function
    @skill(effect="reads:mail")
    def inbox(self) -> list[str]:
        return ["one"]

    @kernel_function
    def content(self) -> TextContent:
        return TextContent(text="words")


class Scripted(ChatCompletionClientBase):
    """A chat service that answers in capitals and keeps what it was asked."""

    asked: list[tuple[list[tuple[str, str]], dict[str, object]]] = Field(default_factory=list)

    async def _inner_get_chat_message_contents(
        self, chat_history: ChatHistory, settings: PromptExecutionSettings
    ) -> list[ChatMessageContent]:
        self.asked.append(
            ([(each.role.value, each.content) for each in chat_history.messages], settings.extension_data)
        )
        usage = CompletionUsage(prompt_tokens=3, completion_tokens=2)
        said = chat_history.messages[-1].content.upper()
        return [ChatMessageContent(role=AuthorRole.ASSISTANT, content=said, metadata={"usage": usage})]


@pytest.fixture
def existing() -> SemanticKernel:
    kernel = SemanticKernel()
    kernel.add_plugin(Mail(), "Mail")
    return kernel


def test_every_function_is_there_with_its_types_and_without_what_is_injected(existing: SemanticKernel) -> None:
    skills = Kernel.wrap(existing).skills
    assert len(skills) == 13
    found = skills.find("Mail.get-all")
    assert found.description == "Everything"
    assert [(p.name, str(p.type), p.required, p.description) for p in found.parameters] == [
        ("flag", "boolean", False, ""),
        ("count", "integer", False, "how many"),
        ("when", "date-time?", False, ""),
        ("rows", "array[integer]?", False, ""),
        ("table", "object[integer]?", False, ""),
        ("person", "object?", False, ""),
    ]
    assert [p.name for p in skills.find("Mail.injected").parameters] == ["settings"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"flag": "false"}, [False, 0, None, None, None, None]),
        ({"count": "3"}, [True, 3, None, None, None, None]),
        ({"when": "2024-02-29T12:00:00"}, [True, 0, datetime.datetime(2024, 2, 29, 12), None, None, None]),
        ({"rows": "[1, 2]"}, [True, 0, None, [1, 2], None, None]),
        ({"table": '{"a": 1}'}, [True, 0, None, None, {"a": 1}, None]),
        ({"person": '{"name": "Ann"}'}, [True, 0, None, None, None, Person(name="Ann")]),
    ],
)
async def test_text_becomes_what_the_parameter_says(
    existing: SemanticKernel, given: dict[str, str], expected: list[object]
) -> None:
    assert await Kernel.wrap(existing).invoke("Mail.get-all", **given) == expected


async def test_semantic_kernel_itself_falls_into_these(existing: SemanticKernel) -> None:
    """The traps are real: should one of them be mended upstream, this test says so."""
    function = existing.get_function("Mail", "get-all")
    result = await function.invoke(existing, KernelArguments(flag="false"))
    assert result is not None
    assert result.value[0] is True
    unread = await function.invoke(existing, KernelArguments(table="{}"))
    assert unread is not None
    assert unread.value[4] == "{}"
    for name, said in (("when", "2024-02-29T12:00:00"), ("rows", "[1, 2]"), ("person", '{"name": "Ann"}')):
        with pytest.raises(FunctionExecutionException):
            await function.invoke(existing, KernelArguments(None, **{name: said}))
    values = [await existing.invoke(plugin_name="Mail", function_name=name) for name in ("zero", "no", "empty")]
    assert [str(each) for each in values] == ["", "", ""]
    assert str(await existing.invoke(plugin_name="Mail", function_name="table")) == "2"
    thread = await existing.invoke(plugin_name="Mail", function_name="thread")
    assert thread is not None
    assert thread.value == threading.get_ident()


async def test_a_value_is_the_value_whatever_it_is(existing: SemanticKernel) -> None:
    kernel = Kernel.wrap(existing)
    assert await kernel.invoke("zero") == 0
    assert await kernel.invoke("no") is False
    assert await kernel.invoke("empty") == []
    assert await kernel.invoke("Mail.table") == {"first": 1, "last": 2}
    assert await kernel.invoke("count") == [1, 2]
    assert await kernel.invoke("later") == [1]
    assert await kernel.invoke("content") == "words"


async def test_what_may_be_left_out_may_be_left_out(existing: SemanticKernel) -> None:
    assert await Kernel.wrap(existing).invoke("optional") == "subject: None"


async def test_parameters_of_semantic_kernel_are_injected_and_settings_is_a_parameter(existing: SemanticKernel) -> None:
    assert await Kernel.wrap(existing).invoke("injected", settings="mine") == [
        "Kernel",
        {"settings": "mine"},
        "mine",
    ]


async def test_a_synchronous_function_runs_in_a_worker_thread(existing: SemanticKernel) -> None:
    assert await Kernel.wrap(existing).invoke("thread") != threading.get_ident()


async def test_a_value_that_does_not_fit_is_refused_before_the_call(existing: SemanticKernel) -> None:
    with pytest.raises(CoercionError, match=r"'\[1' is not an array.*parameter 'rows' of Mail\.get-all"):
        await Kernel.wrap(existing).invoke("get-all", rows="[1")


async def test_filters_run_and_what_they_change_is_converted(existing: SemanticKernel) -> None:
    seen: list[tuple[str, object]] = []

    @existing.filter(FilterTypes.FUNCTION_INVOCATION)
    async def watch(context: FunctionInvocationContext, next: Next) -> None:
        seen.append((context.function.fully_qualified_name, context.arguments.get("count")))
        context.arguments["flag"] = "false"
        await next(context)

    assert await Kernel.wrap(existing).invoke("get-all", count="7") == [False, 7, None, None, None, None]
    assert seen == [("Mail-get-all", 7)]


async def test_a_filter_may_cancel_and_a_function_may_fail(
    existing: SemanticKernel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    kernel = Kernel.wrap(existing)
    with pytest.raises(FunctionError) as caught:
        await kernel.invoke("fail")
    assert str(caught.value) == "Mail.fail failed: the server is closed"
    assert isinstance(caught.value.__cause__, ValueError)

    @existing.filter(FilterTypes.FUNCTION_INVOCATION)
    async def stop(context: FunctionInvocationContext, next: Next) -> None:
        raise OperationCancelledException("not today")

    with pytest.raises(FunctionError, match=r"Mail\.zero failed: a filter cancelled the call"):
        await kernel.invoke("zero")


async def test_cancellation_passes_through(existing: SemanticKernel) -> None:
    started = asyncio.Event()

    @kernel_function
    async def forever() -> None:
        started.set()
        await asyncio.Event().wait()

    existing.add_function("Slow", forever)
    task = asyncio.create_task(Kernel.wrap(existing).invoke("Slow.forever"))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_an_effect_is_declared_by_a_decorator_or_when_wrapping_else_it_is_everything(existing: SemanticKernel) -> None:
    skills = Kernel.wrap(existing, effects={"mail-ZERO": "pure", "Mail.table": "writes"}).skills
    assert skills.find("inbox").effect == Effect(reads=frozenset({"mail"}))
    assert (skills.find("zero").effect, skills.find("zero").idempotent) == (Effect(), True)
    assert (skills.find("Mail.table").effect, skills.find("Mail.table").destructive) == (
        Effect(writes=frozenset({"mail"})),
        False,
    )
    undeclared = skills.find("no")
    assert str(undeclared.effect) == "writes:*"
    assert (undeclared.destructive, undeclared.open_world, undeclared.idempotent) == (True, True, False)


def test_an_effect_of_no_function_and_a_text_that_is_none_are_refused(existing: SemanticKernel) -> None:
    with pytest.raises(UnknownFunctionError, match=r"'Mail\.zeroo'; did you mean 'Mail\.zero'\?"):
        Kernel.wrap(existing, effects={"Mail.zeroo": "pure"})
    with pytest.raises(PackError, match=r"Mail\.zero: 'cheap' is not an effect"):
        Kernel.wrap(existing, effects={"Mail.zero": "cheap"})
    with pytest.raises(TypeError, match=r"needs a semantic_kernel\.Kernel, not a str"):
        Kernel.wrap("kernel")


async def test_a_prompt_of_the_kernel_gives_text_and_its_usage(existing: SemanticKernel) -> None:
    service = Scripted(ai_model_id="m")
    existing.add_service(service)
    existing.add_function("Fun", function_name="Joke", prompt="About {{$topic}}!", description="Joke")
    kernel = Kernel.wrap(existing)
    signature = kernel.skills.find("Fun.Joke")
    assert (signature.kind, str(signature.effect), str(signature.returns)) == ("prompt", "pure", "string")
    assert [(p.name, p.required) for p in signature.parameters] == [("topic", True)]
    output = await kernel.bind("Fun.Joke")({"topic": "a<b> & c"})
    assert (output.value, output.usage) == ("ABOUT A<B> & C!", Usage(3, 2, 1))


def test_a_prompt_that_may_call_functions_may_do_anything_unless_it_is_declared(existing: SemanticKernel) -> None:
    chooses = PromptExecutionSettings(function_choice_behavior=FunctionChoiceBehavior.Auto())
    existing.add_function("Fun", function_name="Calls", prompt="{{Mail.zero}}")
    existing.add_function("Fun", function_name="Chooses", prompt="Go", prompt_execution_settings=chooses)
    existing.add_function("Fun", function_name="Declared", prompt="{{Mail.zero}}")
    skills = Kernel.wrap(existing, effects={"Fun.Declared": "reads:mail"}).skills
    assert [str(skills.find(f"Fun.{each}").effect) for each in ("Calls", "Chooses", "Declared")] == [
        "writes:*",
        "writes:*",
        "reads:mail",
    ]


async def test_a_chat_service_of_the_kernel_is_the_model(existing: SemanticKernel) -> None:
    service = Scripted(ai_model_id="m", service_id="mine")
    existing.add_service(service)
    kernel = Kernel.wrap(existing)
    assert kernel.planner_model is kernel.model
    assert (kernel.model.spec, kernel.model.constrained) == ("wrapped:mine", False)
    request = Request((Message("system", "<b>"), Message("user", "hi")), {"temperature": 0.5})
    completion = await kernel.model.complete(request)
    assert (completion.text, completion.usage) == ("HI", Usage(3, 2, 1))
    assert service.asked == [([("system", "<b>"), ("user", "hi")], {"temperature": 0.5})]


async def test_decorated_functions_work_without_any_kernel_and_are_injected_an_empty_one() -> None:
    kernel = Kernel()
    kernel.add_functions(Mail(), "Mail")
    assert await kernel.invoke("get-all", flag="false", rows="[1]") == [False, 0, None, [1], None, None]
    assert await kernel.invoke("injected", settings="mine") == ["Kernel", {"settings": "mine"}, "mine"]
    assert str(kernel.skills.find("inbox").effect) == "reads:mail"


async def test_a_kernel_that_is_injected_without_one_answers_with_our_model() -> None:
    @kernel_function
    async def ask(kernel: SemanticKernel, question: str) -> str:
        return str(await kernel.invoke_prompt(question))

    model = ScriptedModel(lambda request: request.messages[-1].content.upper())
    kernel = Kernel(model=model)
    kernel.add_functions(ask, "Asking")
    assert await kernel.invoke("ask", question="why?") == "WHY?"
    assert model.requests == [Request([Message("user", "why?")])]


async def test_functions_made_from_a_description_have_its_types_and_take_what_it_says(existing: SemanticKernel) -> None:
    """Tools of MCP servers and operations of OpenAPI documents have a schema and no code of their own."""

    async def call_tool(tool: str, **arguments: object) -> list[TextContent]:
        return [TextContent(text=tool), TextContent(text=repr(arguments))]

    tool = kernel_function(name="tool", description="A tool")(partial(call_tool, "it"))
    rows = {"type": "array", "items": {"type": "integer"}}
    described: list[dict[str, object]] = [
        {"name": "rows", "is_required": True, "type": "array", "schema_data": rows},
        {"name": "mode", "type": "string", "schema_data": {"type": "string", "enum": ["a", "b"]}},
    ]
    tool.__kernel_function_parameters__ = described
    existing.add_plugin({"tool": tool}, "Tools")
    kernel = Kernel.wrap(existing)
    found = kernel.skills.find("Tools.tool")
    assert [(p.name, str(p.type), p.required) for p in found.parameters] == [
        ("rows", "array[integer]", True),
        ("mode", '"a"|"b"', False),
    ]
    assert await kernel.invoke("Tools.tool", rows="[1]") == "it\n{'rows': [1]}"
    with pytest.raises(CoercionError, match="'c' is not an allowed value"):
        await kernel.invoke("Tools.tool", rows=[], mode="c")


async def test_a_prompt_whose_service_fails_says_why(
    existing: SemanticKernel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)

    class Refusing(Scripted):
        async def _inner_get_chat_message_contents(
            self, chat_history: ChatHistory, settings: PromptExecutionSettings
        ) -> list[ChatMessageContent]:
            raise Refused

    class Refused(Exception):  # noqa: N818
        status_code = 401
        message = "bad key"

    existing.add_service(Refusing(ai_model_id="m"))
    existing.add_function("Fun", function_name="Joke", prompt="Joke")
    with pytest.raises(FunctionError) as caught:
        await Kernel.wrap(existing).invoke("Fun.Joke")
    assert str(caught.value) == (
        "Fun.Joke failed: model wrapped:chat: the server refuses the key: bad key "
        "(check the key that its service was made with)"
    )
