"""ApiClient: an HTTP client that reads no answer without end, and connects to no address but those it is given."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import httpx

from .snapshots import LARGEST

__all__ = ["ApiClient"]

_AS_SENT = ("Content-Encoding", "Content-Length", "Transfer-Encoding")


class ApiClient(httpx.AsyncClient):
    """Sends requests of one operation; an answer of more than 20,000,000 bytes, unpacked, raises OverflowError.

    Where there are `addresses`, a request that no proxy carries goes to the first of them that takes it, whatever
    the name of the host leads to meanwhile.
    """

    def __init__(self, addresses: Sequence[IPv4Address | IPv6Address], *, timeout: float) -> None:
        super().__init__(timeout=timeout, transport=_Pinned(addresses) if addresses else None)

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request and read the whole answer."""
        options["stream"] = True
        response = await super().send(request, **options)
        received = bytearray()
        try:
            async for chunk in response.aiter_bytes():
                received += chunk
                if len(received) > LARGEST:
                    raise OverflowError(f"its answer has more than {LARGEST:,} bytes")
        finally:
            await response.aclose()
        headers = response.headers.copy()
        for name in _AS_SENT:
            headers.pop(name, None)
        return httpx.Response(
            response.status_code,
            headers=headers,
            content=bytes(received),
            request=request,
            extensions=response.extensions,
        )


class _Pinned(httpx.AsyncHTTPTransport):
    """Connects to the addresses that were looked at, in order, under the name that was asked for."""

    def __init__(self, addresses: Sequence[IPv4Address | IPv6Address]) -> None:
        super().__init__()
        self._addresses = addresses

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; only where no connection was made is the next address taken."""
        *others, last = (_to(request, address) for address in self._addresses)
        for each in others:
            try:
                return await super().handle_async_request(each)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await super().handle_async_request(last)


def _to(request: httpx.Request, address: IPv4Address | IPv6Address) -> httpx.Request:
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")},
    )
