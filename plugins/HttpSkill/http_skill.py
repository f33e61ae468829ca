"""Requests to web addresses: http and https only, at most 30 seconds and 5 MB for an answer."""

from __future__ import annotations

import asyncio
import codecs
from typing import TYPE_CHECKING, Annotated

from forethought.kernel import skill

if TYPE_CHECKING:
    import httpx

Url = Annotated[str, "the address, with http:// or https://"]
Body = Annotated[str, "what to send"]
ContentType = Annotated[str, "what kind of content it is"]
Answer = Annotated[str, "the text of the answer"]

_SECONDS = 30.0
_LARGEST = 5_000_000  # bytes of an answer
_REDIRECTS = 5


@skill(effect="reads:web", idempotent=True, open_world=True)
async def get(url: Url) -> Answer:
    """Fetch a web address."""
    return await _request("GET", url)


@skill(effect="writes:web", idempotent=False, destructive=False, open_world=True)
async def post(url: Url, input: Body = "", content_type: ContentType = "application/json") -> Answer:
    """Send content to a web address."""
    return await _request("POST", url, input, content_type)


@skill(effect="writes:web", idempotent=True, destructive=True, open_world=True)
async def put(url: Url, input: Body = "", content_type: ContentType = "application/json") -> Answer:
    """Store content at a web address; what was there is replaced."""
    return await _request("PUT", url, input, content_type)


@skill(effect="writes:web", idempotent=True, destructive=True, open_world=True)
async def delete(url: Url) -> Answer:
    """Delete what is at a web address."""
    return await _request("DELETE", url)


async def _request(method: str, url: str, body: str | None = None, content_type: str = "") -> str:
    import httpx

    try:
        address = httpx.URL(url.strip())
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ValueError(f"'{url}' is not a web address: {error}") from error
    if address.scheme not in ("http", "https") or not address.host:
        raise ValueError(f"'{url}' is not a web address: it must start with http:// or https://")
    if any(character in content_type for character in "\r\n"):
        raise ValueError(f"{content_type!r} is not a kind of content")
    headers = {"Content-Type": content_type} if body is not None else {}
    try:
        # Only what asks for nothing but an answer follows a redirection: a body is not sent anywhere else.
        async with (
            asyncio.timeout(_SECONDS),
            httpx.AsyncClient(timeout=_SECONDS, follow_redirects=method == "GET", max_redirects=_REDIRECTS) as client,
            client.stream(method, address, content=None if body is None else body.encode(), headers=headers) as answer,
        ):
            return await _text(answer, method, url)
    except TimeoutError as error:
        raise ConnectionError(f"{method} {url} failed: there was no whole answer in {_SECONDS:g} seconds") from error
    except httpx.HTTPError as error:
        raise ConnectionError(f"{method} {url} failed: {str(error) or type(error).__name__}") from error


async def _text(answer: httpx.Response, method: str, url: str) -> str:
    if answer.status_code >= 300:
        raise ConnectionError(f"{method} {url} was answered with {answer.status_code} {answer.reason_phrase}")
    content = bytearray()
    async for chunk in answer.aiter_bytes():
        content += chunk
        if len(content) > _LARGEST:
            raise ValueError(f"the answer of {url} is larger than {_LARGEST} bytes")
    return content.decode(_charset(answer.charset_encoding), errors="replace")


def _charset(named: str | None) -> str:
    """Return the encoding that the answer names; UTF-8 for one that is unknown, or no text's."""
    try:
        name = codecs.lookup(named or "utf-8").name
        b" ".decode(name)
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name in ("idna", "punycode") else name
