"""Calling native functions: verified once, then called with nothing in between but the values' types."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping
from typing import cast

from .errors import CoercionError, ForethoughtError, FunctionError
from .functions import FunctionSignature, Output, Parameter
from .native import python_names
from .threads import run_in_thread
from .values import coerce

__all__ = ["Arguments", "NativeCallee", "awaitable", "reason_of"]

_EXACT = {"string": str, "integer": int, "number": float, "boolean": bool}


class Arguments:
    """The arguments of one function, read against its parameters: each coerced, none missing, none unknown."""

    __slots__ = ("_expected", "_function")

    def __init__(self, signature: FunctionSignature) -> None:
        self._function = signature.full_name
        self._expected = [(each.name, _exact(each), each) for each in signature.parameters]

    def read(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return the values by parameter name; what is left out stays out, so that the function's default holds.

        Raises CoercionError for a value that does not fit, FunctionError for a name that is missing or unknown.
        """
        values: dict[str, object] = {}
        for name, exact, parameter in self._expected:
            if name in given:
                value = given[name]
                values[name] = value if type(value) is exact else self._coerced(value, parameter)
            elif parameter.required:
                raise FunctionError(self._function, f"the parameter '{name}' has no value")
        if len(values) != len(given):
            unknown = next(name for name in given if name not in values)
            known = ", ".join(name for name, _, _ in self._expected) or "none"
            raise FunctionError(self._function, f"there is no parameter '{unknown}' (it has: {known})")
        return values

    def _coerced(self, value: object, parameter: Parameter) -> object:
        try:
            return coerce(value, parameter.type)
        except CoercionError as error:
            where = f"parameter '{parameter.name}' of {self._function}"
            reason = f"{where}: {error.reason}" if error.reason else where
            raise CoercionError(error.value, error.expected, reason) from error.__cause__


class NativeCallee:
    """A Python function made ready to run.

    Coroutines are awaited; synchronous functions run in a worker thread, unless they are `quick`; generators of both
    kinds are collected into lists.
    """

    __slots__ = ("_arguments", "_python_names", "_run", "signature")

    def __init__(self, signature: FunctionSignature, function: Callable[..., object]) -> None:
        self.signature = signature
        self._arguments = Arguments(signature)
        self._python_names = python_names(function)
        self._run = awaitable(function, quick=signature.quick)

    async def __call__(self, arguments: Mapping[str, object], /) -> Output:
        values = self._arguments.read(arguments)
        if self._python_names:
            values = {self._python_names.get(name, name): value for name, value in values.items()}
        try:
            return Output(await self._run(**values))
        except (Exception, SystemExit) as error:  # foreign code ran; sys.exit in it ends it, not us
            raise FunctionError(self.signature.full_name, reason_of(error)) from error


def reason_of(error: BaseException) -> str:
    """Return the sentence of `error`; what is not a sentence is given its type's name, a group those of its members."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(map(reason_of, cast("BaseExceptionGroup[BaseException]", error).exceptions))
    said = str(error).strip()
    if isinstance(error, ForethoughtError) or " " in said:
        return said
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _exact(parameter: Parameter) -> type | None:
    return None if parameter.type.choices else _EXACT.get(parameter.type.kind)


def awaitable(function: Callable[..., object], *, quick: bool) -> Callable[..., Awaitable[object]]:
    """Return `function` as something to await; which way it runs is decided here, once."""
    called = _code(function)
    if inspect.iscoroutinefunction(called):
        return cast("Callable[..., Awaitable[object]]", function)
    inline = quick or inspect.isasyncgenfunction(called)

    def collect(values: dict[str, object]) -> object:
        result: object = function(**values)
        return list(cast("Iterable[object]", result)) if _is_generator(result) else result

    async def run(**values: object) -> object:
        result = collect(values) if inline else await run_in_thread(functools.partial(collect, values))
        if inspect.isasyncgen(result):
            return [each async for each in cast("AsyncIterable[object]", result)]
        return await cast("Awaitable[object]", result) if inspect.isawaitable(result) else result

    return run


def _code(function: object) -> object:
    """Return what tells whether calling `function` gives a coroutine: of an instance, its `__call__`."""
    return function if _is_routine(function) else getattr(function, "__call__", function)  # noqa: B004


def _is_routine(function: object) -> bool:
    return inspect.isroutine(function) or isinstance(function, functools.partial)


def _is_generator(result: object) -> bool:
    return inspect.isgenerator(result)
