"""What a model is to us: messages in, text out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from forethought.kernel.functions import Usage

__all__ = ["ChatModel", "Completion", "Message", "Request", "Role", "is_small"]

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation, as plain text."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's answer. `finish` is *stop*, or *length* where it hit a limit."""

    text: str
    usage: Usage = Usage()
    finish: Literal["stop", "length"] = "stop"


@dataclass(frozen=True, slots=True)
class Request:
    """What a model is asked.

    `prefix` is text the answer must continue from (it is not repeated in the answer); `grammar` a GBNF grammar for
    what follows: both only for models whose `constrained` is True. `schema` is a JSON Schema that the answer is to fit:
    a model that can be held to it is, every other one ignores it, since the messages say it too. `settings` are the
    names of the OpenAI chat API (`temperature`, `max_tokens`, `top_p`, `stop`, …); a model ignores none in silence:
    what it cannot honour is an error.
    """

    messages: Sequence[Message]
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    prefix: str = ""
    grammar: str = ""
    schema: Mapping[str, object] | None = None


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
