"""Kernel: what a plan runs on: functions, variables, models."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .calling import NativeCallee
from .context import ContextVariables
from .errors import FunctionError, PackError
from .functions import Callee, FunctionSignature
from .native import functions_of, signature_of
from .problems import Problem
from .registry import SkillRegistry
from .settings import Settings, load_settings

if TYPE_CHECKING:
    from .models.chat import ChatModel

__all__ = ["Kernel"]


class Kernel:
    """Functions by name, variables by name, and the models that prompts and planners use.

    Functions are read when they are added and made ready when they are first bound; models are opened when they are
    first asked for. `model` and `planner_model` are model specs or models; what is not given comes from the settings.
    """

    def __init__(
        self,
        *,
        variables: Mapping[str, object] | None = None,
        model: str | ChatModel | None = None,
        planner_model: str | ChatModel | None = None,
        settings: Settings | None = None,
    ) -> None:
        self._skills = SkillRegistry()
        self._variables = ContextVariables(variables)
        self._problems: tuple[Problem, ...] = ()
        self._binders: dict[str, Callable[[], Callee]] = {}
        self._bound: dict[str, Callee] = {}
        self._model = model
        self._planner_model = planner_model
        self._settings = settings

    def __repr__(self) -> str:
        return f"Kernel({len(self._skills)} functions of {len(self._skills.plugins)} plugins)"

    @property
    def skills(self) -> SkillRegistry:
        """The functions, as a planner sees them."""
        return self._skills

    @property
    def variables(self) -> ContextVariables:
        """The variables that every plan and call of this kernel can read."""
        return self._variables

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What loading packs reported, in order."""
        return self._problems

    @property
    def settings(self) -> Settings:
        """The settings given, or those of the working directory, read when first asked for."""
        if self._settings is None:
            self._settings = load_settings()
        return self._settings

    def add_functions(self, source: object, plugin: str) -> tuple[FunctionSignature, ...]:
        """Register functions in code: a callable, or the marked members of an instance or a module.

        A function of the same full name is replaced. Raises PackError where there is nothing to register.
        """
        if inspect.isclass(source):
            raise PackError(plugin, f"'{source.__name__}' is a class; give an instance of it: {source.__name__}()")
        added: list[FunctionSignature] = []
        for function in functions_of(source):
            signature = signature_of(function, plugin)
            self._register(signature, _native_binder(signature, function))
            added.append(signature)
        if not added:
            raise PackError(plugin, f"{source!r} has no function marked with @skill or @kernel_function")
        self._skills = self._skills.with_functions(added)
        return tuple(added)

    def bind(self, name: str) -> Callee:
        """Return the function that `name` means, made ready to run; its code is loaded the first time.

        Raises UnknownFunctionError or AmbiguousFunctionError, PackError where the code cannot be loaded.
        """
        key = self._skills.find(name).full_name.lower()
        callee = self._bound.get(key)
        if callee is None:
            callee = self._bound[key] = self._binders[key]()
        return callee

    async def invoke(self, name: str, /, **arguments: object) -> object:
        """Call one function and return its value.

        Parameter names ignore case. A required parameter that is left out takes the variable of its own name.
        """
        callee = self.bind(name)
        output = await callee(self._arguments(callee.signature, arguments))
        return output.value

    def _register(self, signature: FunctionSignature, binder: Callable[[], Callee]) -> None:
        key = signature.full_name.lower()
        self._binders[key] = binder
        self._bound.pop(key, None)

    def _arguments(self, signature: FunctionSignature, given: Mapping[str, object]) -> dict[str, object]:
        values: dict[str, object] = {}
        for name, value in given.items():
            parameter = signature.parameter(name)
            if parameter is None:
                known = ", ".join(each.name for each in signature.parameters) or "none"
                raise FunctionError(signature.full_name, f"there is no parameter '{name}' (it has: {known})")
            values[parameter.name] = value
        for parameter in signature.parameters:
            if parameter.required and parameter.name not in values and parameter.name in self._variables:
                values[parameter.name] = self._variables[parameter.name]
        return values


def _native_binder(signature: FunctionSignature, function: Callable[..., object]) -> Callable[[], Callee]:
    return lambda: NativeCallee(signature, function)
