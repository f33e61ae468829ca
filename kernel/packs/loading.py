"""Load native functions for running: what was read from a file's text, bound to the code itself."""

from __future__ import annotations

import dataclasses
import inspect
import threading
import types
from collections.abc import Callable, Mapping
from typing import cast

from forethought.kernel.errors import PackError
from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.kernel.native import INJECTED, evaluated_hints, python_names, served_parameters
from forethought.kernel.values import ANY, ValueType, text, type_from_hint

from .importing import import_file
from .natives import is_context
from .pack import NativeSource
from .vintage import ContextVariables, SKContext

__all__ = ["load_native"]

_instances: dict[type, object] = {}
_lock = threading.RLock()


def load_native(source: NativeSource, signature: FunctionSignature) -> tuple[Callable[..., object], FunctionSignature]:
    """Import the file and return the function, and its signature as the running code refines it.

    The callable takes every parameter by name; one that is left out takes its own default. It is a coroutine function
    where the pack's is. What Semantic Kernel fills by itself (`kernel`, `service`...) is left to it. Each class is made
    once, without arguments. The refined signature has the evaluated annotations, so that values become models and
    dataclasses, and the defaults that are no literals. Raises PackError.
    """
    function = _bound(source, import_file(source.file))
    if source.vintage == "sk_function":
        return _adapted(function, signature), signature
    _verify(function, source, signature)
    return function, _refined(function, signature)


def _bound(source: NativeSource, module: types.ModuleType) -> Callable[..., object]:
    owner, _, name = source.qualname.rpartition(".")
    try:
        holder: object = _instance(getattr(module, owner), source) if owner else module
        function: object = getattr(holder, name)
    except AttributeError as error:
        raise PackError(str(source.file), f"it has no function '{source.qualname}' once it is imported") from error
    if not callable(function):
        raise PackError(str(source.file), f"'{source.qualname}' is no function once it is imported")
    return function


def _instance(owner: type, source: NativeSource) -> object:
    with _lock:
        if owner not in _instances:
            try:
                _instances[owner] = owner()
            except (Exception, SystemExit) as error:  # a pack's own code runs here, and may raise anything
                hint = "give the parameters of __init__ defaults"
                message = f"class '{owner.__name__}' cannot be made without arguments: {error} ({hint})"
                raise PackError(str(source.file), message) from error
        return _instances[owner]


def _verify(function: Callable[..., object], source: NativeSource, signature: FunctionSignature) -> None:
    """Verify once that the function takes the parameters that its text declares, so that calls need not."""
    try:
        taken = inspect.signature(function)
        spelled = python_names(function)
        names = [spelled.get(parameter.name, parameter.name) for parameter in signature.parameters]
        if source.vintage == "kernel_function":
            names += [name for name in INJECTED if name in taken.parameters]
        taken.bind(**dict.fromkeys([*names, *served_parameters(function)]))
    except TypeError as error:
        message = f"'{source.qualname}' does not take the parameters it is written with: {error}"
        raise PackError(str(source.file), message) from error
    except ValueError:  # a callable without a signature, made by another decorator
        return


def _refined(function: Callable[..., object], signature: FunctionSignature) -> FunctionSignature:
    hints = evaluated_hints(function)
    try:
        taken: Mapping[str, inspect.Parameter] = inspect.signature(function).parameters
    except ValueError:
        taken = {}
    spelled = python_names(function)
    return dataclasses.replace(
        signature,
        parameters=tuple(
            _refined_parameter(each, hints, spelled.get(each.name, each.name), taken) for each in signature.parameters
        ),
        returns=signature.returns if _generates(function) else _refined_type(signature.returns, hints, "return"),
    )


def _generates(function: Callable[..., object]) -> bool:
    return inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)


def _refined_parameter(
    parameter: Parameter, hints: Mapping[str, object], name: str, taken: Mapping[str, inspect.Parameter]
) -> Parameter:
    """Return a parameter, `name` in Python, with its evaluated annotation and default."""
    default = parameter.default
    if not parameter.required and name in taken and taken[name].default is not inspect.Parameter.empty:
        default = cast("object", taken[name].default)
    return dataclasses.replace(parameter, type=_refined_type(parameter.type, hints, name), default=default)


def _refined_type(read: ValueType, hints: Mapping[str, object], name: str) -> ValueType:
    evaluated = type_from_hint(hints[name]) if name in hints else ANY
    if evaluated == ANY and read != ANY:
        return dataclasses.replace(read, hint=evaluated.hint)
    return evaluated


def _adapted(function: Callable[..., object], signature: FunctionSignature) -> Callable[..., object]:
    """Return a 2023 function as one that takes its variables by name."""
    taken = [
        (name, is_context(name, _annotation_name(parameter)))
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    ]
    presets = {each.name: each.default for each in signature.parameters if each.default is not None}

    def prepared(arguments: Mapping[str, object]) -> dict[str, object]:
        values = {name: text(value) for name, value in {**presets, **arguments}.items() if value is not None}
        context = SKContext(ContextVariables(variables=values))
        ready: dict[str, object] = {name: context for name, is_it in taken if is_it}
        first = next((name for name, is_it in taken if not is_it), None)
        if first is not None and "input" in context:
            ready[first] = context["input"]
        return ready

    if inspect.iscoroutinefunction(function):

        async def call_async(**arguments: object) -> object:
            return _result(await function(**prepared(arguments)))

        return call_async

    def call(**arguments: object) -> object:
        return _result(function(**prepared(arguments)))

    return call


def _annotation_name(parameter: inspect.Parameter) -> str:
    annotation = cast("object", parameter.annotation)
    return annotation.strip("'\"") if isinstance(annotation, str) else getattr(annotation, "__name__", "")


def _result(value: object) -> object:
    return value.result if isinstance(value, SKContext) else value
