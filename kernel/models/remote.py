"""Models behind a server, reached through Semantic Kernel's connectors.

Nothing is imported and nothing connected before the first question.
"""

from __future__ import annotations

import asyncio
import weakref

from forethought.kernel.settings import Settings
from forethought.kernel.threads import run_in_thread

from .chat import ChatModel, Completion, Request
from .spec import ModelSpec

__all__ = ["RemoteModel"]


class RemoteModel:
    """A model that a server answers for.

    Connections belong to the event loop they were made in, so each loop has its own connector.
    """

    __slots__ = ("_by_loop", "_constrained", "_settings", "_spec")

    def __init__(self, spec: ModelSpec, settings: Settings) -> None:
        self._spec = spec
        self._settings = settings
        self._constrained: bool | None = None if spec.provider == "http" else False
        self._by_loop: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, ChatModel] = weakref.WeakKeyDictionary()

    def __repr__(self) -> str:
        return f"RemoteModel('{self._spec}')"

    @property
    def spec(self) -> str:
        """The spec, as it is written."""
        return str(self._spec)

    @property
    def constrained(self) -> bool:
        """Whether llama.cpp serves the model, which decodes under a grammar.

        Only an `http` server can be one: it is asked once, when this is first read, for two seconds at most. A server
        that does not answer is taken for none, and asked again the next time.
        """
        if self._constrained is None:
            from .servers import is_llama_cpp

            answer = is_llama_cpp(self._spec.base_url, self._settings.environment.get("FORETHOUGHT_API_KEY", ""))
            self._constrained = answer
            return answer is True
        return self._constrained

    async def complete(self, request: Request, /) -> Completion:
        """Answer; raises ModelError with what to do about it."""
        loop = asyncio.get_running_loop()
        model = self._by_loop.get(loop)
        if model is None:
            model = self._by_loop[loop] = await run_in_thread(self._open)  # the import alone takes seconds
        return await model.complete(request)

    def _open(self) -> ChatModel:
        from forethought.kernel import _semantic_kernel as semantic

        return semantic.open_remote(self._spec, self._settings, lambda: self.constrained)
