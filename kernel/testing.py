"""Doubles for tests of code that uses forethought: models that cost nothing and say what they were told to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .errors import ModelError
from .functions import Usage
from .models.chat import ChatModel, Completion, Request, is_small

if TYPE_CHECKING:
    from .memory.embedder import FloatMatrix

__all__ = ["HashEmbedder", "RecordingModel", "ScriptedModel"]


class HashEmbedder:
    """An embedder that loads nothing: a vector is the sum of its words' hashes, so that common words are nearness.

    The same text has the same vector everywhere. `texts` keeps what was embedded, in order.
    """

    def __init__(self, dimension: int = 64) -> None:
        self.name = f"hash:{dimension}"
        self.dimension = dimension
        self.texts: list[str] = []

    async def embed(self, texts: Sequence[str], /) -> FloatMatrix:
        """Return one vector of length one for each text, zero for a text without words."""
        import numpy as np

        self.texts.extend(texts)
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                hashed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
                row[hashed % self.dimension] += 1 if hashed >> 63 else -1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, lengths, out=vectors, where=lengths > 0)
        return vectors


class ScriptedModel:
    """A model that answers by script and keeps every request in `requests`.

    `replies` are given in order: text, a Completion, or an exception to raise; or it is a function from the request to
    the text. Usage counts words, so that sums can be tested. A request beyond the script raises ModelError.
    """

    def __init__(
        self,
        replies: Sequence[str | Completion | Exception] | Callable[[Request], str],
        *,
        spec: str = "scripted",
        constrained: bool = False,
    ) -> None:
        self.spec = spec
        self.constrained = constrained
        self.requests: list[Request] = []
        self._replies = replies

    async def complete(self, request: Request, /) -> Completion:
        """Give the next reply."""
        self.requests.append(request)
        reply = self._next(request)
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, Completion):
            return reply
        asked = sum(len(message.content.split()) for message in request.messages)
        return Completion(reply, Usage(asked, len(reply.split()), 1))

    def _next(self, request: Request) -> str | Completion | Exception:
        if callable(self._replies):
            return self._replies(request)
        if len(self.requests) > len(self._replies):
            count = len(self._replies)
            raise ModelError(self.spec, f"the script has {count} replies, and this is request {len(self.requests)}")
        return self._replies[len(self.requests) - 1]


class RecordingModel:
    """A model that asks another one and keeps the requests and the completions, pair by pair."""

    def __init__(self, inner: ChatModel) -> None:
        self.requests: list[Request] = []
        self.completions: list[Completion] = []
        self._inner = inner

    @property
    def spec(self) -> str:
        """The other model's spec."""
        return self._inner.spec

    @property
    def constrained(self) -> bool:
        """Whether the other model decodes under a grammar."""
        return self._inner.constrained

    @property
    def small(self) -> bool:
        """Whether the other model is known to be small."""
        return is_small(self._inner)

    async def complete(self, request: Request, /) -> Completion:
        """Ask the other model."""
        completion = await self._inner.complete(request)
        self.requests.append(request)
        self.completions.append(completion)
        return completion
