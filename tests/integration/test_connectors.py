"""Every connector that is installed: what it sends, and what it makes of the answer, against a server on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from typing import cast

import pytest

from forethought.kernel.functions import Usage
from forethought.kernel.models.chat import Completion, Message, Request
from forethought.kernel.models.opening import open_model
from forethought.kernel.settings import load_settings

ANSWERS: dict[str, dict[str, object]] = {
    "/chat/completions": {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": "hi"}}],
        "usage": {"prompt_tokens": 4, "completion_tokens": 2, "total_tokens": 6},
    },
    "/v1/messages": {
        "id": "1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "hi"}],
        "stop_reason": "max_tokens",
        "usage": {"input_tokens": 4, "output_tokens": 2},
    },
    "/v1beta/models/m:generateContent": {
        "candidates": [{"content": {"role": "model", "parts": [{"text": "hi"}]}, "finishReason": "MAX_TOKENS"}],
        "usageMetadata": {"promptTokenCount": 4, "candidatesTokenCount": 2},
    },
    "/api/chat": {
        "model": "m",
        "created_at": "2024-01-01T00:00:00Z",
        "message": {"role": "assistant", "content": "hi"},
        "done": True,
        "done_reason": "length",
        "prompt_eval_count": 4,
        "eval_count": 2,
    },
}


class Server(ThreadingHTTPServer):
    """A server that answers as four providers do."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[dict[str, object]] = []


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        cast("Server", self.server).bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        data = json.dumps(ANSWERS[self.path]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL", "OLLAMA_HOST"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{server.server_port}")
        for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"):
            monkeypatch.setenv(name, "key")
        yield server
        server.shutdown()
        thread.join()


def connector(provider: str, package: str, *sent: tuple[str, object]) -> object:
    """One case; it is left out where the provider's SDK is not installed."""
    missing = find_spec(package.partition(".")[0]) is None or find_spec(package) is None
    return pytest.param(provider, dict(sent), marks=pytest.mark.skipif(missing, reason=f"{package} is not installed"))


@pytest.mark.parametrize(
    ("provider", "sent"),
    [
        connector("openai", "openai", ("max_tokens", 5), ("stop", ["X"])),
        connector("anthropic", "anthropic", ("max_tokens", 5), ("stop_sequences", ["X"]), ("system", "Be brief.")),
        connector("google", "google.genai", ("generationConfig", {"maxOutputTokens": 5, "stopSequences": ["X"]})),
        connector("ollama", "ollama", ("options", {"num_predict": 5, "stop": ["X"]})),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
async def test_messages_and_settings_go_out_and_text_and_usage_come_back(
    server: Server, provider: str, sent: dict[str, object]
) -> None:
    model = open_model(f"{provider}:m", load_settings())
    messages = (Message("system", "Be brief."), Message("user", "a<b> &amp; {{$c}}"))
    completion = await model.complete(Request(messages, {"max_tokens": 5, "stop": ["X"]}))
    assert (completion.text, completion.usage) == ("hi", Usage(4, 2, 1))
    assert completion == Completion("hi", Usage(4, 2, 1), "stop" if provider == "ollama" else "length")
    body = server.bodies[0]
    assert {name: body[name] for name in sent} == sent
    assert "a<b> &amp; {{$c}}" in json.dumps(body, ensure_ascii=False)


@pytest.mark.parametrize(
    ("provider", "sent"),
    [
        connector("openai", "openai", ("response_format", {"type": "json_object"})),
        connector("anthropic", "anthropic"),
        connector("google", "google.genai"),
        connector("ollama", "ollama", ("format", "json")),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_schema_is_json_mode_where_there_is_one_and_no_error_elsewhere(
    server: Server, provider: str, sent: dict[str, object]
) -> None:
    model = open_model(f"{provider}:m", load_settings())
    await model.complete(Request((Message("user", "JSON, please"),), schema={"type": "object"}))
    body = server.bodies[0]
    assert {name: body[name] for name in ("response_format", "format") if name in body} == sent
