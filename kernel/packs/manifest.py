"""`pack.yaml`: what a pack says of itself, and of its functions' effects."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from .files import parse_yaml, read_text
from .hints import HINT_KEYS, read_hints, with_hints
from .pack import PackFunction
from .reports import Report

__all__ = ["MANIFEST", "Manifest", "read_effects", "read_manifest", "with_effects"]

MANIFEST = "pack.yaml"
_KEYS = ("description", "version", "effects", "name", "openapi", "mcp")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `pack.yaml` says; `effects` holds what was read of each function's effect and hints, `raw` all of it."""

    description: str = ""
    version: str = ""
    effects: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    text: str = ""
    raw: Mapping[str, object] = field(default_factory=dict[str, object])


def read_manifest(root: Path, report: Report) -> Manifest:
    """Read a pack's `pack.yaml`; without one nothing is said."""
    file = root / MANIFEST
    if not file.exists() and not file.is_symlink():
        return Manifest()
    report = report.on(file)
    text = read_text(file, root, report)
    raw = None if text is None else parse_yaml(text, report)
    if raw is None or text is None:
        return Manifest()
    for key in raw:
        if key not in _KEYS:
            report.warning("unknown-key", f"'{key}' is not a key of {MANIFEST}", key=key)
    if raw.get("name") not in (None, root.name):
        report.notice("ignored-key", f"'name' is ignored, the folder names it '{root.name}'", key="name")
    return Manifest(
        _string(raw, "description", report),
        _string(raw, "version", report),
        read_effects(raw, root.name, report),
        text,
        raw,
    )


def _string(raw: Mapping[str, object], key: str, report: Report) -> str:
    value = raw.get(key)
    if value is None or isinstance(value, str):
        return value or ""
    report.warning("wrong-type", f"'{key}' must be a string, not {value!r}", hint="write it in quotes", key=key)
    return str(value) if isinstance(value, int | float) else ""


def read_effects(raw: Mapping[str, object], plugin: str, report: Report) -> Mapping[str, Mapping[str, object]]:
    """Read `effects:`, what functions do by name: the text of an effect, or a mapping of it and hints."""
    value = raw.get("effects")
    if value is None:
        return {}
    if not isinstance(value, dict):
        report.error("wrong-type", "'effects' must be a mapping", key="effects")
        return {}
    found: dict[str, Mapping[str, object]] = {}
    for name, said in cast("dict[object, object]", value).items():
        told = cast("dict[str, object]", said) if isinstance(said, dict) else {"effect": said}
        for key in told:
            if key not in HINT_KEYS:
                report.warning("unknown-key", f"'{key}' is not a hint", key=str(key))
        found[str(name)] = read_hints(told, plugin, report)
    return found


def with_effects(
    functions: list[PackFunction], manifest: Manifest, report: Report, recipes: Collection[str] = ()
) -> list[PackFunction]:
    """Return `functions` with the effects that the manifest gives them: it has the last word.

    It has none on `recipes`, the names of plans: what they do is what their steps do.
    """
    said = {name.lower(): (name, hints) for name, hints in manifest.effects.items()}
    changed: list[PackFunction] = []
    for function in functions:
        signature = function.signature
        _, hints = said.pop(signature.name.lower(), ("", None))
        if hints:
            known = {key: getattr(signature, key) for key in HINT_KEYS} if "effect" not in hints else {}
            signature = with_hints(signature, {"quick": signature.quick, **known, **hints})
        changed.append(dataclasses.replace(function, signature=signature))
    for name, _ in said.values():
        if name.lower() in map(str.lower, recipes):
            report.error("effect-of-recipe", f"'{name}' is a plan, and does what its steps do", key=name)
            continue
        near = difflib.get_close_matches(name, [each.signature.name for each in functions], 1, 0.6)
        hint = f"did you mean '{near[0]}'?" if near else None
        report.error("unknown-function", f"the pack has no function '{name}'", hint=hint, key=name)
    return changed
