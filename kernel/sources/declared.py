"""What `pack.yaml` declares: `openapi:` and `mcp:`, and the functions that come of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

from forethought.kernel.packs.files import leads_out, parse_json, parse_yaml, read_text
from forethought.kernel.packs.reports import Report

from .openapi import read_operations
from .places import LIMIT, ApiPlace, McpPlace, Pairs
from .snapshots import LARGEST, read_document, read_tools
from .tools import read_tool

if TYPE_CHECKING:
    from forethought.kernel.packs.pack import PackFunction

__all__ = ["declared_functions", "document_of", "read_api_place", "read_mcp_place"]

_MCP_KEYS = ("command", "args", "url", "env", "headers", "timeout")
_API_KEYS = ("file", "url", "server", "headers", "timeout")


def read_mcp_place(value: object, root: Path, report: Report) -> McpPlace | None:
    """Read `mcp:`, a mapping with a `command` (and `args`, `env`) or a `url` (and `headers`)."""
    raw = _mapping(value, "mcp", _MCP_KEYS, report)
    if raw is None:
        return None
    said = raw.get("command")
    command = [said, *_list(raw, "args", report)] if isinstance(said, str) else _list(raw, "command", report)
    url = raw.get("url", "")
    if not all(isinstance(each, str) for each in command) or not isinstance(url, str) or bool(command) == bool(url):
        way = "write 'command' with 'args', or 'url'"
        report.error("wrong-type", "'mcp' needs a command to start or a URL, one of the two", hint=way, key="mcp")
        return None
    if url and not url.startswith(("http://", "https://")):
        report.error("wrong-type", f"'{url}' is not the URL of an MCP server", hint="http://… or https://…", key="url")
        return None
    return McpPlace(
        command=tuple(cast("list[str]", command)),
        url=url,
        env=_pairs(raw, "env", report),
        headers=_pairs(raw, "headers", report),
        directory=str(root),
        timeout=_seconds(raw, report),
    )


def read_api_place(value: object, report: Report) -> ApiPlace | None:
    """Read `openapi:`, the name of a file in the pack, a URL, or a mapping with `file` or `url`."""
    if isinstance(value, str):
        return ApiPlace(document=value)
    raw = _mapping(value, "openapi", _API_KEYS, report)
    if raw is None:
        return None
    file, url, server = raw.get("file"), raw.get("url"), raw.get("server", "")
    document = url if file is None else file
    if not isinstance(document, str) or (file is not None and url is not None) or not isinstance(server, str):
        report.error("wrong-type", "'openapi' needs 'file' or 'url', one of the two", key="openapi")
        return None
    if server and not server.startswith(("http://", "https://")):
        report.error("wrong-type", f"'{server}' is not the URL of a server", hint="http://… or https://…", key="server")
        return None
    return ApiPlace(
        document=document,
        server=server,
        headers=_pairs(raw, "headers", report),
        timeout=_seconds(raw, report),
    )


def declared_functions(raw: Mapping[str, object], root: Path, plugin: str, report: Report) -> Iterator[PackFunction]:
    """Yield the functions that `pack.yaml` declares; `raw` is what it holds, `report` is about it."""
    from forethought.kernel.packs.pack import PackFunction

    if raw.get("openapi") is not None and (api := read_api_place(raw["openapi"], report)):
        document, about = document_of(api, root, report)
        for signature, operation in read_operations(document, plugin, api, about) if document else ():
            yield PackFunction(signature, operation)
    if raw.get("mcp") is not None and (mcp := read_mcp_place(raw["mcp"], root, report)):
        for tool in read_tools(root, mcp, report):
            yield PackFunction(*read_tool(tool, plugin, mcp, source=str(report.file)))


def document_of(place: ApiPlace, root: Path, report: Report) -> tuple[Mapping[str, object], Report]:
    """Return an OpenAPI document, from the pack's own file or its snapshot, and the report about that file."""
    if place.remote:
        return read_document(root, place, report), report
    file = root / place.document
    if Path(place.document).is_absolute() or ".." in Path(place.document).parts or leads_out(file, root):
        report.error("outside-pack", f"'{place.document}' is not in the pack", hint="copy it there", key="openapi")
        return {}, report
    if not file.is_file():
        report.error("missing-document", f"there is no OpenAPI document '{place.document}'", key="openapi")
        return {}, report
    about = report.on(file)
    text = read_text(file, root, about, limit=LARGEST)
    if text is None:
        return {}, about
    parsed = parse_json(text, about) if text.lstrip().startswith("{") else parse_yaml(text, about)
    return parsed or {}, about


def _mapping(value: object, key: str, known: tuple[str, ...], report: Report) -> Mapping[str, object] | None:
    if not isinstance(value, dict):
        report.error("wrong-type", f"'{key}' must be a mapping of {', '.join(known)}", key=key)
        return None
    raw = {str(name): each for name, each in cast("dict[object, object]", value).items()}
    for name in raw:
        if name not in known:
            report.warning("unknown-key", f"'{name}' is not a key of '{key}'", key=name)
    return raw


def _list(raw: Mapping[str, object], key: str, report: Report) -> list[object]:
    value = raw.get(key, [])
    if isinstance(value, list):
        return [str(each) if isinstance(each, int | float) else each for each in cast("list[object]", value)]
    report.error("wrong-type", f"'{key}' must be a list", key=key)
    return []


def _pairs(raw: Mapping[str, object], key: str, report: Report) -> Pairs:
    value = raw.get(key)
    if value is None:
        return ()
    if not isinstance(value, dict):
        report.error("wrong-type", f"'{key}' must be a mapping of texts", key=key)
        return ()
    given = cast("dict[object, object]", value)
    for name, each in given.items():
        if not isinstance(each, str):
            report.error("wrong-type", f"'{name}' must be a text", hint="write it in quotes", key=str(name))
    return tuple((str(name), each) for name, each in given.items() if isinstance(each, str))


def _seconds(raw: Mapping[str, object], report: Report) -> float:
    value = raw.get("timeout", LIMIT)
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    report.error("wrong-type", f"'timeout' must be a number of seconds, not {value!r}", key="timeout")
    return LIMIT
