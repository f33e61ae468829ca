"""Models behind a server: what is sent, what comes back, and what each failure says, against a server on loopback."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

import pytest

from forethought.kernel.errors import ModelError
from forethought.kernel.functions import Usage
from forethought.kernel.models.chat import Completion, Message, Request
from forethought.kernel.models.opening import open_model
from forethought.kernel.settings import Settings

Reply = tuple[int, dict[str, object]]


class Server(ThreadingHTTPServer):
    """An OpenAI-compatible server that answers by script and keeps what it was sent."""

    def __init__(self, *, owned_by: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owned_by = owned_by
        self.replies: list[Reply] = []
        self.bodies: list[dict[str, object]] = []
        self.keys: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = cast("Server", self.server)
        self._send(200, {"data": [{"id": "first", "owned_by": server.owned_by}]})

    def do_POST(self) -> None:
        server = cast("Server", self.server)
        server.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        server.keys.append(self.headers["Authorization"])
        self._send(*server.replies.pop(0))

    def _send(self, status: int, body: dict[str, object]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("x-should-retry", "false")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None: ...


def serve(owned_by: str) -> Iterator[Server]:
    with Server(owned_by=owned_by) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    yield from serve("somebody")


@pytest.fixture
def llama() -> Iterator[Server]:
    yield from serve("llamacpp")


def said(text: str, finish: str = "stop") -> Reply:
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
    return 200, {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    }


def refused(status: int, message: str, **more: object) -> Reply:
    return status, {"error": {"message": message, **more}}


ASK = Request((Message("system", "Be <b>."), Message("user", "Hi {{$x}} &amp;")))
SETTINGS = Settings()
EMPTY: Reply = (200, {"choices": []})


async def test_messages_go_out_unchanged_and_text_and_usage_come_back(server: Server) -> None:
    server.replies = [said("Hello."), said("Hell", "length")]
    model = open_model(f"{server.url}#m", SETTINGS)
    settings = {"temperature": 0.5, "max_tokens": 9, "stop": ["END"], "top_p": 1, "presence_penalty": 0, "n": 1}
    assert await model.complete(Request(ASK.messages, settings)) == Completion("Hello.", Usage(5, 2, 1))
    assert await model.complete(ASK) == Completion("Hell", Usage(5, 2, 1), "length")
    messages = [{"role": "system", "content": "Be <b>."}, {"role": "user", "content": "Hi {{$x}} &amp;"}]
    assert server.bodies[0] == {"model": "m", "messages": messages, "stream": False, **settings}
    assert server.bodies[1] == {"model": "m", "messages": messages, "stream": False}


async def test_the_key_of_openai_is_never_sent_to_another_server(server: Server) -> None:
    server.replies = [said("a"), said("b")]
    await open_model(server.url, Settings(environment={"OPENAI_API_KEY": "secret"})).complete(ASK)
    await open_model(server.url, Settings(environment={"FORETHOUGHT_API_KEY": "mine"})).complete(ASK)
    assert server.keys == ["Bearer none", "Bearer mine"]


async def test_without_a_name_it_is_the_first_model_that_the_server_lists(server: Server) -> None:
    server.replies = [said("a")]
    await open_model(server.url, SETTINGS).complete(ASK)
    assert server.bodies[0]["model"] == "first"


async def test_llama_cpp_is_recognised_and_given_the_grammar_and_the_beginning(llama: Server) -> None:
    llama.replies = [said("<plan>yes")]
    model = open_model(llama.url, SETTINGS)
    assert model.constrained
    request = Request(ASK.messages[1:], {"top_k": 3}, prefix="<plan>", grammar='root ::= "yes"')
    assert (await model.complete(request)).text == "yes"
    body = llama.bodies[0]
    assert cast("list[object]", body["messages"])[-1] == {"role": "assistant", "content": "<plan>"}
    assert (body["grammar"], body["top_k"]) == ('root ::= "yes"', 3)


async def test_another_server_takes_no_grammar(server: Server) -> None:
    model = open_model(server.url, SETTINGS)
    assert not model.constrained
    with pytest.raises(ModelError, match="it does not decode under a grammar, nor from a given beginning"):
        await model.complete(Request(ASK.messages, grammar="root ::= x"))


async def test_a_setting_that_nobody_knows_is_refused_before_anything_is_sent(server: Server) -> None:
    with pytest.raises(ModelError, match=r"it has no setting 'wibble' \(it has .*temperature"):
        await open_model(server.url, SETTINGS).complete(Request(ASK.messages, {"wibble": 1}))
    with pytest.raises(ModelError, match="its settings are refused: Input should be less than or equal to 2"):
        await open_model(server.url, SETTINGS).complete(Request(ASK.messages, {"temperature": 3}))
    assert server.bodies == []


async def test_a_setting_that_the_model_refuses_by_name_is_left_out_from_then_on(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.replies = [
        refused(400, "use max_completion_tokens", code="unsupported_parameter", param="max_tokens"),
        refused(400, "only 1 is supported", code="unsupported_value", param="temperature"),
        said("a"),
        said("b"),
    ]
    model = open_model(f"{server.url}#m", SETTINGS)
    request = Request(ASK.messages, {"max_tokens": 9, "temperature": 0})
    assert [(await model.complete(request)).text, (await model.complete(request)).text] == ["a", "b"]
    kept = [
        {key: body.get(key) for key in ("max_tokens", "max_completion_tokens", "temperature")} for body in server.bodies
    ]
    assert kept == [
        {"max_tokens": 9, "max_completion_tokens": None, "temperature": 0},
        {"max_tokens": None, "max_completion_tokens": 9, "temperature": 0},
        {"max_tokens": None, "max_completion_tokens": 9, "temperature": None},
        {"max_tokens": None, "max_completion_tokens": 9, "temperature": None},
    ]
    assert f"model {server.url}#m does not take the setting 'temperature'; it is left out" in caplog.messages


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (refused(401, "Bad key."), "the server refuses the key: Bad key (check FORETHOUGHT_API_KEY)"),
        (refused(404, "No such."), "the server does not know the model 'm': No such (check its name)"),
        (refused(429, "Slow down"), "a limit of rate or quota is reached: Slow down (wait, or use another model)"),
        (refused(500, "Boom"), "the server failed with status 500: Boom (try again later)"),
        (refused(400, "Too\nlong", code="context"), "the server refuses the request: Too long"),
        (EMPTY, "it gave no answer"),
    ],
)
async def test_a_refusal_says_what_to_do(server: Server, reply: Reply, sentence: str) -> None:
    server.replies = [reply]
    with pytest.raises(ModelError) as caught:
        await open_model(f"{server.url}#m", SETTINGS).complete(ASK)
    assert str(caught.value) == f"model {server.url}#m: {sentence}"


async def test_a_server_that_is_not_there_is_named() -> None:
    model = open_model("http://127.0.0.1:9/v1#m", SETTINGS)
    assert not model.constrained
    with pytest.raises(ModelError, match=r"cannot connect to http://127\.0\.0\.1:9/v1: .*\(is it running\?\)"):
        await model.complete(ASK)


def test_a_model_outlives_an_event_loop(server: Server) -> None:
    server.replies = [said("a"), said("b")]
    model = open_model(server.url, SETTINGS)
    assert [asyncio.run(model.complete(ASK)).text, asyncio.run(model.complete(ASK)).text] == ["a", "b"]


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("openai:m", "OPENAI_API_KEY is not set"),
        ("azure:m", "AZURE_OPENAI_API_KEY is not set"),
    ],
)
async def test_without_a_key_the_variable_is_named(spec: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ModelError) as caught:
        await open_model(spec, SETTINGS).complete(ASK)
    assert str(caught.value) == f"model {spec}: {sentence}"


@contextmanager
def imported_anew(connector: str) -> Generator[None]:
    """Have a connector's modules imported inside as if for the first time; what comes of it is forgotten."""
    prefix = f"semantic_kernel.connectors.ai.{connector}."
    known = {name: sys.modules.pop(name) for name in [*sys.modules] if f"{name}.".startswith(prefix)}
    yield
    for name in [name for name in sys.modules if f"{name}.".startswith(prefix)]:
        del sys.modules[name]
    sys.modules.update(known)


@pytest.mark.parametrize("provider", ["anthropic", "google", "mistral", "ollama"])
async def test_a_missing_sdk_is_named_with_its_extra(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    package = {"google": "google.genai", "mistral": "mistralai"}.get(provider, provider)
    connector = {"mistral": "mistral_ai"}.get(provider, provider)
    monkeypatch.setitem(sys.modules, package, None)
    with imported_anew(connector), pytest.raises(ModelError) as caught:
        await open_model(f"{provider}:m", SETTINGS).complete(ASK)
    assert str(caught.value).startswith(f"model {provider}:m: the SDK of {provider} is not installed (")
    assert caught.value.hint == f"pip install 'forethought[{provider}]'"
