"""Reading a kernel of Semantic Kernel: its functions as ours, its chat services as models."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from semantic_kernel import Kernel as SemanticKernel
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.functions import (
    KernelFunction,
    KernelFunctionFromMethod,
    KernelFunctionFromPrompt,
    KernelParameterMetadata,
)

from forethought.kernel.errors import TemplateError
from forethought.kernel.functions import Callee, FunctionSignature, Parameter
from forethought.kernel.models.chat import ChatModel
from forethought.kernel.models.spec import ModelSpec
from forethought.kernel.native import INJECTED, effect_of, signature_of
from forethought.kernel.packs.hints import UNKNOWN, with_hints
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.templating.functions import functions_of
from forethought.kernel.values import ANY, STRING, ValueType, type_from_hint

from .calling import SemanticCallee
from .services import ServiceModel

__all__ = ["Wrapped", "wrap"]


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What a kernel of Semantic Kernel has for us: its functions, and its chat services by service id."""

    functions: tuple[tuple[FunctionSignature, Callable[[], Callee]], ...]
    models: Mapping[str, ChatModel]


def wrap(existing: object, effects: Mapping[str, str]) -> Wrapped:
    """Read a `semantic_kernel.Kernel`; `effects` declares what functions do, by name.

    Raises UnknownFunctionError for an effect of no function, PackError for a text that is no effect.
    """
    if not isinstance(existing, SemanticKernel):
        raise TypeError(f"Kernel.wrap needs a semantic_kernel.Kernel, not a {type(existing).__name__}")
    functions = [function for plugin in existing.plugins.values() for function in plugin.functions.values()]
    skills = SkillRegistry(map(_signature, functions))
    for name, said in effects.items():
        signature = skills.find(name)
        effect = effect_of(said, signature.plugin, signature.name)
        skills = skills.with_functions([with_hints(signature, {"effect": effect})])
    bound = zip(skills, functions, strict=True)
    return Wrapped(
        tuple((signature, functools.partial(SemanticCallee, existing, signature, each)) for signature, each in bound),
        {
            name: ServiceModel(ModelSpec("wrapped", name), service)
            for name, service in existing.services.items()
            if isinstance(service, ChatCompletionClientBase)
        },
    )


def _signature(function: KernelFunction) -> FunctionSignature:
    """Read the signature of a function: from its code where there is code, else from its metadata."""
    prompt = function if isinstance(function, KernelFunctionFromPrompt) else None
    hidden: frozenset[str] = frozenset() if prompt else INJECTED
    shown = [each for each in function.parameters if each.name not in hidden and each.include_in_function_choices]
    plain = prompt and prompt.prompt_template.prompt_template_config.template_format == "semantic-kernel"
    read = FunctionSignature(
        plugin=function.plugin_name,
        name=function.name,
        kind="prompt" if prompt else "native",
        description=(function.description or "").strip(),
        parameters=tuple(_parameter(each, STRING if plain else ANY) for each in shown),
        returns=STRING if prompt else ANY,
    )
    if not isinstance(function, KernelFunctionFromMethod):
        return with_hints(read, UNKNOWN if prompt and _calls(prompt) else {})
    code = signature_of(function.method, function.plugin_name)
    typed = {each.name: each for each in code.parameters}
    parameters = tuple(typed.get(each.name, each) for each in read.parameters)
    described = code.description or read.description
    return dataclasses.replace(code, name=function.name, description=described, parameters=parameters)


def _calls(function: KernelFunctionFromPrompt) -> bool:
    """Say whether a prompt may call functions: its template names some, or its model may choose some."""
    config = function.prompt_template.prompt_template_config
    try:
        named = functions_of(config.template or "", config.template_format)
    except TemplateError:  # a template that Semantic Kernel reads more kindly than we do
        return True
    return bool(named) or any(each.function_choice_behavior for each in function.prompt_execution_settings.values())


def _parameter(metadata: KernelParameterMetadata, untyped: ValueType) -> Parameter:
    """Read one parameter: its schema says most, its Python type is kept where values must become instances of it.

    What nobody has typed has the schema of an object all the same.
    """
    hinted = type_from_hint(metadata.type_object) if isinstance(metadata.type_object, type) else ANY
    read = ValueType.from_json_schema(metadata.schema_data or {})
    if hinted.kind in ("object", "date", "date-time", "time", "duration") and metadata.type_object is not dict:
        read = hinted
    elif metadata.type_object is None and metadata.type_ in (None, "", "Any"):
        read = untyped
    default: object = metadata.default_value
    return Parameter(
        name=str(metadata.name),
        type=read,
        required=bool(metadata.is_required) and default in (None, ""),
        default=default,
        description=metadata.description or "",
    )
