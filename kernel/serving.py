"""Serving: what a native function is given by its kernel where it asks by annotation, its memory, its model, or a key.

    @skill(effect="reads:memory")
    async def recall(query: str, memory: SemanticMemory) -> str: ...

Such a parameter is no part of the signature: no plan sees it or fills it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Literal, Protocol

from .calling import NativeCallee
from .functions import Callee, FunctionSignature, Output, Usage
from .keys import StepKey
from .models.chat import ChatModel, Completion, Request, is_small
from .native import served_parameters

if TYPE_CHECKING:
    from .memory.memory import SemanticMemory

__all__ = ["bind_served"]

_spent: ContextVar[list[Usage] | None] = ContextVar("spent", default=None)


class _Kernel(Protocol):
    """What is served."""

    @property
    def memory(self) -> SemanticMemory: ...
    @property
    def model(self) -> ChatModel: ...


def bind_served(kernel: _Kernel, signature: FunctionSignature, function: Callable[..., object]) -> Callee:
    """Return a function ready to run, with what it asks of its kernel: opened when it is first used."""
    served = {name: _served(kernel, what) for name, what in served_parameters(function).items()}
    if not served:
        return NativeCallee(signature, function)
    return _ServedCallee(signature, functools.partial(function, **served))


def _served(kernel: _Kernel, what: Literal["key", "memory", "model"]) -> object:
    if what == "key":
        return StepKey()
    return kernel.memory if what == "memory" else _CountedModel(lambda: kernel.model)


class _ServedCallee:
    """A function that was given its kernel's memory or model; its output says what the model spent."""

    __slots__ = ("_callee",)

    def __init__(self, signature: FunctionSignature, function: Callable[..., object]) -> None:
        self._callee = NativeCallee(signature, function)

    @property
    def signature(self) -> FunctionSignature:
        return self._callee.signature

    async def __call__(self, arguments: Mapping[str, object], /) -> Output:
        spent: list[Usage] = []
        before = _spent.set(spent)
        try:
            output = await self._callee(arguments)
        finally:
            _spent.reset(before)
        return Output(output.value, sum(spent, output.usage))


class _CountedModel:
    """A model that notes what it spends for the call that is running."""

    __slots__ = ("_open",)

    def __init__(self, opened: Callable[[], ChatModel]) -> None:
        self._open = opened

    @property
    def spec(self) -> str:
        return self._open().spec

    @property
    def constrained(self) -> bool:
        return self._open().constrained

    @property
    def small(self) -> bool:
        return is_small(self._open())

    async def complete(self, request: Request, /) -> Completion:
        completion = await self._open().complete(request)
        spent = _spent.get()
        if spent is not None:
            spent.append(completion.usage)
        return completion
