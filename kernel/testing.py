"""Doubles for tests of code that uses forethought: models that cost nothing and say what they were told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .errors import ModelError
from .functions import Usage
from .models.chat import ChatModel, Completion, Request, is_small

__all__ = ["RecordingModel", "ScriptedModel"]


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
