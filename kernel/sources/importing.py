"""Functions from elsewhere, asked for now: a server is reached or started, a document is fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from forethought.kernel.calling import reason_of
from forethought.kernel.errors import PackError, ServerError
from forethought.kernel.packs.files import parse_json, parse_yaml, read_text
from forethought.kernel.packs.manifest import Manifest, read_effects, with_effects
from forethought.kernel.packs.pack import PackFunction, is_name
from forethought.kernel.packs.reports import Report
from forethought.kernel.problems import Problem, Severity

from .openapi import read_operations
from .places import ApiPlace, McpPlace, expand
from .snapshots import LARGEST
from .tools import Tool, read_tool

if TYPE_CHECKING:
    from .connections import Connections

__all__ = ["Effects", "fetch_document", "fetch_tools", "operations", "tools"]

Effects = Mapping[str, str | Mapping[str, object]]
"""What functions do, by name, as `effects:` in `pack.yaml` says it."""


async def tools(place: McpPlace, plugin: str, connections: Connections, effects: Effects) -> list[PackFunction]:
    """Return the tools of a server, which stays open for their calls. Raises ServerError, PackError."""
    report = _report(plugin, str(place))
    session = await connections.session(place)
    read = [PackFunction(*read_tool(each, plugin, place)) for each in await session.tools()]
    return _with(read, effects, plugin, report)


async def operations(
    place: ApiPlace, plugin: str, environment: Mapping[str, str], effects: Effects
) -> tuple[list[PackFunction], tuple[Problem, ...]]:
    """Return the operations of a document, and what was found while reading. Raises ServerError, PackError."""
    report = _report(plugin, place.document)
    document = await fetch_document(place, environment) if place.remote else _file(place, report)
    read = [PackFunction(*each) for each in read_operations(document, plugin, place, report)] if document else []
    return _with(read, effects, plugin, report), tuple(report.found)


async def fetch_tools(place: McpPlace, environment: Mapping[str, str]) -> Sequence[Tool]:
    """Return what a server says of its tools; it is started or reached for this, and left again."""
    from .connections import open_session

    session = await open_session(place, environment)
    try:
        return await session.tools()
    finally:
        await session.aclose()


async def fetch_document(place: ApiPlace, environment: Mapping[str, str]) -> Mapping[str, object]:
    """Return the OpenAPI document at a URL. Raises ServerError, PackError where it is none."""
    import httpx

    headers = expand(place.headers, environment, f"'{place}'")
    received = bytearray()
    try:
        async with (
            httpx.AsyncClient(timeout=place.timeout, follow_redirects=True) as client,
            client.stream("GET", place.document, headers=headers) as response,
        ):
            response.raise_for_status()
            async for chunk in response.aiter_bytes():
                received += chunk
                if len(received) > LARGEST:
                    raise ServerError(place.document, f"its document has more than {LARGEST:,} bytes")
    except httpx.HTTPStatusError as error:
        answered = f"it answered {error.response.status_code} {error.response.reason_phrase}"
        raise ServerError(place.document, answered) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ServerError(place.document, f"it cannot be reached ({reason_of(error)})") from error
    report = Report(Path(place.document))
    document = _parsed(received.decode("utf-8", errors="replace"), report)
    _refuse(place.document, report)
    return document


def _file(place: ApiPlace, report: Report) -> Mapping[str, object]:
    file = Path(place.document).resolve()
    text = read_text(file, file.parent, report, limit=LARGEST)
    return {} if text is None else _parsed(text, report)


def _report(plugin: str, place: str) -> Report:
    if not is_name(plugin):
        raise PackError(place, f"'{plugin}' cannot name a plugin")
    return Report(Path(place))


def _parsed(text: str, report: Report) -> Mapping[str, object]:
    report.text = text
    parsed = parse_json(text, report) if text.lstrip().startswith("{") else parse_yaml(text, report)
    return parsed or {}


def _with(read: list[PackFunction], effects: Effects, plugin: str, report: Report) -> list[PackFunction]:
    seen: dict[str, PackFunction] = {}
    for each in read:
        if seen.setdefault(each.signature.name.lower(), each) is not each:
            report.warning("duplicate-function", f"'{each.signature.name}' is a second function of this name")
    said = Manifest(effects=read_effects({"effects": dict(effects)}, plugin, report))
    found = with_effects(list(seen.values()), said, report)
    _refuse(plugin, report)
    return found


def _refuse(where: str, report: Report) -> None:
    for problem in report.found:
        if problem.severity is Severity.ERROR:
            raise PackError(where, problem.message + (f"; {problem.hint}" if problem.hint else ""))
