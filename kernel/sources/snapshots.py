"""Snapshots: what a server said it can do, kept in the pack, so that a pack can be read without asking anybody."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from forethought.kernel.errors import PackError
from forethought.kernel.packs.files import parse_json, read_text
from forethought.kernel.packs.reports import Report

from .places import ApiPlace, McpPlace
from .schemas import members, sequence
from .tools import Tool

__all__ = ["API_LOCK", "LARGEST", "MCP_LOCK", "read_document", "read_tools", "write_document", "write_tools"]

API_LOCK = "openapi.lock.json"
MCP_LOCK = "mcp.lock.json"
LARGEST = 20_000_000
"""Bytes of a snapshot or an OpenAPI document."""


def read_tools(root: Path, place: McpPlace, report: Report) -> Sequence[Tool]:
    """Return the tools in a pack's snapshot; none, with the way out reported, where there is none of this server."""
    kept = _read(root, MCP_LOCK, place, "tools", report)
    return [members(each) for each in sequence(kept)]


def read_document(root: Path, place: ApiPlace, report: Report) -> Mapping[str, object]:
    """Return the OpenAPI document in a pack's snapshot; an empty one, reported, where there is none."""
    return members(_read(root, API_LOCK, place, "document", report))


def write_tools(root: Path, place: McpPlace, tools: Sequence[Tool]) -> Path:
    """Write what a server says of its tools into the pack at `root`."""
    return _write(root / MCP_LOCK, {"source": place.digest(), "tools": list(tools)})


def write_document(root: Path, place: ApiPlace, document: Mapping[str, object]) -> Path:
    """Write an OpenAPI document into the pack at `root`."""
    return _write(root / API_LOCK, {"source": place.digest(), "document": document})


def _read(root: Path, name: str, place: McpPlace | ApiPlace, key: str, report: Report) -> object:
    file = root / name
    hint = f"forethought skills refresh {root}"
    if not file.exists():
        report.error("missing-snapshot", f"there is no '{name}', which says what '{place}' can do", hint=hint)
        return None
    of_file = report.on(file)
    text = read_text(file, root, of_file, limit=LARGEST)
    kept = None if text is None else parse_json(text, of_file)
    if kept is None:
        return None
    if kept.get("source") != place.digest():
        report.error("stale-snapshot", f"'{name}' is of something else than '{place}'", hint=hint)
        return None
    if not isinstance(kept.get(key), dict | list):
        of_file.error("wrong-type", f"'{key}' is missing", hint=hint)
        return None
    return kept[key]


def _write(file: Path, kept: Mapping[str, object]) -> Path:
    try:
        draft = file.with_name(f".{file.name}.new")
        draft.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        draft.replace(file)
    except OSError as error:
        raise PackError(str(file), f"it cannot be written: {error.strerror}") from error
    return file
