"""Company: the functions among which those that a goal needs must be found, alike as retrieved ones are."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence

from forethought.planners.choosing.keywords import words

from .concepts import Concept
from .shipped import signatures

__all__ = ["Company", "clash", "drawn"]

NEIGHBOURS = 14
"""How many others are near a concept."""

_ALIKE = (
    {"email", "emailsubject", "message", "letter"},
    {"now", "today", "time"},
    {"search", "wikipedia", "news"},
    {"summary", "simplify", "bullets"},
    {"savefile", "cloud", "appendfile"},
    {"postweb", "cloud"},
    {"speak", "speakaudio"},
    {"order", "orderproduct", "code owner of ticket"},
    {"letter", "genre letter"},
    {"tweet", "genre tweet"},
    {"blog", "genre blog post"},
    {"resume", "person biography"},
    {"StringFunctions.trim", "TextSkill.trim"},
    {"MathSkill.add", "MathSkill.sum", "MathSkill.evaluate"},
    {"MathSkill.evaluate", "MathSkill.subtract"},
    {"MathSkill.evaluate", "MathSkill.multiply"},
    {"MathSkill.evaluate", "MathSkill.divide"},
    {"TextSkill.concat", "TextSkill.join"},
    {"FileSkill.read", "ExtractSkill.Extract"},
    {"Emailer.getEmailAddress", "EmailPlugin.GetEmailAddress"},
    {"Emailer.sendEmail", "EmailPlugin.SendEmail"},
    {"StringFunctions.upper", "TextSkill.uppercase"},
    {"StringFunctions.lower", "TextSkill.lowercase"},
    {"TimeSkill.now", "TimeSkill.today"},
    {"MemorySkill.Recall", "MemorySkill.Answer"},
)
"""Concepts that can do the same: which one a goal means, nobody could tell."""


class Company:
    """Some concepts, and which of them are easily taken for one another: alike in words, in what they take and make."""

    def __init__(self, concepts: Sequence[Concept]) -> None:
        self.concepts = concepts
        said = [_said(each) for each in concepts]
        spread = Counter(word for each in said for word in each)
        weights = [{word: math.log(1 + len(said) / spread[word]) for word in each} for each in said]
        lengths = [math.sqrt(sum(weight * weight for weight in each.values())) or 1.0 for each in weights]
        self._near: dict[str, list[Concept]] = {}
        for one, own, length in zip(concepts, weights, lengths, strict=True):
            scores = [
                sum(weight * other.get(word, 0.0) for word, weight in own.items()) / (length * theirs)
                + 0.3 * _alike(one, each)
                for each, other, theirs in zip(concepts, weights, lengths, strict=True)
            ]
            order = sorted(range(len(concepts)), key=lambda at: -scores[at])
            self._near[one.key] = [concepts[at] for at in order if concepts[at] is not one][:NEIGHBOURS]

    def beside(self, rng: random.Random, one: Concept) -> Concept:
        """Draw a concept near another one."""
        return drawn(rng, self._near[one.key])


def drawn(rng: random.Random, concepts: Sequence[Concept]) -> Concept:
    """Draw a concept; the large families less often."""
    while True:
        found = rng.choice(concepts)
        if " " not in found.key or rng.random() < 0.45:
            return found


def clash(one: Concept, others: Sequence[Concept]) -> bool:
    """Say whether a concept can do what one of the others can."""
    for other in others:
        if one.key == other.key or any({one.key, other.key} <= group for group in _ALIKE):
            return True
        genres = one.key.startswith("genre ") and other.key.startswith("genre ")
        if genres and (one.key.split()[-1] in other.key or other.key.split()[-1] in one.key):
            return True
        if " " in one.key and " " in other.key and one.key.split()[-1] == other.key.split()[-1]:
            return True
    return False


def _said(concept: Concept) -> set[str]:
    if found := signatures().get(concept.key):
        return words(f"{found.name} {found.description}")
    return words(" ".join((*concept.names, *concept.descriptions)))


def _alike(one: Concept, other: Concept) -> float:
    """Return how much two concepts are alike in what they take, what they make, and the pack they are of."""
    kinds = [{slot.kind for slot in each.slots if not slot.optional} for each in (one, other)]
    packs = [each.key.partition(".")[0] for each in (one, other) if "." in each.key]
    return (kinds[0] == kinds[1]) + (one.makes == other.makes) / 2 + (len(packs) == 2 and packs[0] == packs[1])
