"""Functions in the dress of one house or another: the same concept under other names, words and parameters."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forethought.kernel.functions import PURE, FunctionSignature, Parameter
from forethought.kernel.values import ValueType

from .concepts import Concept
from .finding import THINGS
from .shipped import signatures
from .words import WORDS

__all__ = ["Draw", "Skill", "dressed"]

_EXTRAS = (
    Parameter("limit", ValueType("integer"), False, 5),
    Parameter("format", ValueType("string"), False, "text"),
    Parameter("style", ValueType("string"), False, ""),
    Parameter("verbose", ValueType("boolean"), False, False),
    Parameter("encoding", ValueType("string"), False, "utf-8"),
)
_WORDS = {**WORDS, **THINGS}


class Draw(random.Random):
    """Chance, and the words that it fills goals with."""

    def __init__(self, seed: int, words: Mapping[str, Sequence[str]] = _WORDS) -> None:
        super().__init__(seed)
        self.words = words


@dataclass(frozen=True, slots=True)
class Skill:
    """A concept as it appears in one registry: its signature, and the parameter that each slot has become."""

    concept: Concept
    signature: FunctionSignature
    parameters: dict[str, str]


def dressed(rng: Draw, concepts: Sequence[Concept]) -> list[Skill]:
    """Give each concept a name, a description and parameters; no two the same full name."""
    found: list[Skill] = []
    for concept in concepts:
        while True:
            skill = _dress(rng, concept)
            names = [each.signature.name.lower() for each in found]
            if skill.signature.name.lower() not in names or rng.random() < 0.3:
                full = [each.signature.full_name.lower() for each in found]
                if skill.signature.full_name.lower() not in full:
                    break
            if concept.key in signatures():
                break
        found.append(skill)
    return found


def _dress(rng: Draw, concept: Concept) -> Skill:
    if concept.key in signatures():
        found = signatures()[concept.key]
        return Skill(concept, found, {each.key: each.names[0] for each in concept.slots})
    said = rng.choice(concept.descriptions)
    name = _styled(rng, rng.choice(concept.names))
    if rng.random() < 0.04:
        name = (
            rng.choice("bdfgklmprtvz")
            + rng.choice("aeiou")
            + rng.choice("bdklmnprst")
            + rng.choice(("", "o", "ix", "_2"))
        )
    elif rng.random() < 0.03:
        said = ""
    if rng.random() < 0.15 and said:
        said = said[0].lower() + said[1:]
    slots = list(concept.slots)
    if rng.random() < 0.2:
        rng.shuffle(slots)
    parameters: dict[str, str] = {}
    made: list[Parameter] = []
    for slot in slots:
        free = [each for each in slot.names if each not in parameters.values()]
        parameters[slot.key] = _styled(rng, rng.choice(free or [slot.key]))
        numeric = {"number": "number", "count": "integer"}.get(slot.kind)
        kind = ValueType(numeric) if numeric and rng.random() < 0.6 else ValueType("string")  # type: ignore[arg-type]
        made.append(Parameter(parameters[slot.key], kind, not slot.optional, None))
    extra = rng.choice(_EXTRAS)
    if rng.random() < 0.08 and extra.name not in parameters.values():
        made.append(extra)
    made.sort(key=lambda each: not each.required)
    plugin = rng.choice(("Text", "Office", "Data", "Web", "My", "Core", "Home", "Work", "Info", "Tool")) + rng.choice(
        ("Skill", "Plugin", "", "s", "Functions")
    )
    returns = ValueType("number") if concept.makes == "number" else ValueType("string")
    signature = FunctionSignature(
        plugin=plugin, name=name, description=said, parameters=tuple(made), returns=returns, effect=PURE
    )
    return Skill(concept, signature, parameters)


def _styled(rng: Draw, name: str) -> str:
    """Write a name as one of several houses does: getPrice, GetPrice, get_price."""
    draw = rng.random()
    if draw < 0.55:
        return name
    if draw < 0.75:
        return name[0].upper() + name[1:]
    return "".join(f"_{each.lower()}" if each.isupper() and i else each.lower() for i, each in enumerate(name))
