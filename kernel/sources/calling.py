"""Calling functions from elsewhere: values by our rules on the way there, plain data on the way back."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from forethought.kernel.calling import Arguments
from forethought.kernel.errors import FunctionError, ServerError
from forethought.kernel.functions import FunctionSignature, Output
from forethought.kernel.threads import run_in_thread
from forethought.kernel.values import jsonable

from .connections import Connections
from .openapi import OperationSource
from .requests import Request, prepare_request
from .tools import ToolSource

__all__ = ["OperationCallee", "ToolCallee"]


class ToolCallee:
    """A tool of an MCP server; the server is started or reached by the first call."""

    __slots__ = ("_arguments", "_connections", "_source", "signature")

    def __init__(self, signature: FunctionSignature, source: ToolSource, connections: Connections) -> None:
        self.signature = signature
        self._source = source
        self._connections = connections
        self._arguments = Arguments(signature)

    async def __call__(self, arguments: Mapping[str, object], /) -> Output:
        values = self._arguments.read(arguments)
        given = {self._source.names[name]: jsonable(value) for name, value in values.items()}
        try:
            reply = await self._connections.call(self.signature.full_name, self._source, given)
        except ServerError as error:
            raise FunctionError(self.signature.full_name, str(error)) from error
        value = reply.value
        if reply.structured and self._source.wrapped and isinstance(value, dict):
            return Output(cast("dict[str, object]", value).get("result"))
        return Output(value)


class OperationCallee:
    """An operation of an API; the answer is data where it is JSON, else text."""

    __slots__ = ("_arguments", "_environment", "_source", "signature")

    def __init__(
        self, signature: FunctionSignature, source: OperationSource, environment: Mapping[str, str] | None = None
    ) -> None:
        self.signature = signature
        self._source = source
        self._environment = os.environ if environment is None else environment
        self._arguments = Arguments(signature)

    async def __call__(self, arguments: Mapping[str, object], /) -> Output:
        name = self.signature.full_name
        request = prepare_request(name, self._source, self._arguments.read(arguments))
        try:
            answer = await _send(request, self._environment)
        except ServerError as error:
            raise FunctionError(name, str(error)) from error.__cause__ or error
        return Output(_data(answer, as_text=self.signature.returns.kind == "string"))


async def _send(request: Request, environment: Mapping[str, str]) -> str:
    sender = await run_in_thread(_sender)  # the import takes seconds
    return await sender(request, environment)


def _sender() -> Callable[[Request, Mapping[str, str]], Awaitable[str]]:
    from forethought.kernel import _semantic_kernel as semantic

    return semantic.send


def _data(answer: str, *, as_text: bool) -> object:
    """Return the data that JSON text holds; anything else, and a string that was promised, is the text itself."""
    if as_text and not answer.startswith('"'):
        return answer
    try:
        return json.loads(answer) if answer.strip() else None
    except (ValueError, RecursionError):
        return answer
