"""Operations of an API, called with Semantic Kernel's runner: it keeps a request on its server, and off private ones.

It bounds no answer; our client does, and connects to the addresses that were found public and to no other.

A request is prepared here, since the connector flattens bodies until their names collide, repeats no query parameter,
and refuses documents that leave out an `operationId`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

import httpx
from semantic_kernel.connectors.openapi_plugin.models.rest_api_operation import RestApiOperation
from semantic_kernel.connectors.openapi_plugin.models.rest_api_payload import RestApiPayload
from semantic_kernel.connectors.openapi_plugin.openapi_runner import OpenApiRunner
from semantic_kernel.connectors.openapi_plugin.server_url_validator import (
    ServerUrlValidationOptions,
    validate_server_url,
)
from semantic_kernel.exceptions import KernelException
from semantic_kernel.functions import KernelArguments

from forethought.kernel.calling import reason_of
from forethought.kernel.errors import ServerError
from forethought.kernel.sources.client import ApiClient
from forethought.kernel.sources.places import expand
from forethought.kernel.sources.requests import Request

__all__ = ["send"]

_DOCUMENT = {"openapi": "3.0.0", "info": {"title": "", "version": ""}, "paths": {}}  # the runner reads nothing of it
_SHOWN = 300


async def send(request: Request, environment: Mapping[str, str]) -> str:
    """Send a request and return the text of the answer.

    Raises ServerError where the server does not answer or refuses; its cause tells what is not worth another try.
    """
    place = request.place
    trusted = ServerUrlValidationOptions(allowed_base_urls=[place.server]) if place.server else None
    operation = _Operation(request, expand(place.headers, environment, f"'{place}'"))
    arguments = KernelArguments() if request.body is None else KernelArguments(payload=request.body)
    try:
        addresses = await validate_server_url(request.server, trusted)
        async with ApiClient(addresses, timeout=place.timeout) as client:
            runner = OpenApiRunner(_DOCUMENT, None, client, False, server_url_validation_options=trusted)  # type: ignore[arg-type]
            return await runner.run_operation(operation, arguments)
    except OverflowError as error:
        raise ServerError(request.server, str(error)) from error
    except httpx.HTTPStatusError as error:
        said = " ".join(error.response.text.split())[:_SHOWN]
        answered = f"it answered {error.response.status_code} {error.response.reason_phrase}"
        failure = ServerError(request.server, f"{answered}: {said}" if said else answered)
        raise failure from _lasting(error)
    except httpx.TimeoutException as error:
        raise ServerError(request.server, f"it did not answer within {place.timeout:g} seconds") from error
    except httpx.HTTPError as error:
        raise ServerError(request.server, f"it cannot be reached ({reason_of(error)})") from error
    except KernelException as error:
        raise ServerError(request.server, _untrusted(str(error))) from PermissionError(str(error))


class _Operation(RestApiOperation):
    """An operation that is one request: its path, query and headers are written already."""

    def __init__(self, request: Request, headers: Mapping[str, str]) -> None:
        super().__init__(
            id=request.path,
            method=request.method,
            servers=[{"url": request.server}],
            path=request.path,
            request_body=None if request.body is None else RestApiPayload("application/json", []),
            responses=OrderedDict(),
        )
        self._query = request.query
        self._headers = {"Accept": "application/json, */*", **dict(request.headers), **headers}

    def build_query_string(self, arguments: object) -> str:
        """Return the query."""
        return self._query

    def build_headers(self, arguments: object) -> dict[str, str]:
        """Return the headers."""
        return dict(self._headers)


def _lasting(error: httpx.HTTPStatusError) -> Exception:
    """Return what a refusal is in Python's own words: one that would come back as it was is not tried again."""
    status = error.response.status_code
    kind: type[Exception] | None = None
    if status in (401, 403):
        kind = PermissionError
    elif status < 500 and status not in (408, 425, 429):
        kind = LookupError
    if kind is None:
        return error
    refused = kind(str(status))
    refused.__cause__ = error
    return refused


def _untrusted(reason: str) -> str:
    """Return why the runner sent nothing, with our way out instead of Semantic Kernel's."""
    said = reason.partition(" To allow this URL")[0]
    if said == reason:
        return said
    return (
        f"nothing was sent, since it is not public and HTTPS ({said.strip()}); write 'server:' in pack.yaml to trust it"
    )
