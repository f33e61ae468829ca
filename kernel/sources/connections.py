"""The open sessions of a kernel with MCP servers: one a server and event loop, opened by the first call to it."""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from forethought.kernel.errors import FunctionError, PackError
from forethought.kernel.threads import run_in_thread

from .places import McpPlace
from .tools import Reply, Tool, ToolSource, tool_digest

__all__ = ["Connections", "Session", "open_session"]


class Session(Protocol):
    """One open session with a server."""

    async def tools(self) -> Sequence[Tool]: ...

    @property
    def open_for_calls(self) -> bool: ...

    async def call(self, tool: str, arguments: Mapping[str, object], /) -> Reply: ...

    async def aclose(self) -> None: ...


async def open_session(place: McpPlace, environment: Mapping[str, str]) -> Session:
    """Start or reach a server; raises ServerError, SettingsError for a variable that is not set."""
    opener = await run_in_thread(_opener)  # the import takes seconds
    return await opener(place, environment)


class Connections:
    """Sessions by server, shared by all calls on one event loop; a server that has ended is started again."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment
        self._opened: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[McpPlace, asyncio.Task[Session]]] = (
            weakref.WeakKeyDictionary()
        )

    async def call(self, function: str, source: ToolSource, arguments: Mapping[str, object]) -> Reply:
        """Call a tool, as it was when its signature was read.

        Raises ServerError, PackError where the server now says something else of the tool, and FunctionError with what
        the tool says where it fails.
        """
        session = await self.session(source.place)
        found = [tool for tool in await session.tools() if tool.get("name") == source.tool]
        if not any(tool_digest(tool) == source.digest for tool in found):
            changed = f"says something else of its tool '{source.tool}' than was read"
            gone = f"has no '{source.tool}'"
            raise PackError(function, f"the server '{source.place}' {changed if found else gone}; {_WAY_OUT}")
        reply = await session.call(source.tool, arguments)
        if reply.failed:
            raise FunctionError(function, str(reply.value))
        return reply

    async def session(self, place: McpPlace) -> Session:
        """Return the session with a server, opened now if there is none; callers at the same time share it."""
        opened = self._opened.setdefault(asyncio.get_running_loop(), {})
        opening = opened.get(place)
        if opening is not None and opening.done() and (opening.cancelled() or not _alive(opening)):
            del opened[place]
            await _close(opening)
            opening = opened.get(place)
        if opening is None:
            opening = opened[place] = asyncio.create_task(open_session(place, self._environment))
        return await asyncio.shield(opening)

    async def aclose(self) -> None:
        """Close what this event loop has opened; servers that were started end."""
        opened = self._opened.pop(asyncio.get_running_loop(), {})
        await asyncio.gather(*map(_close, opened.values()))


_WAY_OUT = "run `forethought skills refresh`, and look at the plan again"


def _alive(opening: asyncio.Task[Session]) -> bool:
    return opening.exception() is None and opening.result().open_for_calls


async def _close(opening: asyncio.Task[Session]) -> None:
    if not opening.done():
        opening.cancel()
        await asyncio.wait([opening])
    if not opening.cancelled() and opening.exception() is None:
        await opening.result().aclose()


def _opener() -> Callable[[McpPlace, Mapping[str, str]], Awaitable[Session]]:
    from forethought.kernel import _semantic_kernel as semantic

    return semantic.open_session
