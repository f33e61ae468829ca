"""The one door to Semantic Kernel: its connectors as models, its kernels as functions.

Importing this module takes seconds; everything else of ours reaches it only when a call needs it. No type of Semantic
Kernel leaves it.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import ValidationError
from semantic_kernel import Kernel as SemanticKernel
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.connectors.ai.completion_usage import CompletionUsage
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings
from semantic_kernel.contents import AuthorRole, ChatHistory, ChatMessageContent
from semantic_kernel.contents.kernel_content import KernelContent
from semantic_kernel.exceptions import KernelException
from semantic_kernel.functions import (
    FunctionResult,
    KernelArguments,
    KernelFunction,
    KernelFunctionFromMethod,
    KernelFunctionFromPrompt,
    KernelParameterMetadata,
)

from .calling import Arguments, awaitable, reason_of
from .errors import FunctionError, ModelError, PackError, TemplateError
from .functions import Callee, FunctionSignature, Output, Parameter, Usage
from .models.chat import ChatModel, Completion, Message, Request, Role
from .models.detection import KEYS, missing_key
from .models.execution import fit, for_llama_cpp
from .models.failures import explain, failure_of
from .models.servers import models_of
from .models.spec import ModelSpec
from .native import INJECTED, effect_of, signature_of
from .packs.hints import UNKNOWN, with_hints
from .prompting import chat_settings
from .registry import SkillRegistry
from .settings import Settings
from .templating.functions import functions_of
from .values import ANY, STRING, ValueType, type_from_hint

_logger = logging.getLogger(__name__)

_CLOSE = {"Connection": "close"}  # nothing is left open when the event loop ends

_ROLES: Mapping[AuthorRole, Role] = {
    AuthorRole.SYSTEM: "system",
    AuthorRole.DEVELOPER: "system",
    AuthorRole.ASSISTANT: "assistant",
}

_ITS_SERVICE = ModelSpec("wrapped", "chat")


class ServiceModel:
    """A chat service of Semantic Kernel as a model."""

    __slots__ = ("_constrained", "_refused", "_service", "_spec")

    def __init__(
        self, spec: ModelSpec, service: ChatCompletionClientBase, constrained: Callable[[], bool] = lambda: False
    ) -> None:
        self._spec = spec
        self._service = service
        self._constrained = constrained
        self._refused: dict[str, str | None] = {}  # settings this model does not take, and what it takes instead

    @property
    def spec(self) -> str:
        return str(self._spec)

    @property
    def constrained(self) -> bool:
        return self._constrained()

    async def complete(self, request: Request, /) -> Completion:
        """Answer. A setting that the server refuses by name is left out from then on, with a warning in the log."""
        if (request.prefix or request.grammar) and not self.constrained:
            raise ModelError(self.spec, "it does not decode under a grammar, nor from a given beginning")
        while True:
            settings = self._execution_settings(request)
            try:
                contents = await self._service.get_chat_message_contents(_history(request), settings)
            except Exception as error:  # connectors and their SDKs raise errors of many kinds
                if self._learns_from(failure_of(error), request):
                    continue
                raise explain(self._spec, error) from error
            if not contents:
                raise ModelError(self.spec, "it gave no answer")
            return _completion(contents[0], request.prefix)

    def _execution_settings(self, request: Request) -> PromptExecutionSettings:
        kind = self._service.get_prompt_execution_settings_class()
        own = set(kind.model_fields) - set(PromptExecutionSettings.model_fields)
        beside = for_llama_cpp(request) if self.constrained else {}
        named = {self._refused.get(name, name): value for name, value in request.settings.items() if name not in beside}
        fitted = fit(self.spec, {name: value for name, value in named.items() if name is not None}, own)
        if beside:
            fitted["extra_body"] = beside
        try:
            return kind(**fitted)  # type: ignore[arg-type]
        except (ValidationError, KernelException) as error:
            said = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
            raise ModelError(self.spec, f"its settings are refused: {said}") from error

    def _learns_from(self, error: BaseException, request: Request) -> bool:
        """Remember the setting that a server names as not supported; say whether asking again makes sense."""
        name, code = getattr(error, "param", None), getattr(error, "code", None)
        if code not in ("unsupported_parameter", "unsupported_value") or not isinstance(name, str):
            return False
        if name not in request.settings or name in self._refused:
            return False
        self._refused[name] = "max_completion_tokens" if name == "max_tokens" else None
        if self._refused[name] is None:
            _logger.warning("model %s does not take the setting '%s'; it is left out", self.spec, name)
        return True


def open_remote(spec: ModelSpec, settings: Settings, constrained: Callable[[], bool]) -> ChatModel:
    """Return the model that a server answers for; raises ModelError where its SDK or its key is missing."""
    try:
        service = _OPENERS[spec.provider](spec, settings)
    except ImportError as error:
        reason = f"the SDK of {spec.provider} is not installed ({error})"
        raise ModelError(str(spec), reason, f"pip install 'forethought[{spec.provider}]'") from error
    except Exception as error:  # settings of connectors are pydantic models, SDKs check keys in their own ways
        missing = missing_key(spec.provider, settings.environment)
        raise ModelError(str(spec), f"{missing} is not set") if missing else explain(spec, error) from error
    return ServiceModel(spec, service, constrained)


class _Service(ChatCompletionClientBase):
    """A model as a chat service, for functions that ask their kernel for one."""

    opened: Callable[[], ChatModel]

    async def _inner_get_chat_message_contents(
        self, chat_history: ChatHistory, settings: PromptExecutionSettings
    ) -> list[ChatMessageContent]:
        messages = [Message(_ROLES.get(each.role, "user"), str(each)) for each in chat_history.messages]
        completion = await self.opened().complete(Request(messages, chat_settings(settings.extension_data)))
        spent = completion.usage
        usage = CompletionUsage(prompt_tokens=spent.prompt_tokens, completion_tokens=spent.completion_tokens)
        return [ChatMessageContent(role=AuthorRole.ASSISTANT, content=completion.text, metadata={"usage": usage})]


def _history(request: Request) -> ChatHistory:
    begun = [Message("assistant", request.prefix)] if request.prefix else []  # llama.cpp continues the last message
    messages = [*request.messages, *begun]
    return ChatHistory(messages=[ChatMessageContent(role=AuthorRole(m.role), content=m.content) for m in messages])


def _completion(content: ChatMessageContent, prefix: str) -> Completion:
    text = str(content)
    length = content.finish_reason is not None and content.finish_reason.value == "length"
    return Completion(text.removeprefix(prefix), _usage([content]), "length" if length else "stop")


def _usage(contents: Sequence[KernelContent]) -> Usage:
    """Return what the connector says was spent on one request, whose choices all say the same."""
    spent: object = contents[0].metadata.get("usage") if contents else None
    asked = getattr(spent, "prompt_tokens", None) or getattr(spent, "input_tokens", None)  # as Anthropic calls them
    answered = getattr(spent, "completion_tokens", None) or getattr(spent, "output_tokens", None)
    return Usage(asked or 0, answered or 0, 1)


def _open_openai(spec: ModelSpec, settings: Settings) -> ChatCompletionClientBase:
    from semantic_kernel.connectors.ai.open_ai import AzureChatCompletion, OpenAIChatCompletion

    if spec.provider == "azure":
        service: AzureChatCompletion | OpenAIChatCompletion = AzureChatCompletion(deployment_name=spec.name)
    else:
        service = OpenAIChatCompletion(ai_model_id=spec.name, api_key=_key(settings, "openai"))
    service.client = service.client.with_options(default_headers=_CLOSE)
    return service


def _open_http(spec: ModelSpec, settings: Settings) -> ChatCompletionClientBase:
    from openai import AsyncOpenAI
    from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion

    key = settings.environment.get("FORETHOUGHT_API_KEY", "")
    listed = () if spec.name else models_of(spec.base_url, key) or ()
    name = spec.name or next((str(each["id"]) for each in listed if "id" in each), "default")
    client = AsyncOpenAI(base_url=spec.base_url, api_key=key or "none", max_retries=1, default_headers=_CLOSE)
    return OpenAIChatCompletion(ai_model_id=name, async_client=client)


def _open_keyed(spec: ModelSpec, settings: Settings) -> ChatCompletionClientBase:
    package, connector, model = _KEYED[spec.provider]
    made = getattr(importlib.import_module(f"semantic_kernel.connectors.ai.{package}"), connector)
    return cast("ChatCompletionClientBase", made(**{model: spec.name, "api_key": _key(settings, spec.provider)}))


def _open_ollama(spec: ModelSpec, settings: Settings) -> ChatCompletionClientBase:
    from semantic_kernel.connectors.ai.ollama import OllamaChatCompletion

    return OllamaChatCompletion(ai_model_id=spec.name, host=settings.environment.get("OLLAMA_HOST"))


def _key(settings: Settings, provider: str) -> str | None:
    return next((key for name in KEYS[provider] if (key := settings.environment.get(name))), None)


_KEYED: Mapping[str, tuple[str, str, str]] = {
    "anthropic": ("anthropic", "AnthropicChatCompletion", "ai_model_id"),
    "google": ("google.google_ai", "GoogleAIChatCompletion", "gemini_model_id"),
    "mistral": ("mistral_ai", "MistralAIChatCompletion", "ai_model_id"),
}
_OPENERS: Mapping[str, Callable[[ModelSpec, Settings], ChatCompletionClientBase]] = {
    "openai": _open_openai,
    "azure": _open_openai,
    "anthropic": _open_keyed,
    "google": _open_keyed,
    "mistral": _open_keyed,
    "ollama": _open_ollama,
    "http": _open_http,
}


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
        tuple((signature, functools.partial(_SemanticCallee, existing, signature, each)) for signature, each in bound),
        {
            name: ServiceModel(ModelSpec("wrapped", name), service)
            for name, service in existing.services.items()
            if isinstance(service, ChatCompletionClientBase)
        },
    )


def bind_method(
    existing: object, signature: FunctionSignature, method: Callable[..., object], opened: Callable[[], ChatModel]
) -> Callee:
    """Return a function that Semantic Kernel decorated, ready to run: what it injects comes from `existing`.

    Where that is no kernel of Semantic Kernel, it is one whose only service is the model that `opened` returns.
    """
    service = _Service(ai_model_id="forethought", service_id="default", opened=opened)
    kernel = existing if isinstance(existing, SemanticKernel) else SemanticKernel(services=service)
    try:
        function = KernelFunctionFromMethod(method=method)
    except KernelException as error:
        raise PackError(signature.full_name, str(error.__cause__ or error)) from error
    return _SemanticCallee(kernel, signature, function)


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


class _SemanticCallee:
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
        return Output(str(listed[0]), _usage(listed))
    return Output("\n".join(map(str, listed)))


def _cause(error: BaseException) -> BaseException:
    """Return what was raised before Semantic Kernel wrapped it."""
    while isinstance(error, KernelException) and error.__cause__ is not None:
        error = error.__cause__
    return error
