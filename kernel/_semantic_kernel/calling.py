"""Calling functions of Semantic Kernel through their kernel, by our rules for values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from semantic_kernel import Kernel as SemanticKernel
from semantic_kernel.contents.kernel_content import KernelContent
from semantic_kernel.exceptions import KernelException
from semantic_kernel.functions import FunctionResult, KernelArguments, KernelFunction, KernelFunctionFromMethod

from forethought.kernel.calling import Arguments, awaitable, reason_of
from forethought.kernel.errors import FunctionError, PackError
from forethought.kernel.functions import Callee, FunctionSignature, Output
from forethought.kernel.models.chat import ChatModel
from forethought.kernel.models.failures import explain
from forethought.kernel.models.spec import ModelSpec

from .services import ModelService, usage_of

__all__ = ["SemanticCallee", "bind_method"]

_ITS_SERVICE = ModelSpec("wrapped", "chat")


def bind_method(
    existing: object, signature: FunctionSignature, method: Callable[..., object], opened: Callable[[], ChatModel]
) -> Callee:
    """Return a function that Semantic Kernel decorated, ready to run: what it injects comes from `existing`.

    Where that is no kernel of Semantic Kernel, it is one whose only service is the model that `opened` returns.
    """
    service = ModelService(ai_model_id="forethought", service_id="default", opened=opened)
    kernel = existing if isinstance(existing, SemanticKernel) else SemanticKernel(services=service)
    try:
        function = KernelFunctionFromMethod(method=method)
    except KernelException as error:
        raise PackError(signature.full_name, str(error.__cause__ or error)) from error
    return SemanticCallee(kernel, signature, function)


class SemanticCallee:
    """A function called through its kernel, so that filters, services and telemetry of that kernel apply.

    Values have their types before Semantic Kernel sees them, so it is kept from converting them again: it makes
    `bool("false")` True, calls `datetime("2024-01-01")`, and refuses JSON text. What a filter changes is converted by
    our rules, too. Synchronous functions run in a worker thread.
    """

    __slots__ = ("_arguments", "_function", "_kernel", "signature")

    def __init__(self, kernel: SemanticKernel, signature: FunctionSignature, function: KernelFunction) -> None:
        self.signature = signature
        self._kernel = kernel
        self._arguments = Arguments(signature)
        self._function = function
        if isinstance(function, KernelFunctionFromMethod):
            parameters = [each.model_copy(update={"type_object": None}) for each in function.parameters]
            metadata = function.metadata.model_copy(update={"parameters": parameters})
            method = _converting(function.method, signature, self._arguments)
            self._function = function.model_copy(update={"metadata": metadata, "method": method})

    async def __call__(self, arguments: Mapping[str, object], /) -> Output:
        given = KernelArguments()  # filled after, since a parameter may be named `settings`
        cast("dict[str, object]", given).update(self._arguments.read(arguments))
        try:
            result = await self._kernel.invoke(self._function, given)
        except Exception as error:  # foreign code ran: the function, filters, services
            cause = _cause(error)
            failure = explain(_ITS_SERVICE, error) if self.signature.kind == "prompt" else cause
            raise FunctionError(self.signature.full_name, reason_of(failure)) from cause
        if result is None:
            raise FunctionError(self.signature.full_name, "a filter cancelled the call")
        return _output(result)


def _converting(
    method: Callable[..., object], signature: FunctionSignature, arguments: Arguments
) -> Callable[..., object]:
    run = awaitable(method, quick=signature.quick)
    own = frozenset(each.name for each in signature.parameters)

    async def call(**values: object) -> object:
        injected = {name: value for name, value in values.items() if name not in own}
        return await run(**arguments.read({name: values[name] for name in values if name in own}), **injected)

    return call


def _output(result: FunctionResult) -> Output:
    """Return the value itself: `str(result)` makes nothing of 0, False and [], and of a dict its last value."""
    value: object = result.value
    contents = [value] if isinstance(value, KernelContent) else value
    if not isinstance(contents, list) or not contents:
        return Output(value)
    listed = [each for each in cast("list[object]", contents) if isinstance(each, KernelContent)]
    if len(listed) < len(cast("list[object]", contents)):
        return Output(value)
    if result.function.is_prompt:
        return Output(str(listed[0]), usage_of(listed))
    return Output("\n".join(map(str, listed)))


def _cause(error: BaseException) -> BaseException:
    """Return what was raised before Semantic Kernel wrapped it."""
    while isinstance(error, KernelException) and error.__cause__ is not None:
        error = error.__cause__
    return error
