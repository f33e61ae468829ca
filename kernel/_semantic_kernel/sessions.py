"""Sessions with MCP servers: Semantic Kernel's connectors open the way, and what a server says comes back whole.

The connectors' own sessions wait for ever where a server dies while it is greeted, take a tool's failure for its
result, and drop structured results; so only their transports and their answers to a server's requests are used.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import TextIO, TypeVar, cast

import httpx
from mcp.client.session import ClientSession
from mcp.shared.exceptions import McpError
from mcp.types import (
    CONNECTION_CLOSED,
    CallToolResult,
    PaginatedRequestParams,
    ServerNotification,
    TextContent,
    ToolListChangedNotification,
)

from forethought.kernel.calling import reason_of
from forethought.kernel.errors import ServerError, SettingsError
from forethought.kernel.sources.places import McpPlace
from forethought.kernel.sources.tools import Reply, Tool

from .transports import Watched, open_transport

__all__ = ["open_session"]

for _name in ("mcp", "semantic_kernel"):  # what they log is for those who ask for logs, not for standard error
    logging.getLogger(_name).addHandler(logging.NullHandler())

_PAGES = 100
T = TypeVar("T")
_Streams = AbstractAsyncContextManager[tuple[object, ...]]


async def open_session(place: McpPlace, environment: Mapping[str, str]) -> Session:
    """Start or reach a server and greet it; raises ServerError with what went wrong, SettingsError."""
    session = Session(place, environment)
    await session.open()
    return session


class Session:
    """One session with a server, owned by a task of its own.

    When the server ends, or the session is closed, every call that waits fails, and so does every later one.
    """

    def __init__(self, place: McpPlace, environment: Mapping[str, str]) -> None:
        self._tools: Sequence[Tool] = ()
        self._changed = False
        self._place = place
        self._said = cast("TextIO", tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace"))  # noqa: SIM115
        self._heard = ""
        self._over = asyncio.Event()
        try:
            self._plugin = open_transport(place, environment, said=self._said, over=self._over)
        except SettingsError:
            self._said.close()
            raise
        self._client: ClientSession | None = None
        self._failure: BaseException | None = None
        self._task: asyncio.Task[None] | None = None
        self._waiting: set[asyncio.Timeout] = set()

    @property
    def open_for_calls(self) -> bool:
        """Whether the server is still there, as far as is known."""
        return self._client is not None and not self._over.is_set()

    async def open(self) -> None:
        """Greet the server and ask for its tools; raises ServerError."""
        ready = asyncio.Event()
        self._task = asyncio.create_task(self._serve(ready), name=f"mcp {self._place}")
        try:
            async with asyncio.timeout(self._place.timeout):
                await ready.wait()
        except TimeoutError:
            await self.aclose(now=True)
            raise self._error(self._late()) from None
        except asyncio.CancelledError:
            await self.aclose(now=True)
            raise
        if self._client is None:
            await self.aclose()
            raise self._error(_reason(self._failure)) from self._failure

    async def tools(self) -> Sequence[Tool]:
        """Return what the server says it can do; asked again once it has said that this changed."""
        if self._changed:
            self._changed = False
            self._tools = await self._waited(_tools_of)
        return self._tools

    async def call(self, tool: str, arguments: Mapping[str, object]) -> Reply:
        """Call a tool; raises ServerError where the server does not answer. What the tool says is the caller's."""

        async def asked(client: ClientSession) -> Reply:
            return _reply(await client.call_tool(tool, dict(arguments)))

        return await self._waited(asked)

    async def _waited(self, ask: Callable[[ClientSession], Awaitable[T]]) -> T:
        """Ask the server something, as long as it is there and within its time."""
        if self._client is None or self._over.is_set():
            raise self._error("it has ended")
        limit = asyncio.timeout(self._place.timeout)
        self._waiting.add(limit)
        try:
            async with limit:
                return await ask(self._client)
        except Exception as error:  # time is up, the transport failed, or the reply is not what the tool promised
            if self._over.is_set():
                raise self._error("it has ended") from error
            late = isinstance(error, TimeoutError) and limit.expired()
            raise self._error(self._late() if late else _reason(error)) from error
        finally:
            self._waiting.discard(limit)

    async def aclose(self, *, now: bool = False) -> None:
        """End the session, and the server if we started it; `now` does not wait for it to be ready first."""
        self._over.set()
        task, self._task = self._task, None
        if task is not None:
            if now:
                task.cancel()
            await asyncio.wait([task])
        self._hear_out()

    async def _serve(self, ready: asyncio.Event) -> None:
        """Hold the session open, in the one task that may open and close it."""
        try:
            async with AsyncExitStack() as stack:
                client = await self._greet(stack)
                self._tools = await _tools_of(client)
                self._client = client
                ready.set()
                await self._over.wait()
                self._give_up()
        except BaseException as error:  # whatever ends it is told to those who call
            self._failure = error
            if isinstance(error, asyncio.CancelledError):
                raise
        finally:
            self._over.set()
            self._hear_out()
            self._give_up()
            ready.set()

    async def _told(self, message: object) -> None:
        """Note that the tools have changed; asking for them here would wait for itself."""
        if isinstance(message, ServerNotification) and isinstance(message.root, ToolListChangedNotification):
            self._changed = True

    def _give_up(self) -> None:
        """End all calls that wait: nothing comes any more."""
        while self._waiting:
            self._waiting.pop().reschedule(0)

    async def _greet(self, stack: AsyncExitStack) -> ClientSession:
        plugin = self._plugin
        streams = await stack.enter_async_context(cast("_Streams", plugin.get_mcp_client()))
        client = ClientSession(
            Watched(streams[0], self._over),  # type: ignore[arg-type]
            streams[1],  # type: ignore[arg-type]
            sampling_callback=plugin.sampling_callback,  # which refuses: nobody here was asked
            message_handler=self._told,
        )
        await stack.enter_async_context(client)
        await client.initialize()
        return client

    def _late(self) -> str:
        return f"it did not answer within {self._place.timeout:g} seconds"

    def _error(self, reason: str) -> ServerError:
        return ServerError(str(self._place), reason, self._last_line())

    def _hear_out(self) -> None:
        self._heard = self._last_line()
        self._said.close()

    def _last_line(self) -> str:
        """Return the last thing that a server we started wrote on standard error."""
        if self._said.closed:
            return self._heard
        self._said.seek(0)
        lines = [line.strip() for line in self._said if line.strip()]
        return lines[-1][:300] if lines else ""


