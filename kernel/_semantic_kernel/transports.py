"""Ways to an MCP server: Semantic Kernel's connectors, told when the server is gone."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from types import TracebackType
from typing import Any, Self, TextIO, cast

import httpx
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.message import SessionMessage
from mcp.types import JSONRPCNotification, ServerNotification
from pydantic import ValidationError
from semantic_kernel.connectors.mcp import MCPPluginBase, MCPStdioPlugin, MCPStreamableHttpPlugin

from forethought.kernel.sources.places import McpPlace, expand

__all__ = ["Watched", "open_transport"]


def open_transport(
    place: McpPlace, environment: Mapping[str, str], *, said: TextIO, gone: Callable[[], None]
) -> MCPPluginBase:
    """Return the connector to a server; `gone` is called when a server at a URL is gone.

    What a server that we start writes on standard error goes to `said`. Raises SettingsError.
    """
    if place.command:
        return _Started(place, environment, said)

    def client(
        headers: dict[str, str] | None = None, timeout: httpx.Timeout | None = None, auth: httpx.Auth | None = None
    ) -> httpx.AsyncClient:
        return _Client(gone, headers=headers, timeout=timeout, auth=auth)

    headers = expand(place.headers, environment, f"'{place}'")
    limit = place.timeout
    return MCPStreamableHttpPlugin(
        "mcp", place.url, headers=dict(headers), timeout=limit, sse_read_timeout=limit, httpx_client_factory=client
    )


class _Started(MCPStdioPlugin):
    """A server that we start: in its own folder, and what it writes on standard error is kept from the terminal."""

    def __init__(self, place: McpPlace, environment: Mapping[str, str], said: TextIO) -> None:
        needed_by = f"'{place}'"
        command, *args = [expand((("", each),), environment, needed_by)[""] for each in place.command]
        super().__init__("mcp", command, args=args, env=expand(place.env, environment, needed_by))
        self._directory = place.directory or None
        self._said = said

    def get_mcp_client(self) -> Any:
        """Start the server."""
        started = StdioServerParameters(command=self.command, args=self.args, env=self.env, cwd=self._directory)
        return stdio_client(started, errlog=self._said)


class _Client(httpx.AsyncClient):
    """An HTTP client that tells when what was posted gets no answer: MCP's own waits for one until time is up."""

    def __init__(
        self,
        gone: Callable[[], None],
        *,
        headers: dict[str, str] | None,
        timeout: httpx.Timeout | None,
        auth: httpx.Auth | None,
    ) -> None:
        super().__init__(headers=headers, timeout=timeout, auth=auth)
        self._gone = gone

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request."""
        try:
            response = await super().send(request, **options)
        except httpx.TransportError:
            if request.method == "POST":
                self._gone()
            raise
        if request.method == "POST" and options.get("stream"):
            response.stream = _Stream(cast("httpx.AsyncByteStream", response.stream), self._gone)
        return response


class _Stream(httpx.AsyncByteStream):
    """The body of an answer; where it breaks off, the server is gone."""

    def __init__(self, inner: httpx.AsyncByteStream, gone: Callable[[], None]) -> None:
        self._inner = inner
        self._gone = gone

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._inner:
                yield chunk
        except httpx.TransportError:
            self._gone()
            raise

    async def aclose(self) -> None:
        """Close the body."""
        await self._inner.aclose()


class Watched:
    """The stream of a server's messages; its end is the end of the session.

    A notification that MCP does not know is for other clients, and passed over.
    """

    def __init__(self, stream: object, gone: Callable[[], None]) -> None:
        self._stream = cast("AsyncGenerator[object]", stream)
        self._gone = gone

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gone()
        await self._stream.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> object:
        while True:
            message = await self._stream.__anext__()
            if not _is_unknown(message):
                return message

    async def aclose(self) -> None:
        """Close the stream."""
        await self._stream.aclose()


def _is_unknown(message: object) -> bool:
    root = message.message.root if isinstance(message, SessionMessage) else None
    if not isinstance(root, JSONRPCNotification):
        return False
    try:
        ServerNotification.model_validate(root.model_dump(by_alias=True, mode="json", exclude_none=True))
    except ValidationError:
        return True
    return False
