"""Embedders behind a server: what is sent, what comes back, what each failure says, against a server on loopback."""

from __future__ import annotations

import base64
import json
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from forethought.kernel.errors import EmbedderError
from forethought.kernel.memory.embedders.opening import open_embedder
from forethought.kernel.memory.embedders.remote import MOST_CHARACTERS, MOST_TEXTS, RemoteEmbedder
from forethought.kernel.models.spec import ModelSpec
from forethought.kernel.settings import Settings

Body = dict[str, object]
Reply = tuple[int, Body]


class Server(ThreadingHTTPServer):
    """A server that answers with `reply(body)` and keeps what it was sent: path, key, body."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reply: Callable[[Body], Reply] = openai
        self.asked: list[tuple[str, str, Body]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def inputs(self) -> list[object]:
        return [body.get("input") for _, _, body in self.asked]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._send(200, {"data": [{"id": "first"}]})

    def do_POST(self) -> None:
        server = cast("Server", self.server)
        body = cast("Body", json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        key = self.headers.get("Authorization") or self.headers.get("x-goog-api-key") or self.headers.get("api-key")
        server.asked.append((self.path, key or "", body))
        self._send(*server.reply(body))

    def _send(self, status: int, body: Body) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("x-should-retry", "false")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def vector(text: str) -> list[float]:
    return [float(len(text)), 0.0, 1.0]


def openai(body: Body) -> Reply:
    """Answer as OpenAI does: in base64, where that is asked for."""
    data: list[Body] = []
    for index, text in enumerate(cast("list[str]", body["input"])):
        numbers: object = vector(text)
        if body.get("encoding_format") == "base64":
            numbers = base64.b64encode(struct.pack("<3f", *vector(text))).decode()
        data.append({"object": "embedding", "index": index, "embedding": numbers})
    return 200, {"object": "list", "model": "m", "data": data, "usage": {"prompt_tokens": 1, "total_tokens": 1}}


def embedder(server: Server, name: str = "m") -> RemoteEmbedder:
    return RemoteEmbedder(ModelSpec.parse(f"{server.url}/v1#{name}"), Settings())


NOTHING: Reply = (200, {"data": []})


def unit(text: str) -> list[float]:
    length = sum(number**2 for number in vector(text)) ** 0.5
    return [number / length for number in vector(text)]


async def test_texts_go_out_unchanged_and_vectors_come_back_at_length_one(server: Server) -> None:
    texts = ["Hi {{$x}} &amp;", "二"]
    remote = embedder(server)
    assert remote.dimension == 0
    np.testing.assert_allclose(await remote.embed(texts), [unit(text) for text in texts], rtol=1e-6)
    assert (remote.dimension, remote.name) == (3, f"{server.url}/v1#m")
    path, key, body = server.asked[0]
    assert (path, key, body["model"], body["input"]) == ("/v1/embeddings", "Bearer none", "m", texts)


async def test_empty_texts_are_zero_and_are_not_sent(server: Server) -> None:
    remote = embedder(server)
    assert (await remote.embed(["", " \n"])).shape == (2, 0)
    np.testing.assert_allclose(await remote.embed(["", "a", " "]), [[0.0] * 3, unit("a"), [0.0] * 3], rtol=1e-6)
    assert (await remote.embed([""])).tolist() == [[0, 0, 0]]
    assert server.inputs == [["a"]]


async def test_many_texts_go_in_batches_and_come_back_in_order(server: Server) -> None:
    texts = ["x" * (1 + number % 50) for number in range(3 * MOST_TEXTS + 1)] + ["y" * MOST_CHARACTERS, "z"]
    np.testing.assert_allclose(await embedder(server).embed(texts), [unit(text) for text in texts], rtol=1e-6)
    sizes = sorted(len(cast("list[str]", batch)) for batch in server.inputs)
    assert sizes == [1, 1, 1, MOST_TEXTS, MOST_TEXTS, MOST_TEXTS]


async def test_without_a_name_it_is_the_first_model_that_the_server_lists(server: Server) -> None:
    await embedder(server, "").embed(["a"])
    assert server.asked[0][2]["model"] == "first"


async def test_what_was_paid_for_is_kept(server: Server, tmp_path: Path) -> None:
    settings = Settings(environment={"XDG_CACHE_HOME": str(tmp_path)})
    for _ in range(2):
        await open_embedder(f"{server.url}/v1#m", settings).embed(["a", "b"])
    assert server.inputs == [["a", "b"]]


async def test_openai_and_its_key(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
    settings = Settings(environment={"OPENAI_API_KEY": "secret"})
    remote = RemoteEmbedder(ModelSpec.parse("openai:text-embedding-3-small"), settings)
    np.testing.assert_allclose(await remote.embed(["a"]), [unit("a")], rtol=1e-6)
    path, key, body = server.asked[0]
    assert (path, key, body["model"]) == ("/v1/embeddings", "Bearer secret", "text-embedding-3-small")


async def test_azure_and_its_deployment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "secret")
    monkeypatch.setenv("AZURE_OPENAI_BASE_URL", f"{server.url}/openai")  # the endpoint itself must be https
    remote = RemoteEmbedder(ModelSpec.parse("azure:ours"), Settings())
    np.testing.assert_allclose(await remote.embed(["a"]), [unit("a")], rtol=1e-6)
    path, key, _ = server.asked[0]
    assert path.startswith("/openai/deployments/ours/embeddings?api-version=")
    assert key == "secret"


@pytest.mark.skipif(find_spec("ollama") is None, reason="no SDK: pip install 'forethought[ollama]'")
async def test_ollama(server: Server) -> None:
    server.reply = lambda body: (200, {"embedding": vector(cast("str", body["prompt"]))})
    remote = RemoteEmbedder(ModelSpec.parse("ollama:nomic"), Settings(environment={"OLLAMA_HOST": server.url}))
    np.testing.assert_allclose(await remote.embed(["a", "bb"]), [unit("a"), unit("bb")], rtol=1e-6)
    assert [(path, body["model"]) for path, _, body in server.asked] == [("/api/embeddings", "nomic")] * 2


@pytest.mark.skipif(find_spec("google.genai") is None, reason="no SDK: pip install 'forethought[google]'")
async def test_google(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def reply(body: Body) -> Reply:
        requests = cast("list[dict[str, dict[str, list[dict[str, str]]]]]", body["requests"])
        texts = [each["content"]["parts"][0]["text"] for each in requests]
        return 200, {"embeddings": [{"values": vector(text)} for text in texts]}

    server.reply = reply
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
    settings = Settings(environment={"GEMINI_API_KEY": "secret"})
    remote = RemoteEmbedder(ModelSpec.parse("google:gemini-embedding-001"), settings)
    np.testing.assert_allclose(await remote.embed(["a", "bb"]), [unit("a"), unit("bb")], rtol=1e-6)
    path, key, _ = server.asked[0]
    assert (path, key) == ("/v1beta/models/gemini-embedding-001:batchEmbedContents", "secret")


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        ((401, {"error": {"message": "Bad key."}}), "the server refuses the key: Bad key (check FORETHOUGHT_API_KEY)"),
        ((404, {"error": {"message": "No such."}}), "the server does not know the model 'm': No such (check its name)"),
        (
            (429, {"error": {"message": "Slow"}}),
            "a limit of rate or quota is reached: Slow (wait, or use another model)",
        ),
        ((500, {"error": {"message": "Boom"}}), "the server failed with status 500: Boom (try again later)"),
        (NOTHING, "No embedding data received"),
        ((200, {"data": [{"embedding": [1.0], "index": 0}]}), "it answered 1 vectors for 2 texts"),
        (
            (200, {"data": [{"embedding": [1.0, 2.0], "index": 0}, {"embedding": [1.0], "index": 1}]}),
            "it answered vectors of several lengths, or not of numbers",
        ),
        (
            (200, {"data": [{"embedding": [float("nan")], "index": 0}, {"embedding": [1.0], "index": 1}]}),
            "it answered vectors that are not of numbers",
        ),
    ],
)
async def test_a_refusal_says_what_to_do(server: Server, reply: Reply, sentence: str) -> None:
    server.reply = lambda _: reply
    with pytest.raises(EmbedderError) as caught:
        await embedder(server).embed(["a", "b"])
    assert str(caught.value) == f"embedder {server.url}/v1#m: {sentence}"


async def test_a_model_that_changes_its_dimension_is_refused(server: Server) -> None:
    remote = embedder(server)
    await remote.embed(["a"])
    server.reply = lambda _: (200, {"data": [{"embedding": [1.0, 2.0], "index": 0}]})
    with pytest.raises(EmbedderError, match="its vectors have 2 numbers, and had 3"):
        await remote.embed(["b"])


async def test_a_server_that_is_not_there_is_named() -> None:
    remote = RemoteEmbedder(ModelSpec.parse("http://127.0.0.1:9/v1#m"), Settings())
    with pytest.raises(EmbedderError, match=r"cannot connect to http://127\.0\.0\.1:9/v1: .*\(is it running\?\)"):
        await remote.embed(["a"])


async def test_a_key_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "GOOGLE_AI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(EmbedderError, match="embedder openai:x: OPENAI_API_KEY is not set"):
        await RemoteEmbedder(ModelSpec.parse("openai:x"), Settings()).embed(["a"])
