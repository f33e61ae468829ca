"""Operations of an OpenAPI document as functions: read as data, nothing fetched."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urljoin, urlsplit

from forethought.kernel.functions import Effect, FunctionSignature, Parameter
from forethought.kernel.packs.reports import Report
from forethought.kernel.values import ANY, STRING, ValueType

from .naming import plan_safe, unused
from .places import ApiPlace
from .schemas import Schemas, is_secret, members, sequence

__all__ = ["Field", "OperationSource", "Where", "read_operations"]

Where = Literal["path", "query", "header", "member", "body"]

_METHODS = ("get", "head", "options", "trace", "post", "put", "patch", "delete")
_READS = frozenset({"get", "head", "options", "trace"})
_IDEMPOTENT = _READS | {"put", "delete"}
_OWN_HEADERS = frozenset({"accept", "content-type", "authorization"})  # as OpenAPI says: not for parameters
_STYLES = {"path": "simple", "query": "form", "header": "simple"}
_GOOD = ("200", "201", "202", "203", "204", "206", "2XX", "default")


@dataclass(frozen=True, slots=True)
class Field:
    """Where the value of a parameter goes in a request: `member` is one of the body's, `body` the body itself."""

    parameter: str
    name: str
    where: Where
    style: str = ""
    explode: bool = False


@dataclass(frozen=True, slots=True)
class OperationSource:
    """One operation: everything that is needed to send its request. `server` is trusted where the user named it."""

    place: ApiPlace
    method: str
    path: str
    server: str
    fields: tuple[Field, ...]
    takes_body: bool = False

    def digest(self) -> str:
        """Return the SHA-256 of what would be sent, and where to."""
        fields = [dataclasses.astuple(each) for each in self.fields]
        parts = [self.place.digest(), self.method, self.path, self.server, self.takes_body, fields]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def read_operations(
    document: Mapping[str, object], plugin: str, place: ApiPlace, report: Report
) -> Iterator[tuple[FunctionSignature, OperationSource]]:
    """Yield the operations of a document, in its order; one that cannot be called is reported, and left out.

    GET, HEAD, OPTIONS and TRACE read the plugin's resource, all others write it; they, PUT and DELETE are idempotent;
    DELETE destroys; each reaches the open world.
    """
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith("3."):
        found = f"Swagger {document['swagger']}" if "swagger" in document else f"'{version}'"
        report.error("bad-openapi", f"OpenAPI 3 is read, and this is {found}", hint="convert it to OpenAPI 3")
        return
    reader = _Reader(document, plugin, place, report)
    for path, item in members(document.get("paths")).items():
        shared = reader.schemas.follow(item)
        for method in _METHODS:
            if isinstance(shared.get(method), Mapping):
                read = reader.operation(str(path), method, shared, members(shared[method]))
                if read is not None:
                    yield read


class _Uncallable(Exception):  # noqa: N818 - a reason, never seen outside
    """Why an operation cannot be called."""


