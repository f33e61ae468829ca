"""Sessions with MCP servers: Semantic Kernel's connectors open the way, and what a server says comes back whole.

The connectors' own sessions wait for ever where a server dies while it is greeted, take a tool's failure for its
result, and drop structured results; so only their transports and their answers to a server's requests are used.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
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
_PATIENCE = 6.0  # seconds for a server to end by itself, of which MCP's own client takes four
_ENDED = "it ended before it answered"
T = TypeVar("T")
_Streams = AbstractAsyncContextManager[tuple[object, ...]]


async def open_session(place: McpPlace, environment: Mapping[str, str]) -> Session:
    """Start or reach a server and greet it; raises ServerError with what went wrong, SettingsError."""
    session = Session(place, environment)
    await session.open()
    return session


class Session:
    """One session with a server, owned by a task of its own.

    When the server ends, or the session is closed, everything that waits for an answer fails, and so does every later
    call.
    """

    def __init__(self, place: McpPlace, environment: Mapping[str, str]) -> None:
        self._place = place
        self._said = cast("TextIO", tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace"))  # noqa: SIM115
        self._heard = ""
        try:
            self._plugin = open_transport(place, environment, said=self._said, gone=self._end)
        except SettingsError:
            self._said.close()
            raise
        self._over = asyncio.Event()
        self._waiting: set[asyncio.Timeout] = set()
        self._client: ClientSession | None = None
        self._failure: Exception | None = None
        self._task: asyncio.Task[None] | None = None
        self._tools: Sequence[Tool] = ()
        self._changes, self._seen = 0, 0

    @property
    def open_for_calls(self) -> bool:
        """Whether the server is still there, as far as is known."""
        return self._client is not None and not self._over.is_set()

    async def open(self) -> None:
        """Greet the server and ask for its tools; raises ServerError."""
        ready = asyncio.Event()
        self._task = asyncio.create_task(self._serve(ready), name=f"mcp {self._place}")
        try:
            await ready.wait()
        except asyncio.CancelledError:
            self._task.cancel()
            await self.aclose()
            raise
        if self._client is None:
            await self.aclose()
            raise self._error(_reason(self._failure)) from self._failure

    async def tools(self) -> Sequence[Tool]:
        """Return what the server says it can do; asked again once it has said that this changed."""
        while self._seen < self._changes:
            changes = self._changes
            self._tools = await self._answered(_tools_of)
            self._seen = changes
        return self._tools

    async def call(self, tool: str, arguments: Mapping[str, object]) -> Reply:
        """Call a tool; raises ServerError where the server does not answer. What the tool says is the caller's."""

        async def asked(client: ClientSession) -> Reply:
            return _reply(await client.call_tool(tool, dict(arguments)))

        return await self._answered(asked)

    async def aclose(self) -> None:
        """End the session, and the server if we started it."""
        self._end()
        task, self._task = self._task, None
        if task is not None:
            _, late = await asyncio.wait([task], timeout=_PATIENCE)
            if late:
                task.cancel()
                await asyncio.wait([task])
        self._hear_out()

    async def _answered(self, ask: Callable[[ClientSession], Awaitable[T]]) -> T:
        """Ask the server something, as long as it is there and within its time."""
        client = self._client
        if client is None or self._over.is_set():
            raise self._error("it has ended")
        try:
            async with self._limit():
                return await ask(client)
        except Exception as error:  # time is up, the transport failed, or the reply is not what the tool promised
            raise self._error("it has ended" if self._over.is_set() else _reason(error)) from error

    async def _serve(self, ready: asyncio.Event) -> None:
        """Hold the session open, in the one task that may open and close it."""
        try:
            async with AsyncExitStack() as stack:
                async with self._limit():
                    client = await self._greet(stack)
                    self._tools = await _tools_of(client)
                self._client = client
                ready.set()
                await self._over.wait()
        except (Exception, BaseExceptionGroup) as error:  # whatever ends it is told to those who call
            self._failure = error if isinstance(error, Exception) else ServerError(str(self._place), reason_of(error))
        finally:
            self._end()
            self._hear_out()
            ready.set()

    async def _greet(self, stack: AsyncExitStack) -> ClientSession:
        plugin = self._plugin
        streams = await stack.enter_async_context(cast("_Streams", plugin.get_mcp_client()))
        client = ClientSession(
            Watched(streams[0], self._end),  # type: ignore[arg-type]
            streams[1],  # type: ignore[arg-type]
            sampling_callback=plugin.sampling_callback,  # which refuses: nobody here was asked
            message_handler=self._told,
        )
        await stack.enter_async_context(client)
        await client.initialize()
        return client

    async def _told(self, message: object) -> None:
        """Note that the tools have changed; asking for them here would wait for itself."""
        if isinstance(message, ServerNotification) and isinstance(message.root, ToolListChangedNotification):
            self._changes += 1

    @asynccontextmanager
    async def _limit(self) -> AsyncGenerator[None]:
        """Give a server its time to answer, and no more once it has ended; raises ServerError where time is up."""
        limit = asyncio.timeout(self._place.timeout)
        self._waiting.add(limit)
        try:
            async with limit:
                yield
        except TimeoutError as error:
            if not limit.expired():
                raise
            late = f"it did not answer within {self._place.timeout:g} seconds"
            raise ServerError(str(self._place), _ENDED if self._over.is_set() else late) from error
        finally:
            self._waiting.discard(limit)

    def _end(self) -> None:
        """Note that the server is gone, or no longer wanted: nothing that waits for it will be answered."""
        self._over.set()
        while self._waiting:
            self._waiting.pop().reschedule(0)

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
    if isinstance(error, ServerError):
        return error.reason
    if isinstance(error, FileNotFoundError):
        return f"there is no '{error.filename}' to start"
    if isinstance(error, McpError) and error.error.code == CONNECTION_CLOSED:
        return _ENDED
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return "it cannot be reached"
    if isinstance(error, httpx.TransportError):
        return _ENDED
    if isinstance(error, httpx.HTTPStatusError):
        return f"it answered {error.response.status_code} {error.response.reason_phrase}"
    return reason_of(error) if error else "it ended"
