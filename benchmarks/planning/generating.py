"""Goals made by chance: the benchmark's public part is what one seed made, kept; any other seed makes a private one.

python -m benchmarks.planning.generating --seed 20261122 > benchmarks/planning/public.yaml
"""

from __future__ import annotations

import argparse
import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from forethought.kernel.functions import FunctionSignature
from forethought.planners.language.nodes import Plan
from training.concepts import Concept
from training.dressing import Draw, Skill
from training.examples import draw_goal, example
from training.phrasing import steps
from training.shipped import shipped_concepts, signatures
from training.words import words

from .unseen import WORDS as UNSEEN_WORDS
from .unseen import unseen_concepts, unseen_signatures

__all__ = ["Goal", "goals"]

PER_SIZE = {0: 15, 1: 30, 2: 40, 3: 40, 4: 15, 5: 10, 6: 10}
"""How many goals of how many steps each half has; none is for goals that cannot be reached."""

SEEN_WORDS = {
    "topic": words(
        "foxes, a rusty tin man, umbrellas, lost luggage, thunder, knitting, mermaids, the tax office, moths"
    ),
    "person": words("Beatrix, Tobias, Mrs. Adeyemi, Prof. Lund, Zoe, Gustavo, Ines Vidal, Uncle Otto"),
    "file": words("song.txt, ferry.md, lists/gifts.txt, tale.txt, april.csv, brief.txt, old/notes2.md, memo.txt"),
    "folder": words("receipts, the drafts folder, scans, music/old"),
    "url": words("https://weather.example, https://example.net/faq, http://files.test/list.txt, www.museum.example"),
    "language": words("Danish, Hungarian, Hebrew, Thai, French, German, Spanish, Ukrainian, Welsh"),
    "address": words("tobias@post.example, clerk@townhall.example, zoe.k@mail.example, crew@ferry.example"),
    "text": words(
        "the soup is cold, mind the gap, a bird in the hand, our cat is back, no news is good news, tea at five"
    ),
    "number": words("13, 14, 19, 21, 27, 33, 48, 54, 72, 96, 128, 210, 400, 8.5, 6.75, 0.25"),
    "count": words("3, 4, 6, 9, 11, 14"),
    "date": words("2026-02-28, 2025-11-05, 2027-09-17, 2026-12-31, 2024-03-08"),
    "title": words("open day, lost and found, your order, choir practice, minutes of May"),
    "style": words("a weather presenter, a medieval monk, Jane Austen, a sports commentator, a robot"),
    "word": words("winter, honey, puzzle, silver, lantern, harbour"),
}

_SUM = re.compile(r" (?:plus|minus|times|divided by) ")  # two of them, and nobody knows which comes first


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal over the packs *seen* in training or the *unseen* ones, and a plan that reaches it, empty if none can."""

    goal: str
    packs: str
    size: int
    plan: Plan


def goals(seed: int, sizes: Mapping[int, int] | None = None) -> Iterator[Goal]:
    """Yield the goals of a seed: for each half, so many of each number of steps; no goal twice."""
    wanted = PER_SIZE if sizes is None else sizes
    seen = (shipped_concepts(), signatures(), SEEN_WORDS)
    unseen = (unseen_concepts(), unseen_signatures(), UNSEEN_WORDS)
    for packs, (concepts, found, fill) in (("seen", seen), ("unseen", unseen)):
        others = unseen if packs == "seen" else seen
        rng = Draw(seed, fill)
        elsewhere = Draw(seed + 1, others[2])
        known: set[str] = set()
        for size, count in wanted.items():
            made = 0
            while made < count:
                one = _goal(rng, concepts, found, size) if size else _goal(elsewhere, others[0], others[1], 1)
                if one and one.goal not in known:
                    known.add(one.goal)
                    made += 1
                    yield Goal(one.goal, packs, size, one.plan if size else Plan())


def _goal(rng: Draw, concepts: tuple[Concept, ...], found: Mapping[str, FunctionSignature], size: int) -> Goal | None:
    roots = draw_goal(rng, concepts, size)
    used = {each.concept.key: each.concept for each in steps(roots)}
    twins = {key.partition(".")[2].lower() for key in used}
    if len(steps(roots)) != size or len(twins) != len(used):
        return None
    skills = [Skill(each, found[each.key], {slot.key: slot.names[0] for slot in each.slots}) for each in used.values()]
    made = example(rng, roots, skills, chinese=0.0, spare=0.0)
    if made is None or made.variables or len(_SUM.findall(made.goal)) > 1:
        return None
    return Goal(made.goal, "", size, dataclasses.replace(made.plan, goal=""))


def main() -> None:
    """Print the goals of a seed."""
    import yaml

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, required=True)
    rows = [
        {"goal": each.goal, "packs": each.packs, "steps": each.size, "plans": [each.plan.to_xml().strip()]}
        for each in goals(parser.parse_args().seed)
    ]
    print(yaml.safe_dump(rows, sort_keys=False, allow_unicode=True, width=1000), end="")


if __name__ == "__main__":
    main()
