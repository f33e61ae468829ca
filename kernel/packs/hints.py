"""What a function does to the world, as its author says it; what is left out is what MCP assumes of the unknown."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from forethought.kernel.functions import EVERYTHING, PURE, Effect, FunctionSignature
from forethought.kernel.problems import Place

from .reports import Report

__all__ = ["HINT_KEYS", "UNKNOWN", "read_hints", "with_hints"]

HINT_KEYS = ("effect", "idempotent", "destructive", "open_world", "quick")

UNKNOWN: Mapping[str, object] = {
    "effect": Effect(writes=frozenset({EVERYTHING})),
    "destructive": True,
    "open_world": True,
}
"""What is said of a function that may do anything."""


def with_hints(signature: FunctionSignature, said: Mapping[str, object]) -> FunctionSignature:
    """Return `signature` with an effect and hints.

    A prompt function is pure unless it says otherwise. A native function that declares no effect writes everything,
    may destroy, and may reach the world outside; one that declares an effect is taken at its word. What is pure is
    idempotent. `said` has been read by `read_hints`.
    """
    said = {**UNKNOWN, **said} if signature.kind == "native" and "effect" not in said else said
    declared = said.get("effect")
    effect = declared if isinstance(declared, Effect) else PURE
    return dataclasses.replace(
        signature,
        effect=effect,
        idempotent=bool(said.get("idempotent", effect.pure)),
        destructive=bool(said.get("destructive", False)),
        open_world=bool(said.get("open_world", False)),
        quick=bool(said.get("quick", False)),
    )


def read_hints(
    raw: Mapping[str, object], plugin: str, report: Report, *, place: Place | None = None
) -> dict[str, object]:
    """Return the effect and hints among the keys of `raw`; one that cannot be read is reported, at `place` if given.

    A function whose effect cannot be read may do anything: too careful is safe.
    """
    said: dict[str, object] = {}
    for key in HINT_KEYS:
        value = raw.get(key)
        if value is None:
            continue
        if key == "effect":
            effect = _effect(value, plugin, report, place)
            said |= UNKNOWN if effect is None else {key: effect}
        elif isinstance(value, bool):
            said[key] = value
        else:
            report.error("wrong-type", f"'{key}' must be true or false, not {value!r}", key=key, place=place)
    return said


def _effect(value: object, plugin: str, report: Report, place: Place | None) -> Effect | None:
    try:
        if not isinstance(value, str):
            raise ValueError(f"'{value}' is not an effect: write pure, reads, writes, or reads:RESOURCE")  # noqa: TRY004
        return Effect.parse(value, plugin)
    except ValueError as error:
        report.error("bad-effect", str(error), key="effect", place=place)
        return None