async def _tools_of(client: ClientSession) -> list[Tool]:
    """Return all tools of a server, page by page."""
    found: list[Tool] = []
    asked: PaginatedRequestParams | None = None
    for _ in range(_PAGES):
        page = await client.list_tools(params=asked)
        found += [each.model_dump(mode="json", by_alias=True, exclude_none=True) for each in page.tools]
        if not page.nextCursor:
            break
        asked = PaginatedRequestParams(cursor=page.nextCursor)
    return found


def _reply(result: CallToolResult) -> Reply:
    """Return what a tool gave: its structured result, else its texts; what is no text is plain data."""
    texts = [each.text for each in result.content if isinstance(each, TextContent)]
    if result.isError:
        return Reply("\n".join(texts) or "it failed", failed=True)
    if result.structuredContent is not None:
        return Reply(result.structuredContent, structured=True)
    if len(texts) == len(result.content):
        return Reply("\n".join(texts))
    parts = [each.model_dump(mode="json", by_alias=True, exclude_none=True) for each in result.content]
    return Reply(parts[0] if len(parts) == 1 else parts)


def _reason(error: BaseException | None) -> str:
    """Say in a few words why a session could not be opened."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    if isinstance(error, FileNotFoundError):
        return f"there is no '{error.filename}' to start"
    if isinstance(error, McpError) and error.error.code == CONNECTION_CLOSED:
        return "it ended before it answered"
    if isinstance(error, httpx.ConnectError):
        return "it cannot be reached"
    if isinstance(error, httpx.HTTPStatusError):
        return f"it answered {error.response.status_code} {error.response.reason_phrase}"
    return reason_of(error) if error else "it ended"
