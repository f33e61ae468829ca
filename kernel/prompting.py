"""Prompt functions: a template becomes messages, and a model answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, cast

from .calling import Arguments, reason_of
from .errors import CoercionError, FunctionError
from .functions import Callee, FunctionSignature, Output, Usage
from .models.chat import ChatModel, Message, Request
from .values import ValueType

if TYPE_CHECKING:
    from .packs.pack import PromptSource

__all__ = ["MOST_NESTED", "PromptCallee", "chat_settings"]

MOST_NESTED = 8
"""How deep prompts may call functions that are prompts themselves."""

_nested: ContextVar[tuple[str, ...]] = ContextVar("nested", default=())
_RENAMED: Mapping[str, str] = MappingProxyType(
    {
        "stop_sequences": "stop",
        "number_of_responses": "n",
        "results_per_prompt": "n",
        "token_selection_biases": "logit_bias",
    }
)
_NOT_FOR_THE_MODEL = frozenset({"ai_model_id", "model_id", "service_id", "extension_data", "chat_system_prompt"})


class _Models(Protocol):
    """What a prompt function needs of its kernel."""

    def choose_model(self, services: Collection[str], /) -> tuple[ChatModel, str]: ...
    def bind(self, name: str, /) -> Callee: ...


class PromptCallee:
    """A prompt function made ready to run.

    Its output is the model's answer as text, or where a type or a schema is declared for it, a value that fits. The
    usage counts the functions that its template calls, too.
    """

    __slots__ = ("_arguments", "_kernel", "_source", "signature")

    def __init__(self, signature: FunctionSignature, source: PromptSource, kernel: _Models) -> None:
        self.signature = signature
        self._source = source
        self._kernel = kernel
        self._arguments = Arguments(signature)

    async def __call__(self, arguments: Mapping[str, object], /) -> Output:
        name = self.signature.full_name
        values = self._defaults() | self._arguments.read(arguments)
        chain = (*_nested.get(), name)
        if len(chain) > MOST_NESTED:
            raise FunctionError(name, f"prompts call one another more than {MOST_NESTED} deep: {' → '.join(chain)}")
        before = _nested.set(chain)
        try:
            return await self._complete(values)
        except Exception as error:  # the template calls foreign functions, the model is foreign
            raise FunctionError(name, reason_of(error)) from error
        finally:
            _nested.reset(before)

    def _defaults(self) -> dict[str, object]:
        """A template has no defaults of its own: what is left out is the parameter's default, else empty."""
        optional = [each for each in self.signature.parameters if not each.required]
        return {each.name: "" if each.default is None else each.default for each in optional}

    async def _complete(self, values: Mapping[str, object]) -> Output:
        from .templating.rendering import render

        model, service = self._kernel.choose_model(self._source.settings)
        spent: list[Usage] = []
        messages = await render(self._source.template, self._source.format, values, self._caller(spent))
        raw = self._source.settings.get(service, {})
        system = raw.get("chat_system_prompt")
        if isinstance(system, str) and system and not any(each.role == "system" for each in messages):
            messages = (Message("system", system), *messages)
        schema = self._schema(values)
        if schema is None:
            completion = await model.complete(Request(messages, chat_settings(raw)))
            return Output(completion.text, sum(spent, completion.usage))
        from .answers import ask_for_value

        value, usage = await ask_for_value(model, messages, chat_settings(raw), schema, self.signature.returns)
        return Output(value, sum(spent, usage))

    def _schema(self, values: Mapping[str, object]) -> Mapping[str, object] | None:
        """Return the schema of a typed output; None for text. Raises CoercionError where it is none."""
        if not self._source.schema and not self._source.schema_from:
            return None
        from .schemas import checked, schema_of

        if not self._source.schema_from:
            return checked(self._source.schema)
        schema = schema_of(values[self._source.schema_from])
        kind, returns = ValueType.from_json_schema(schema).kind, self.signature.returns.kind
        if "any" not in (kind, returns) and kind != returns:
            raise CoercionError(schema, "schema", f"it is of type {kind}, and this function returns {returns}")
        return schema

    def _caller(self, spent: list[Usage]) -> Callable[[str, Mapping[str, object]], Awaitable[object]]:
        async def call(name: str, arguments: Mapping[str, object]) -> object:
            callee = self._kernel.bind(name)
            output = await callee(_named(callee.signature, arguments))
            spent.append(output.usage)
            return output.value

        return call


def _named(signature: FunctionSignature, given: Mapping[str, object]) -> dict[str, object]:
    """Return arguments by canonical name; `input`, an argument without a name, is the first where none is called so."""
    named: dict[str, object] = {}
    for name, value in given.items():
        parameter = signature.parameter(name)
        if parameter is None and name == "input" and signature.parameters:
            parameter = signature.parameters[0]
        canonical = parameter.name if parameter else name
        if canonical in named:
            raise FunctionError(signature.full_name, f"the parameter '{canonical}' is given twice")
        named[canonical] = value
    return named


def chat_settings(raw: Mapping[str, object]) -> dict[str, object]:
    """Return execution settings of any vintage under the names of the OpenAI chat API; nothing that is not set."""
    settings: dict[str, object] = {}
    extra = raw.get("extension_data")
    merged = {**raw, **(cast("Mapping[str, object]", extra) if isinstance(extra, Mapping) else {})}
    for name, value in merged.items():
        if name in _NOT_FOR_THE_MODEL or value is None or value in ([], {}):
            continue
        settings[_RENAMED.get(name, name)] = value
    if settings.get("n") == 1:
        del settings["n"]
    return settings
