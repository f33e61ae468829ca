"""What a model is to us: messages in, text out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from forethought.kernel.functions import Usage

__all__ = ["ChatModel", "Completion", "Message", "Request", "Role", "has_learned_to_plan", "is_small"]

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation, as plain text."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's answer. `finish` is *stop*, or *length* where it hit a limit.

    `chances` are the log-probabilities of its tokens, where the model tells; `confidence` is their mean over a whole
    plan that was written in several answers.
    """

    text: str
    usage: Usage = Usage()
    finish: Literal["stop", "length"] = "stop"
    chances: tuple[float, ...] = ()
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What a model is asked.

    `prefix` is text the answer must continue from (it is not repeated in the answer); `grammar` a GBNF grammar for
    what follows: both only for models whose `constrained` is True. `schema` is a JSON Schema that the answer is to fit:
    a model that can be held to it is, every other one ignores it, since the messages say it too. `settings` are the
    names of the OpenAI chat API (`temperature`, `max_tokens`, `top_p`, `stop`, …); a model ignores none in silence:
    what it cannot honour is an error. `planning` asks the part of a model that has learned to plan, where there is one.
    """

    messages: Sequence[Message]
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    prefix: str = ""
    grammar: str = ""
    schema: Mapping[str, object] | None = None
    planning: bool = False


class ChatModel(Protocol):
    """A chat model. `spec` is the spec string it came from, `constrained` says whether it decodes under a grammar."""

    @property
    def spec(self) -> str: ...

    @property
    def constrained(self) -> bool: ...

    async def complete(self, request: Request, /) -> Completion:
        """Answer, or raise ModelError with a hint."""
        ...


def is_small(model: ChatModel) -> bool:
    """Say whether `model` is known to be too small to be given much room; a model says so by a `small` of its own."""
    return getattr(model, "small", False) is True


def has_learned_to_plan(model: ChatModel) -> bool:
    """Say whether `model` knows the notation of sketches; a model says so by a `plans` of its own."""
    return getattr(model, "plans", False) is True
