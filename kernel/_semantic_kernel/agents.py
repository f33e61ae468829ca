"""Agents of Semantic Kernel as functions."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Awaitable, Mapping
from typing import Protocol, cast

from semantic_kernel.agents import Agent, AgentResponseItem
from semantic_kernel.contents import ChatMessageContent

from forethought.kernel.binding import Bind
from forethought.kernel.calling import Arguments
from forethought.kernel.errors import FunctionError, PackError
from forethought.kernel.functions import PURE, FunctionSignature, Output, Parameter
from forethought.kernel.models.failures import explain
from forethought.kernel.models.spec import ModelSpec
from forethought.kernel.native import effect_of
from forethought.kernel.packs.hints import UNKNOWN, with_hints
from forethought.kernel.packs.pack import is_name
from forethought.kernel.values import STRING

from .services import usage_of

__all__ = ["wrap_agent"]

_TOLD = Parameter("input", STRING, description="What the agent is told")
_SPEC = ModelSpec("wrapped", "agent")


def wrap_agent(agent: object, name: str, effect: str | None, description: str | None) -> tuple[FunctionSignature, Bind]:
    """Return an agent as the function `Plugin.Function`; raises PackError for what is none, or cannot be named so."""
    plugin, _, own = name.partition(".")
    if not is_name(plugin) or not is_name(own):
        raise PackError(name, "an agent is named 'Plugin.Function'")
    if not isinstance(agent, Agent):
        raise TypeError(f"add_agent needs an agent of Semantic Kernel, not a {type(agent).__name__}")
    said: Mapping[str, object] = UNKNOWN if agent.kernel.plugins else {"effect": PURE}
    if effect is not None:
        said = {"effect": effect_of(effect, plugin, own)}
    signature = FunctionSignature(
        plugin=plugin,
        name=own,
        kind="agent",
        description=description or agent.description or f"Ask {agent.name}",
        parameters=(_TOLD,),
        returns=STRING,
        definition=_definition(agent),
    )
    signature = with_hints(signature, said)
    return signature, functools.partial(_AgentCallee, signature, agent)


def _definition(agent: Agent) -> str:
    """Return the SHA-256 of what an agent is told to be, and of what it may call."""
    functions = sorted(str(each.fully_qualified_name) for each in agent.kernel.get_full_list_of_function_metadata())
    return hashlib.sha256(json.dumps([agent.instructions, functions]).encode()).hexdigest()


class _Ask(Protocol):
    def __call__(self, *, messages: str) -> Awaitable[AgentResponseItem[ChatMessageContent]]: ...


class _AgentCallee:
    """An agent that is told one thing and answers it; nothing is remembered from call to call."""

    __slots__ = ("_arguments", "_ask", "signature")

    def __init__(self, signature: FunctionSignature, agent: Agent) -> None:
        self.signature = signature
        self._ask = cast("_Ask", agent.get_response)  # pyright: ignore[reportUnknownMemberType]
        self._arguments = Arguments(signature)

    async def __call__(self, arguments: Mapping[str, object], /) -> Output:
        told = str(self._arguments.read(arguments)["input"])
        try:
            message = (await self._ask(messages=told)).message
        except Exception as error:  # foreign code ran: the agent, its services, its functions
            raise FunctionError(self.signature.full_name, str(explain(_SPEC, error))) from error
        return Output(str(message), usage_of([message]))
