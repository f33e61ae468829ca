"""The configuration of a prompt function: every vintage of `config.json`, and of YAML prompts, into one shape."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from forethought.kernel.functions import Parameter
from forethought.kernel.values import STRING, ValueType

from .hints import HINT_KEYS, read_hints
from .pack import is_name
from .reports import Report

__all__ = ["PromptConfig", "read_config"]

_KNOWN = frozenset(
    {
        *("schema", "type", "name", "description", "template", "template_format"),
        *("input", "input_parameters", "input_variables", "output_variable"),
        *("execution_settings", "models", "completion"),
        *HINT_KEYS,
    }
)
_FOREIGN = frozenset(  # understood, and without a meaning here
    {"default_services", "default_backends", "is_sensitive", "allow_dangerously_set_content"}
)
_DEFAULTS = ("default", "default_value", "defaultValue")
_COMPOSED = frozenset({"$ref", "allOf", "anyOf", "const", "oneOf"})
_PARAMETER_KEYS = frozenset(
    (*_DEFAULTS, "name", "description", "is_required", "required", "json_schema", "type", "sample")
)


@dataclass(frozen=True, slots=True)
class PromptConfig:
    """What a configuration says; empty where it says nothing."""

    name: str = ""
    description: str = ""
    template: str | None = None
    format: str = ""
    parameters: tuple[Parameter, ...] = ()
    returns: ValueType = STRING
    returns_description: str = ""
    schema: Mapping[str, object] = field(default_factory=dict[str, object])
    schema_from: str = ""
    settings: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    hints: Mapping[str, object] = field(default_factory=dict[str, object])


def read_config(raw: Mapping[str, object], plugin: str, report: Report) -> PromptConfig:
    """Read the keys of a configuration; what is unknown or odd is reported."""
    keys = _Keys(raw, report)
    for key in raw:
        if key in _FOREIGN:
            keys.notice("ignored-key", f"'{key}' has no meaning here and is ignored", key)
        elif key not in _KNOWN:
            keys.notice("unknown-key", f"'{key}' is not a key of a prompt's configuration", key)
    output = keys.mapping("output_variable")
    of_output = _Keys(output, report)
    return PromptConfig(
        name=keys.string("name"),
        description=keys.string("description"),
        template=keys.string("template") if raw.get("template") is not None else None,
        format=keys.string("template_format").lower(),
        parameters=_parameters(keys),
        returns=(returns := _type(of_output, STRING)),
        returns_description=of_output.string("description"),
        schema=_output_schema(_schema(of_output) or {}, returns),
        schema_from=of_output.string("json_schema_from"),
        settings=_settings(keys),
        hints=read_hints(raw, plugin, report),
    )


class _Keys:
    """Reads keys by type; a value of the wrong type is reported and counts as absent."""

    def __init__(self, raw: Mapping[str, object], report: Report) -> None:
        self.raw = raw
        self.report = report

    def notice(self, code: str, message: str, key: str) -> None:
        self.report.notice(code, message, key=key)

    def wrong(self, key: str, expected: str) -> None:
        shown = repr(self.raw[key])
        shown = shown if len(shown) <= 40 else f"{shown[:37]}..."
        self.report.error("wrong-type", f"'{key}' must be {expected}, not {shown}", key=key)

    def string(self, key: str) -> str:
        value = self.raw.get(key)
        if value is None or isinstance(value, str):
            return value or ""
        self.wrong(key, "a string")
        return str(value) if isinstance(value, int | float) else ""

    def truth(self, key: str) -> bool | None:
        value = self.raw.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.wrong(key, "true or false")
        return None

    def mapping(self, key: str) -> Mapping[str, object]:
        value = self.raw.get(key)
        if value is None:
            return {}
        if isinstance(value, dict):
            return {str(name): each for name, each in cast("dict[object, object]", value).items()}
        self.wrong(key, "an object")
        return {}

    def items(self, key: str) -> Iterable[Mapping[str, object]]:
        """Return the objects of a list."""
        value = self.raw.get(key)
        if value is None:
            return ()
        items = cast("list[object]", value) if isinstance(value, list) else None
        if items is None or not all(isinstance(each, dict) for each in items):
            self.wrong(key, "a list of objects")
        return [cast("dict[str, object]", each) for each in items or () if isinstance(each, dict)]


def _parameters(keys: _Keys) -> tuple[Parameter, ...]:
    """Read the newest of the three forms; one that also has an older form is reported."""
    old = keys.mapping("input")
    forms: dict[str, Iterable[Mapping[str, object]]] = {
        "input_variables": keys.items("input_variables"),
        "input_parameters": keys.items("input_parameters"),
        "input": _Keys(old, keys.report).items("parameters"),
    }
    named = [form for form in forms if keys.raw.get(form) is not None]
    for form in named[1:]:
        keys.notice("ignored-key", f"'{form}' is ignored, '{named[0]}' is the newer form", form)
    if not named:
        return ()
    if named[0] != "input_variables":
        keys.notice("old-config", f"'{named[0]}' was read as 'input_variables'", named[0])
    found: dict[str, Parameter] = {}
    for item in forms[named[0]]:
        parameter = _parameter(_Keys(item, keys.report))
        if parameter is None:
            continue
        if parameter.name.lower() in found:
            keys.report.notice("duplicate-parameter", f"'{parameter.name}' is declared twice; the first one counts")
            continue
        found[parameter.name.lower()] = parameter
    return tuple(found.values())


def _parameter(keys: _Keys) -> Parameter | None:
    name = keys.string("name").removeprefix("$")
    if not is_name(name):
        keys.report.error("bad-name", f"'{name}' cannot name a parameter")
        return None
    name = "input" if name.lower() == "input" else name
    for key in keys.raw:
        if key == "allow_dangerously_set_content":
            keys.notice("ignored-key", f"'{key}' has no meaning here and is ignored", key)
        elif key not in _PARAMETER_KEYS:
            keys.notice("unknown-key", f"'{key}' is not a key of a parameter", key)
    kind = _type(keys, STRING)
    default = next((keys.raw[key] for key in _DEFAULTS if keys.raw.get(key) is not None), None)
    said = keys.truth("is_required")
    said = keys.truth("required") if said is None else said
    required = default is None if said is None else said and default in (None, "")
    return Parameter(name, kind, required, None if required else _default(default, kind), keys.string("description"))


def _default(value: object, kind: ValueType) -> object:
    """Return a default as its type has it: Semantic Kernel wants every default to be a string."""
    if kind.kind == "string":
        return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):
        try:
            return cast("object", json.loads(value))
        except (ValueError, RecursionError):
            return None if value == "" else value
    return value


def _type(keys: _Keys, otherwise: ValueType) -> ValueType:
    """Read `json_schema`, else `type`."""
    schema = _schema(keys)
    if schema is None:
        keys.wrong("json_schema", "a JSON Schema")
        return otherwise
    if schema:
        return ValueType.from_json_schema(schema)
    named = keys.raw.get("type")
    return ValueType.from_json_schema({"type": named}) if isinstance(named, str) else otherwise


def _schema(keys: _Keys) -> dict[str, object] | None:
    """Return `json_schema`, an object or its text; empty where there is none, None where it is something else."""
    schema = keys.raw.get("json_schema")
    if isinstance(schema, str) and schema.strip():
        try:
            schema = cast("object", json.loads(schema))
        except (ValueError, RecursionError):
            return None
    if isinstance(schema, dict):
        return cast("dict[str, object]", schema)
    return {} if schema in (None, "") else None


def _output_schema(schema: dict[str, object], returns: ValueType) -> dict[str, object]:
    """Return the schema that answers are held to; empty for text, and for a type that says nothing."""
    if returns.choices or returns.kind not in ("string", "any"):
        return schema or returns.json_schema()
    return {} if returns.kind == "string" or _COMPOSED.isdisjoint(schema) else schema


def _settings(keys: _Keys) -> Mapping[str, Mapping[str, object]]:
    """Read the newest of the three forms of execution settings, by service id."""
    named = [form for form in ("execution_settings", "models", "completion") if keys.raw.get(form) is not None]
    for form in named[1:]:
        keys.notice("ignored-key", f"'{form}' is ignored, '{named[0]}' is the newer form", form)
    if not named:
        return {}
    form = named[0]
    if form == "completion":
        keys.notice("old-config", "'completion' was read as 'execution_settings'", form)
        completion = keys.mapping(form)
        return {"default": completion} if completion else {}
    raw = keys.raw[form]
    if form == "models" or isinstance(raw, list):
        said = "a list of 'execution_settings'" if form == "execution_settings" else f"'{form}'"
        keys.notice("old-config", f"{said} was read as 'execution_settings' by service", form)
        return _by_service(keys, form)
    services = keys.mapping(form)
    if services and not any(isinstance(each, dict) for each in services.values()):
        keys.notice("old-config", f"'{form}' without a service was read as those of 'default'", form)
        return {"default": services}
    inner = _Keys(services, keys.report)
    return {service: inner.mapping(service) for service in services}


def _by_service(keys: _Keys, form: str) -> Mapping[str, Mapping[str, object]]:
    found: dict[str, Mapping[str, object]] = {}
    for item in keys.items(form):
        of_item = _Keys(item, keys.report)
        rest = {key: each for key, each in item.items() if key not in ("service_id", "settings")}
        service = of_item.string("service_id") or "default"
        if service in found:
            keys.notice("ignored-key", f"a second '{form}' entry for service '{service}' is ignored", form)
            continue
        found[service] = {**rest, **of_item.mapping("settings")}
    return found
