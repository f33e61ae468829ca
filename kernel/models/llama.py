"""The door to llama.cpp: one GGUF file loaded through `xllamacpp`, asked in tokens.

A conversation is rendered by the model's own chat template. Only the template's words may be control tokens: what
people, tools and models wrote is split into tokens as plain text, so that no text can forge a message.
"""

from __future__ import annotations

import http.client
import importlib
import json
import logging
import os
import re
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, cast

from .chat import Message

__all__ = ["Engine", "EngineError"]

CONTEXT = 8192  # tokens of prompt and answer together; llama.cpp caps it at what the model was trained for
BATCH = 256  # prompt tokens between two looks at a cancellation: about a second on two slow cores

_logger = logging.getLogger(__name__)
Chunk = Mapping[str, object]


class EngineError(Exception):
    """What llama.cpp refused: `kind` is its own word for it, `fields` the rest it said."""

    def __init__(self, message: str, kind: str = "", fields: Chunk | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.fields = fields or {}


class Engine:
    """One loaded model. Thread-safe; questions wait for one another."""

    def __init__(self, path: Path, adapter: Path | None = None) -> None:
        """Load `path`, and an `adapter` beside it.

        Raises ImportError without xllamacpp, EngineError for a file that llama.cpp cannot load.
        """
        llama = cast("_LlamaCpp", importlib.import_module("xllamacpp"))
        params = llama.CommonParams()
        params.model.path = str(path)
        params.n_ctx = CONTEXT
        params.n_batch = params.n_ubatch = BATCH
        params.n_parallel = 1
        params.cache_ram_mib = 0  # keeps no prompts but the last one
        params.warmup = False
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = _threads()
        params.ui = False
        if adapter:
            params.lora_adapters = [llama.CommonAdapterLoraInfo(str(adapter), 1.0)]
            params.lora_init_without_apply = True  # each question says whether it wants it
        self._adapted = adapter is not None
        params.verbosity = 3 if _logger.isEnabledFor(logging.DEBUG) else -1
        # The server listens on loopback, where we reach the tokenizer; nobody else is to reach it.
        self._key = secrets.token_urlsafe(32)
        params.api_keys = [self._key]
        try:
            self._server = llama.Server(params)
        except RuntimeError as error:
            raise EngineError(f"llama.cpp cannot load '{path}'", "load") from error

    def render(self, messages: Sequence[Message], prefix: str = "") -> list[int]:
        """Return the tokens of a conversation, up to the point where the answer goes on after `prefix`."""
        mark = f"message{secrets.token_hex(8)}x"
        marked = [{"role": each.role, "content": f"{mark}{index}x"} for index, each in enumerate(messages)]
        # The answer starts at once, without a thought before it.
        body = {"messages": marked, "chat_template_kwargs": {"enable_thinking": False}}
        host = self._server.listening_address.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=60)
        try:
            template = cast("str", self._post(connection, "/apply-template", body)["prompt"])
            tokens: list[int] = []
            for text, trusted in _pieces(template, mark, messages, prefix):
                wanted = {"content": text, "add_special": not tokens, "parse_special": trusted}
                tokens += cast("list[int]", self._post(connection, "/tokenize", wanted)["tokens"])
        finally:
            connection.close()
        return tokens

    def complete(
        self,
        tokens: Sequence[int],
        settings: Mapping[str, object],
        take: Callable[[Chunk], bool],
        *,
        adapted: bool = False,
    ) -> None:
        """Go on after `tokens`: `take` gets each chunk of the answer, and of the prompt's progress; True stops.

        Where it is `adapted`, the adapter counts, and chunks tell the log-probabilities of tokens. Raises EngineError
        where the engine refuses.
        """
        refused: list[Chunk] = []

        def pass_on(chunk: object) -> bool:
            known = cast("Chunk", chunk)
            if "error" in known:
                refused.append(cast("Chunk", known["error"]))
            return bool(refused) or take(known)

        body = {**settings, "prompt": list(tokens), "stream": True, "return_progress": True, "cache_prompt": True}
        if self._adapted:  # said every time: what was read with it is not taken for what is read without
            body |= {"lora": [{"id": 0, "scale": float(adapted)}], "logprobs": int(adapted)}
        self._server.handle_completions(body, pass_on)
        if refused:
            raise _refusal(refused[0])

    def _post(self, connection: http.client.HTTPConnection, path: str, body: Mapping[str, object]) -> Chunk:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(body), headers)
        answer = cast("Chunk", json.loads(connection.getresponse().read()))
        if "error" in answer:
            raise _refusal(cast("Chunk", answer["error"]))
        return answer


def _threads() -> int:
    """Return the threads for reading and writing: half of the cores, as threads that wait for one another are slow.

    On two cores that others use too, one thread reads four times and writes ten times as fast as two; on idle ones two
    are up to twice as fast as one.
    """
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, cores // 2)


def _pieces(template: str, mark: str, messages: Sequence[Message], prefix: str) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of a rendered template in order, and for each whether it is the template's own."""
    for index, piece in enumerate(re.split(rf"{mark}(\d+)x", template)):
        text = messages[int(piece)].content if index % 2 else piece
        if text:
            yield text, index % 2 == 0
    if prefix:
        yield prefix, False


def _refusal(error: Chunk) -> EngineError:
    return EngineError(str(error.get("message", error)), str(error.get("type", "")), error)


class _Weights(Protocol):
    path: str


class _Cpu(Protocol):
    n_threads: int


class _Params(Protocol):
    """What we set of `xllamacpp.CommonParams`."""

    model: _Weights
    n_ctx: int
    n_batch: int
    n_ubatch: int
    n_parallel: int
    cache_ram_mib: int
    warmup: bool
    cpuparams: _Cpu
    cpuparams_batch: _Cpu
    api_keys: list[str]
    ui: bool
    verbosity: int
    lora_adapters: list[object]
    lora_init_without_apply: bool


class _Server(Protocol):
    """What we use of `xllamacpp.Server`: it calls back with each chunk and stops when that returns True."""

    @property
    def listening_address(self) -> str: ...
    def handle_completions(self, body: Mapping[str, object], chunk: Callable[[object], bool], /) -> object: ...


class _LlamaCpp(Protocol):
    """The module `xllamacpp`, which has no types of its own."""

    def CommonParams(self) -> _Params: ...  # noqa: N802 - its name
    def CommonAdapterLoraInfo(self, path: str, scale: float, /) -> object: ...  # noqa: N802 - its name
    def Server(self, params: _Params, /) -> _Server: ...  # noqa: N802 - its name