class _Reader:
    """Reads the operations of one document."""

    def __init__(self, document: Mapping[str, object], plugin: str, place: ApiPlace, report: Report) -> None:
        self.schemas = Schemas(document)
        self._document = document
        self._plugin = plugin
        self._place = place
        self._report = report

    def operation(
        self, path: str, method: str, shared: Mapping[str, object], raw: Mapping[str, object]
    ) -> tuple[FunctionSignature, OperationSource] | None:
        said = raw.get("operationId")
        name = plan_safe(said if isinstance(said, str) and said else f"{method}_{path.strip('/')}")
        try:
            if not path.startswith("/") or path.startswith("//"):
                raise _Uncallable("its path does not begin with '/'")
            server = self._server(raw, shared)
            fields, parameters, takes_body = self._inputs(raw, shared)
        except _Uncallable as reason:
            self._report.warning(
                "unreadable-operation", f"'{method.upper()} {path}' is left out: {reason}", key=str(said or path)
            )
            return None
        source = OperationSource(self._place, method, path, server, tuple(fields), takes_body)
        summary = raw.get("summary") or raw.get("description") or shared.get("summary") or ""
        signature = FunctionSignature(
            plugin=self._plugin,
            name=name,
            kind="operation",
            description=_sentence(summary),
            parameters=tuple(parameters),
            returns=self._returns(raw),
            effect=Effect.parse("reads" if method in _READS else "writes", self._plugin),
            idempotent=method in _IDEMPOTENT,
            destructive=method == "delete",
            open_world=True,
            definition=source.digest(),
            source=str(self._report.file),
        )
        return signature, source

    def _server(self, raw: Mapping[str, object], shared: Mapping[str, object]) -> str:
        if self._place.server:
            return self._place.server
        for holder in (raw, shared, self._document):
            listed = sequence(holder.get("servers"))
            if not listed:
                continue
            server = members(listed[0])
            url = str(server.get("url", ""))
            for name, variable in members(server.get("variables")).items():
                url = url.replace(f"{{{name}}}", str(members(variable).get("default", "")))
            url = urljoin(self._place.document, url) if self._place.remote else url
            if not urlsplit(url).netloc:
                break
            return url
        if self._place.remote:
            return urljoin(self._place.document, "/")
        raise _Uncallable(f"the document names no server; write 'server:' in '{self._plugin}/pack.yaml'")

    def _inputs(
        self, raw: Mapping[str, object], shared: Mapping[str, object]
    ) -> tuple[list[Field], list[Parameter], bool]:
        fields: list[Field] = []
        parameters: list[Parameter] = []
        given: dict[tuple[object, object], Mapping[str, object]] = {}
        for each in (*sequence(shared.get("parameters")), *sequence(raw.get("parameters"))):
            found = self.schemas.follow(each)
            given[found.get("in"), found.get("name")] = found
        for (where, name), found in given.items():
            required = found.get("required") is True
            if where == "header" and str(name).lower() in _OWN_HEADERS:
                continue
            if where not in _STYLES or not isinstance(name, str):
                if required:
                    raise _Uncallable(f"its parameter '{name}' goes into a {where}")
                continue
            style = str(found.get("style") or _STYLES[str(where)])
            explode = bool(found.get("explode", style == "form"))
            schema = self._schema(found)
            ours = self._add(parameters, name, schema, required=required, said=found.get("description"))
            fields.append(Field(ours, name, cast("Where", where), style, explode))
        takes_body = self._body(raw, fields, parameters)
        return fields, parameters, takes_body

    def _schema(self, parameter: Mapping[str, object]) -> Mapping[str, object]:
        if "schema" in parameter:
            return self.schemas.plain(parameter["schema"])
        media = next(iter(members(parameter.get("content")).values()), None)
        return self.schemas.plain(members(media).get("schema"))

    def _body(self, raw: Mapping[str, object], fields: list[Field], parameters: list[Parameter]) -> bool:
        """Add the parameters of the request's body: its members, or itself where it is no object of known members."""
        body = self.schemas.follow(raw.get("requestBody"))
        content = members(body.get("content"))
        if not content:
            return False
        media = _json_of(content)
        if media is None:
            if body.get("required") is not True:
                return False
            raise _Uncallable(f"its body is {', '.join(map(str, content))}, and JSON is sent")
        schema = self.schemas.plain(media.get("schema"))
        required = sequence(schema.get("required"))
        properties = members(schema.get("properties"))
        if not properties:
            needed = body.get("required") is True
            ours = self._add(parameters, "body", schema, required=needed, said=body.get("description"))
            fields.append(Field(ours, "body", "body"))
            return True
        source = members(self.schemas.follow(media.get("schema")).get("properties"))
        for name, each in properties.items():
            if self.schemas.follow(source.get(name)).get("readOnly") is True:
                continue
            ours = self._add(parameters, name, members(each), required=name in required, said=None)
            fields.append(Field(ours, name, "member"))
        return True

    def _add(
        self, parameters: list[Parameter], name: str, schema: Mapping[str, object], *, required: bool, said: object
    ) -> str:
        ours = unused(plan_safe(name), [each.name for each in parameters])
        described = said or schema.get("description")
        parameters.append(
            Parameter(
                name=ours,
                type=ValueType.from_json_schema(schema),
                required=required,
                default=schema.get("default"),
                description=_sentence(described),
                secret=is_secret(schema),
            )
        )
        return ours

    def _returns(self, raw: Mapping[str, object]) -> ValueType:
        responses = members(raw.get("responses"))
        good = next((responses[each] for each in _GOOD if each in responses), None)
        content = members(self.schemas.follow(good).get("content"))
        media = _json_of(content)
        if media is not None:
            return self.schemas.type_of(media.get("schema"))
        return STRING if content else ANY


def _json_of(content: Mapping[str, object]) -> Mapping[str, object] | None:
    for name, media in content.items():
        kind = name.partition(";")[0].strip().lower()
        if kind in ("application/json", "*/*", "application/*") or kind.endswith("+json"):
            return members(media)
    return None


def _sentence(text: object) -> str:
    said = text if isinstance(text, str) else ""
    return " ".join(said.strip().partition("\n\n")[0].split())
