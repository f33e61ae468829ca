"""Models in an order: who is asked next, after which failure, and who is told."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forethought.kernel import Kernel
from forethought.kernel.errors import ModelError, NoModelAnsweredError, SettingsError
from forethought.kernel.models.chat import Completion, Message, Request
from forethought.kernel.models.fallback import REST, Fall, FallbackModel, ask_in_turn, telling
from forethought.kernel.models.opening import open_models
from forethought.kernel.settings import Settings
from forethought.kernel.testing import ScriptedModel

ASK = Request((Message("user", "Hi"),))
SETTINGS = Settings()
GONE = "http://127.0.0.1:9/v1#m"


def fails(*, another_may: bool = True, reason: str = "it is busy") -> ModelError:
    return ModelError("x", reason, another_may=another_may)


class Server(ThreadingHTTPServer):
    """An OpenAI-compatible server that always answers alike, and counts its answers."""

    def __init__(self, status: int, body: dict[str, object]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = (status, json.dumps(body).encode())
        self.asked = 0
        self.spec = f"http://127.0.0.1:{self.server_port}/v1#m"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = cast("Server", self.server)
        self.rfile.read(int(self.headers["Content-Length"]))
        server.asked += 1
        status, data = server.answer
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("x-should-retry", "false")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None: ...


def serve(status: int, body: dict[str, object]) -> Iterator[Server]:
    with Server(status, body) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def works() -> Iterator[Server]:
    message = {"role": "assistant", "content": "Hello."}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    yield from serve(200, {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})


@pytest.fixture
def refuses(request: pytest.FixtureRequest) -> Iterator[Server]:
    status, said = cast("tuple[int, str]", request.param)
    yield from serve(status, {"error": {"message": said}})


MENDED = [
    (401, "Bad key."),
    (403, "Not yours."),
    (404, "No such model."),
    (408, "Too slow."),
    (413, "Too big."),
    (429, "Slow down."),
    (500, "Boom."),
    (503, "Overloaded."),
    (400, "This model's maximum context length is 8 tokens."),
]


@pytest.mark.parametrize("refuses", MENDED, indirect=True, ids=str)
async def test_the_next_model_is_asked_where_it_may_answer(refuses: Server, works: Server) -> None:
    model = open_models([refuses.spec, works.spec], SETTINGS)
    told: list[Fall] = []
    with telling(told.append):
        assert (await model.complete(ASK)).text == "Hello."
    assert [(fall.error.spec, fall.next) for fall in told] == [(refuses.spec, works.spec)]
    assert (refuses.asked, works.asked) == (1, 1)


@pytest.mark.parametrize("refuses", [(400, "'temperature' is a number."), (422, "No.")], indirect=True, ids=str)
async def test_a_question_that_is_refused_for_what_it_says_is_asked_of_nobody_else(
    refuses: Server, works: Server
) -> None:
    with pytest.raises(ModelError, match="the server refuses the request: ") as caught:
        await open_models([refuses.spec, works.spec], SETTINGS).complete(ASK)
    assert not isinstance(caught.value, NoModelAnsweredError)
    assert works.asked == 0


async def test_a_setting_that_the_first_model_does_not_know_is_our_fault_and_asked_of_nobody_else(
    works: Server,
) -> None:
    with pytest.raises(ModelError, match="it has no setting 'wibble'"):
        await open_models([GONE, works.spec], SETTINGS).complete(Request(ASK.messages, {"wibble": 1}))
    assert works.asked == 0


async def test_a_server_that_is_not_there_a_key_that_is_missing_and_weights_that_are_missing_are_passed_over(
    works: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    told: list[Fall] = []
    with telling(told.append):
        model = open_models([GONE, "openai:m", "local:/nowhere.gguf", works.spec], SETTINGS)
        assert (await model.complete(ASK)).text == "Hello."
    assert [(fall.error.spec, fall.next) for fall in told] == [
        (GONE, "openai:m"),
        ("openai:m", "local:/nowhere.gguf"),
        ("local:/nowhere.gguf", works.spec),
    ]
    assert str(told[1]) == "model openai:m: OPENAI_API_KEY is not set; asking local:/nowhere.gguf"


@pytest.mark.parametrize("refuses", [(503, "Busy.")], indirect=True, ids=str)
async def test_where_no_model_answers_each_is_named_with_its_reason(refuses: Server) -> None:
    model = open_models([refuses.spec, "local:/nowhere.gguf"], SETTINGS)
    with pytest.raises(NoModelAnsweredError) as caught, telling(lambda _: None):
        await model.complete(ASK)
    assert str(caught.value).startswith(
        f"no model answered: model {refuses.spec}: the server failed with status 503: Busy (try again later); "
        "model local:/nowhere.gguf: cannot read '/nowhere.gguf': No such file or directory ("
    )
    assert [failure.spec for failure in caught.value.failures] == [refuses.spec, "local:/nowhere.gguf"]


async def test_the_last_reason_is_told_after_the_others_though_it_is_our_own_fault() -> None:
    model = FallbackModel([ScriptedModel([fails()]), ScriptedModel([fails(another_may=False, reason="a bad word")])])
    with pytest.raises(NoModelAnsweredError, match=r"^no model answered: model x: it is busy; model x: a bad word$"):
        await model.complete(ASK)


async def test_a_model_that_could_not_answer_rests_and_then_is_the_first_again() -> None:
    now = 0.0
    first = ScriptedModel([fails(), "first again"], spec="first")
    second = ScriptedModel(["one", "two"], spec="second")
    model = FallbackModel([first, second], clock=lambda: now)
    assert (await model.complete(ASK)).text == "one"
    now = REST - 1
    assert (await model.complete(ASK)).text == "two"
    now = REST
    assert (await model.complete(ASK)).text == "first again"


async def test_where_all_rest_all_are_asked_in_their_order() -> None:
    models = [ScriptedModel([fails(), "here"], spec="first"), ScriptedModel([fails()], spec="second")]
    model = FallbackModel(models, clock=lambda: 0.0)
    with pytest.raises(NoModelAnsweredError):
        await model.complete(ASK)
    assert (await model.complete(ASK)).text == "here"


async def test_a_cancelled_question_is_asked_of_nobody_else() -> None:
    class Slow:
        spec = "slow"
        constrained = False

        async def complete(self, _: Request, /) -> Completion:
            await asyncio.Event().wait()
            raise AssertionError

    second = ScriptedModel(["never"])
    asking = asyncio.ensure_future(FallbackModel([Slow(), second]).complete(ASK))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert second.requests == []


async def test_a_fall_of_which_nobody_is_told_is_a_warning_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    model = FallbackModel([ScriptedModel([fails(), fails()]), ScriptedModel(["a", "b"], spec="second")])
    with telling(lambda _: None):
        await model.complete(ASK)
    assert caplog.records == []
    await FallbackModel([ScriptedModel([fails()]), ScriptedModel(["a"], spec="second")]).complete(ASK)
    assert caplog.record_tuples == [
        ("forethought.kernel.models.fallback", logging.WARNING, "model x: it is busy; asking second")
    ]


async def test_each_model_is_asked_in_its_own_way() -> None:
    order = FallbackModel([ScriptedModel([fails()], spec="remote"), ScriptedModel(["yes"], constrained=True)])

    async def ask(model: ScriptedModel) -> str:
        grammar = 'root ::= "yes"' if model.constrained else ""
        return (await model.complete(Request(ASK.messages, grammar=grammar))).text

    answer, falls = await ask_in_turn(order, lambda model: ask(cast("ScriptedModel", model)))
    assert (answer, [str(fall) for fall in falls]) == ("yes", ["model x: it is busy; asking scripted"])
    one, other = (cast("ScriptedModel", each) for each in order.models)
    assert (one.requests[0].grammar, other.requests[0].grammar) == ("", 'root ::= "yes"')
    assert await ask_in_turn(ScriptedModel(["a"]), lambda model: model.complete(ASK)) == (
        Completion("a", (await ScriptedModel(["a"]).complete(ASK)).usage),
        (),
    )


def test_an_order_of_orders_is_one_order_and_an_empty_one_none() -> None:
    one, two, three = (ScriptedModel([], spec=spec) for spec in "abc")
    order = FallbackModel([FallbackModel([one, two]), three])
    assert (order.models, order.spec, order.constrained) == ((one, two, three), "a, b, c", False)
    with pytest.raises(ValueError, match="an order of models needs one model at least"):
        FallbackModel([])


def test_a_text_that_is_no_model_is_refused_before_anybody_is_asked() -> None:
    with pytest.raises(SettingsError, match="'opnai:x' is not a model"):
        open_models(["local", "opnai:x"], SETTINGS)
    with pytest.raises(SettingsError, match="no model is named: the list of models is empty"):
        open_models([], SETTINGS)


async def test_a_kernel_takes_orders_for_prompts_for_plans_and_for_services() -> None:
    settings = Settings(model=("openai:a", "ollama:b"), models={"fast": ("ollama:c", "openai:d")})
    kernel = Kernel(settings=settings)
    assert kernel.model.spec == kernel.planner_model.spec == "openai:a, ollama:b"
    model, service = kernel.choose_model(["Slow", "Fast"])
    assert (model.spec, service) == ("ollama:c, openai:d", "Fast")
    assert kernel.choose_model(["fast"])[0] is model
    given = ScriptedModel([], spec="given")
    kernel.add_model("FAST", given)
    assert kernel.choose_model(["fast"]) == (given, "fast")
    order = Kernel(model=[given, "openai:a"], planner_model=["openai:b", given], settings=SETTINGS)
    assert (order.model.spec, order.planner_model.spec) == ("given, openai:a", "openai:b, given")


@given(st.lists(st.sampled_from(["works", "mends", "ours"]), min_size=1, max_size=6))
async def test_the_answer_is_the_first_one_before_a_failure_that_nobody_mends(kinds: Sequence[str]) -> None:
    """Law: models are asked in their order, up to the first that answers or that refuses what was said."""
    scripts: dict[str, str | Exception] = {
        "works": "here",
        "mends": fails(),
        "ours": fails(another_may=False),
    }
    models = [ScriptedModel([scripts[kind]], spec=str(place)) for place, kind in enumerate(kinds)]
    last = next((place for place, kind in enumerate(kinds) if kind != "mends"), len(kinds) - 1)
    with telling(lambda _: None):
        try:
            text = (await FallbackModel(models).complete(ASK)).text
        except ModelError:
            text = ""
    assert [len(model.requests) for model in models] == [1] * (last + 1) + [0] * (len(kinds) - last - 1)
    assert text == ("here" if kinds[last] == "works" else "")
