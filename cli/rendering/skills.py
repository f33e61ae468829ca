"""Skill packs and functions as people read them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.kernel.packs.pack import Pack
from forethought.kernel.values import jsonable

from .plans import effect_in_words
from .styling import Paint, plain, visible

if TYPE_CHECKING:
    from forethought.kernel.sources.refreshing import Refreshed

__all__ = ["render_function", "render_pack", "render_refreshed"]

_KINDS = {
    "prompt": "prompt function",
    "native": "native function",
    "tool": "tool of an MCP server",
    "operation": "operation of an API",
    "agent": "agent",
    "recipe": "recipe, a saved plan",
}


def render_pack(pack: Pack, *, paint: Paint = plain) -> str:
    """Return a pack as its name and one line a function: `  Joke(input: string, style = "dry") -> string  [pure]`."""
    about = " ".join(filter(None, (visible(pack.version), visible(pack.description))))
    head = paint(visible(pack.name), "bold") + (paint(f"  {about}", "dim") if about else "")
    functions = [f"  {_line(each, paint)}" for each in pack.signatures]
    return "\n".join([head, *functions])


def _line(signature: FunctionSignature, paint: Paint) -> str:
    parameters = ", ".join(_parameter(each) for each in signature.parameters)
    returns = "" if signature.returns.kind == "any" else f" -> {visible(str(signature.returns))}"
    effect = paint(f"[{effect_in_words(signature)}]", "dim")
    return f"{paint(visible(signature.name), 'cyan')}({parameters}){returns}  {effect}"


def _parameter(parameter: Parameter) -> str:
    kind = str(parameter.type)
    default = "" if parameter.required else f" = {_shown(parameter.default)}"
    return visible(parameter.name if kind == "any" else f"{parameter.name}: {kind}") + default


def _shown(value: object) -> str:
    return visible(json.dumps(jsonable(value), ensure_ascii=False))


def render_function(signature: FunctionSignature, *, paint: Paint = plain) -> str:
    """Return everything that is known about a function."""
    lines = [paint(visible(signature.full_name), "bold", "cyan")]
    lines += [f"  {visible(line.strip())}" for line in signature.description.splitlines()]
    facts = [("kind", _KINDS[signature.kind]), ("effect", _effect(signature))]
    facts.append(("returns", _typed(str(signature.returns), signature.returns_description)))
    facts.append(("file", visible(signature.source) or "none"))
    lines += ["", *(f"{paint(f'{name:7}', 'bold')}  {value}" for name, value in facts)]
    if signature.parameters:
        lines += ["", paint("Parameters:", "bold"), *_parameters(signature.parameters)]
    else:
        lines += ["", "It takes no parameters."]
    return "\n".join(lines)


def _effect(signature: FunctionSignature) -> str:
    return effect_in_words(signature) + (", idempotent" if signature.idempotent else "")


def _typed(kind: str, description: str) -> str:
    return visible(kind) + (f": {visible(description)}" if description else "")


def _parameters(parameters: Iterable[Parameter]) -> list[str]:
    rows = [
        (
            visible(each.name),
            visible(str(each.type)),
            "required" if each.required else f"default {_shown(each.default)}",
            visible(each.description),
        )
        for each in parameters
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        "  " + "  ".join([*(f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)), row[3]]).rstrip()
        for row in rows
    ]


def render_refreshed(refreshed: Refreshed) -> str:
    """Return what a snapshot holds now, and how that differs from before: `+` is new, `~` changed, `-` gone."""
    counted = f"{refreshed.functions} function{'' if refreshed.functions == 1 else 's'}"
    signs = (("+", refreshed.added), ("~", refreshed.changed), ("-", refreshed.removed))
    listed = [f"  {sign} {visible(name)}" for sign, names in signs for name in names]
    head = f"{visible(str(refreshed.file))}: {counted}" + ("" if listed else ", as before")
    return "\n".join([head, *listed])
