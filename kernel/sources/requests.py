"""Requests to an API: where each argument goes, as OpenAPI's styles say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote, urlencode

from forethought.kernel.errors import FunctionError
from forethought.kernel.values import jsonable, text

from .openapi import Field, OperationSource
from .places import ApiPlace

__all__ = ["Request", "prepare_request"]

_DIVIDERS = {"spaceDelimited": " ", "pipeDelimited": "|"}


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, all but the headers that hold secrets; `body` is JSON text."""

    place: ApiPlace
    method: str
    server: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: str | None


def prepare_request(function: str, source: OperationSource, arguments: Mapping[str, object]) -> Request:
    """Return the request of an operation with these arguments; what is left out, or is nothing, is not sent.

    Raises FunctionError for a part of the path that is empty: it would be another operation's path.
    """
    path = source.path
    query: list[tuple[str, str]] = []
    headers: list[tuple[str, str]] = []
    body: dict[str, object] = {}
    whole: object = None
    for field in source.fields:
        value = arguments.get(field.parameter)
        if field.parameter not in arguments or (value is None and field.where not in ("member", "body")):
            continue
        plain = jsonable(value)
        match field.where:
            case "path":
                part = quote(_joined(plain, ","), safe="")
                if not part:
                    raise FunctionError(function, f"the parameter '{field.parameter}' is a part of the path, and empty")
                path = path.replace(f"{{{field.name}}}", part)
            case "query":
                query += _query(field, plain)
            case "header":
                headers.append((field.name, _joined(plain, ",")))
            case "member":
                body[field.name] = plain
            case "body":
                whole = plain
    sent = whole if whole is not None else body if body or _needs_body(source) else None
    return Request(
        place=source.place,
        method=source.method,
        server=source.server,
        path=path,
        query=urlencode(query),
        headers=tuple(headers),
        body=None if sent is None else json.dumps(sent, ensure_ascii=False),
    )


def _needs_body(source: OperationSource) -> bool:
    return source.takes_body and any(field.where == "member" for field in source.fields)


def _query(field: Field, value: object) -> list[tuple[str, str]]:
    if isinstance(value, list):
        items = cast("list[object]", value)
        if field.explode:
            return [(field.name, text(each)) for each in items]
        return [(field.name, _DIVIDERS.get(field.style, ",").join(map(text, items)))]
    if isinstance(value, dict):
        named = cast("dict[str, object]", value)
        if field.style == "deepObject":
            return [(f"{field.name}[{name}]", text(each)) for name, each in named.items()]
        if field.explode:
            return [(name, text(each)) for name, each in named.items()]
        return [(field.name, _joined(named, ","))]
    return [(field.name, text(value))]


def _joined(value: object, divider: str) -> str:
    match value:
        case list():
            return divider.join(map(text, cast("list[object]", value)))
        case dict():
            pairs = cast("dict[str, object]", value)
            return divider.join(text(part) for pair in pairs.items() for part in pair)
        case _:
            return text(value)
