"""Static word vectors in this process: every token has its vector, and a text is the mean of its tokens.

That is what the source of the default vectors documents (WordLlama: "simple token lookup with average pooling"), and
what Model2Vec's files are made for. Nothing is computed but a mean, so a text takes microseconds; word order and
context are not seen.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

from forethought.kernel.errors import EmbedderError
from forethought.kernel.threads import run_in_thread

from .vectors import of_unit_length

if TYPE_CHECKING:
    import numpy.typing as npt

    from forethought.kernel.memory.embedder import FloatMatrix

__all__ = ["LocalEmbedder", "is_installed", "open_local"]

_INSTALL = "pip install 'forethought[memory]'"
_QUICK = 10_000  # characters that are embedded at once: a thread would cost more
_BATCH = 1_000
_TYPES: Mapping[str, str] = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "I32": "<i4", "I64": "<i8"}


def open_local(folder: str = "") -> LocalEmbedder:
    """Return the word vectors of `folder` as Model2Vec saves them, or those of the package `wordllama`.

    Raises EmbedderError where they are not there.
    """
    if folder:
        path = Path(folder).expanduser()
        files = (path / "model.safetensors", path / "tokenizer.json")
        if missing := next((each for each in files if not each.is_file()), None):
            raise EmbedderError(f"local:{folder}", f"there is no file '{missing}'")
        return LocalEmbedder(f"local:{path.resolve().name}@{_digest(files[0])}", *files)
    found = _packaged()
    if found is None:
        raise EmbedderError("local", "its word vectors are not installed", _INSTALL)
    return LocalEmbedder("local:wordllama-l2-256", *found)


def _digest(file: Path) -> str:
    """Return what tells these weights from others: eight letters made of the first ones."""
    with file.open("rb") as opened:
        return hashlib.sha256(opened.read(100_000)).hexdigest()[:8]


def is_installed() -> bool:
    """Say whether `local` can be opened."""
    return _packaged() is not None and importlib.util.find_spec("tokenizers") is not None


def _packaged() -> tuple[Path, Path] | None:
    """Return the weights and the tokenizer of `wordllama`, found without importing it.

    Its code takes a third of a second to import and configures everybody's logging; its files are all we need.
    """
    package = importlib.util.find_spec("wordllama")
    for folder in (package.submodule_search_locations if package else None) or ():
        weights = Path(folder, "weights", "l2_supercat_256.safetensors")
        tokenizer = Path(folder, "tokenizers", "l2_supercat_tokenizer_config.json")
        if weights.is_file() and tokenizer.is_file():
            return weights, tokenizer
    return None


class LocalEmbedder:
    """Static word vectors; they are mapped into memory at the first text, once in a process."""

    __slots__ = ("_files", "_name")

    def __init__(self, name: str, weights: Path, tokenizer: Path) -> None:
        self._name = name
        self._files = (name, weights, tokenizer)

    def __repr__(self) -> str:
        return f"LocalEmbedder('{self._name}')"

    @property
    def name(self) -> str:
        """The spec, with the model that it stands for."""
        return self._name

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return _load(*self._files).dimension

    async def embed(self, texts: Sequence[str], /) -> FloatMatrix:
        """Return the mean of each text's token vectors, at length one; zero for a text without tokens.

        Raises EmbedderError where a file cannot be read, or `tokenizers` is not installed.
        """
        if isinstance(texts, str):
            raise TypeError(f"embed takes several texts, such as [{texts!r}], not one")
        if _is_loaded(*self._files) and sum(map(len, texts)) <= _QUICK:
            return self._embed(texts)
        return await run_in_thread(lambda: self._embed(texts))

    def _embed(self, texts: Sequence[str]) -> FloatMatrix:
        model = _load(*self._files)
        pooled = np.zeros((len(texts), model.dimension), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            for row, ids in enumerate(model.tokens(texts[start : start + _BATCH]), start):
                if ids.size:
                    pooled[row] = model.mean(ids)
        return of_unit_length(pooled)


class _Encoding(Protocol):
    @property
    def ids(self) -> list[int]: ...


class _Tokenizer(Protocol):
    """What we use of `tokenizers.Tokenizer`; a batch wakes a thread for each core."""

    def encode(self, text: str, *, add_special_tokens: bool) -> _Encoding: ...
    def encode_batch_fast(self, texts: Sequence[str], *, add_special_tokens: bool) -> Sequence[_Encoding]: ...


@dataclass(frozen=True, slots=True)
class _Model:
    """A tokenizer, and the vector of each token; `unknown` is the token of what the tokenizer does not know."""

    tokenizer: _Tokenizer
    vectors: npt.NDArray[np.floating]
    unknown: int | None

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return int(self.vectors.shape[1])

    def tokens(self, texts: Sequence[str]) -> Sequence[npt.NDArray[np.intp]]:
        """Return the tokens of each text. A lone surrogate, which is no text, counts as a question mark."""
        texts = [text.encode(errors="replace").decode() for text in texts]
        if sum(map(len, texts)) <= _QUICK:
            encoded: Sequence[_Encoding] = [self.tokenizer.encode(text, add_special_tokens=False) for text in texts]
        else:
            encoded = self.tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        tokens = [np.array(each.ids, dtype=np.intp) for each in encoded]
        return tokens if self.unknown is None else [ids[ids != self.unknown] for ids in tokens]

    def mean(self, ids: npt.NDArray[np.intp]) -> FloatMatrix:
        """Return the mean of the vectors of `ids`; each vector is read once where the text is long."""
        if ids.size <= len(self.vectors):
            mean: FloatMatrix = self.vectors[ids].mean(axis=0, dtype=np.float32)
        else:
            ids, counts = np.unique(ids, return_counts=True)
            mean = (counts / counts.sum()).astype(np.float32) @ self.vectors[ids].astype(np.float32)
        return mean


_models: dict[tuple[str, Path, Path], _Model] = {}
_loading = threading.Lock()


def _is_loaded(*files: object) -> bool:
    return files in _models


def _load(name: str, weights: Path, tokenizer: Path) -> _Model:
    key = (name, weights, tokenizer)
    with _loading:
        if key not in _models:
            _models[key] = _read(name, weights, tokenizer)
        return _models[key]


def _read(name: str, weights: Path, tokenizer: Path) -> _Model:
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise EmbedderError(name, f"tokenizers does not load: {error}", _INSTALL) from error
    try:
        tensors = _tensors(weights)
        vectors = _of_tokens(tensors)
        loaded = Tokenizer.from_file(str(tokenizer))
    except Exception as error:  # the file is foreign, and the tokenizer's errors are plain Exceptions
        raise EmbedderError(
            name, f"its files cannot be read: {error}", "they are damaged, or of another kind"
        ) from error
    loaded.no_padding()
    loaded.no_truncation()
    if loaded.get_vocab_size() > len(vectors):
        raise EmbedderError(name, f"it has {len(vectors)} vectors for {loaded.get_vocab_size()} tokens")
    unknown = loaded.token_to_id(getattr(loaded.model, "unk_token", None) or "[UNK]")
    return _Model(cast("_Tokenizer", loaded), vectors, unknown)


def _of_tokens(tensors: Mapping[str, npt.NDArray[np.generic]]) -> npt.NDArray[np.floating]:
    """Return the vector of each token. Model2Vec may let tokens share one, and may weigh them."""
    name = next((name for name in ("embeddings", "embedding.weight") if name in tensors), "")
    if not name:
        raise ValueError(f"there are no embeddings in it, but {', '.join(tensors) or 'nothing'}")
    vectors = cast("npt.NDArray[np.floating]", tensors[name])
    if "mapping" in tensors:
        vectors = vectors[tensors["mapping"].astype(np.intp)]
    if "weights" in tensors:
        vectors = vectors * tensors["weights"].astype(np.float32)[:, np.newaxis]
    return vectors


def _tensors(path: Path) -> Mapping[str, npt.NDArray[np.generic]]:
    """Map the tensors of a safetensors file into memory: the header's length in 8 bytes, the header, the numbers.

    https://github.com/huggingface/safetensors#format
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header: dict[str, dict[str, object]] = json.loads(file.read(min(length, 1_000_000)))
    found: dict[str, npt.NDArray[np.generic]] = {}
    for name, told in header.items():
        if name != "__metadata__":
            shape = cast("list[int]", told["shape"])
            start = 8 + length + cast("list[int]", told["data_offsets"])[0]
            mapped = np.memmap(path, dtype=_TYPES[str(told["dtype"])], mode="r", offset=start, shape=tuple(shape))
            found[name] = mapped.view(np.ndarray)  # the mapping stays, its slower indexing does not
    return found
