"""Refreshing: the one thing that asks a pack's servers what they can do, and keeps the answer in the pack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from forethought.kernel.functions import FunctionSignature
from forethought.kernel.packs.manifest import MANIFEST, read_manifest
from forethought.kernel.packs.reports import Report

from .declared import read_api_place, read_mcp_place
from .importing import fetch_document, fetch_tools
from .openapi import read_operations
from .places import ApiPlace, McpPlace
from .snapshots import read_document, read_tools, write_document, write_tools
from .tools import Tool, read_tool

__all__ = ["Refreshed", "has_servers", "refresh"]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """One snapshot that was written: how many functions it holds, and how they differ from those it held before."""

    file: Path
    functions: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


async def refresh(pack: Path, environment: Mapping[str, str]) -> tuple[Refreshed, ...]:
    """Ask the servers that a pack declares, and write its snapshots.

    A command of the pack is started for this, with the values of the environment it names. Raises ServerError,
    SettingsError, PackError; nothing is written then for the server that is to blame.
    """
    mcp, api = _places(pack)
    done: list[Refreshed] = []
    if mcp is not None:
        known = _tools(pack.name, mcp, read_tools(pack, mcp, Report(pack)))
        tools = await fetch_tools(mcp, environment)
        done.append(_compared(write_tools(pack, mcp, tools), known, _tools(pack.name, mcp, tools)))
    if api is not None:
        known = _operations(pack.name, api, read_document(pack, api, Report(pack)))
        document = await fetch_document(api, environment)
        done.append(_compared(write_document(pack, api, document), known, _operations(pack.name, api, document)))
    return tuple(done)


def has_servers(pack: Path) -> bool:
    """Say whether a pack declares a server that has to be asked."""
    return any(_places(pack))


def _places(pack: Path) -> tuple[McpPlace | None, ApiPlace | None]:
    report = Report(pack / MANIFEST)
    raw = read_manifest(pack, report).raw
    mcp = read_mcp_place(raw["mcp"], pack, report) if "mcp" in raw else None
    api = read_api_place(raw["openapi"], report) if "openapi" in raw else None
    return mcp, api if api is not None and api.remote else None


def _tools(plugin: str, place: McpPlace, tools: Iterable[Tool]) -> list[FunctionSignature]:
    return [read_tool(each, plugin, place)[0] for each in tools]


def _operations(plugin: str, place: ApiPlace, document: Mapping[str, object]) -> list[FunctionSignature]:
    report = Report(Path(place.document))
    return [each for each, _ in read_operations(document, plugin, place, report)] if document else []


def _compared(file: Path, before: Iterable[FunctionSignature], after: list[FunctionSignature]) -> Refreshed:
    old, new = {each.name: each.digest() for each in before}, {each.name: each.digest() for each in after}
    return Refreshed(
        file,
        len(after),
        tuple(name for name in new if name not in old),
        tuple(name for name in new if name in old and old[name] != new[name]),
        tuple(name for name in old if name not in new),
    )
