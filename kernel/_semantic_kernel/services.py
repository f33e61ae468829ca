"""Chat services of Semantic Kernel as models, and a model as a chat service."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from pydantic import ValidationError
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.connectors.ai.completion_usage import CompletionUsage
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings
from semantic_kernel.contents import AuthorRole, ChatHistory, ChatMessageContent
from semantic_kernel.contents.kernel_content import KernelContent
from semantic_kernel.exceptions import KernelException

from forethought.kernel.errors import ModelError
from forethought.kernel.functions import Usage
from forethought.kernel.models.chat import ChatModel, Completion, Message, Request, Role
from forethought.kernel.models.execution import fit, for_llama_cpp, in_json_mode
from forethought.kernel.models.failures import explain, failure_of
from forethought.kernel.models.spec import ModelSpec
from forethought.kernel.prompting import chat_settings

__all__ = ["ModelService", "ServiceModel", "usage_of"]

_logger = logging.getLogger(__name__)

_ROLES: Mapping[AuthorRole, Role] = {
    AuthorRole.SYSTEM: "system",
    AuthorRole.DEVELOPER: "system",
    AuthorRole.ASSISTANT: "assistant",
}


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
        request = in_json_mode(self._spec, request)
        while True:
            settings = self._execution_settings(request)
            try:
                contents = await self._service.get_chat_message_contents(_history(request), settings)
            except Exception as error:  # connectors and their SDKs raise errors of many kinds
                if self._learns_from(failure_of(error), request):
                    continue
                raise explain(self._spec, error) from error
            if not contents:
                raise ModelError(self.spec, "it gave no answer", another_may=True)
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


class ModelService(ChatCompletionClientBase):
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
    return Completion(text.removeprefix(prefix), usage_of([content]), "length" if length else "stop")


def usage_of(contents: Sequence[KernelContent]) -> Usage:
    """Return what the connector says was spent on one request, whose choices all say the same."""
    spent: object = contents[0].metadata.get("usage") if contents else None
    asked = getattr(spent, "prompt_tokens", None) or getattr(spent, "input_tokens", None)  # as Anthropic calls them
    answered = getattr(spent, "completion_tokens", None) or getattr(spent, "output_tokens", None)
    return Usage(asked or 0, answered or 0, 1)
