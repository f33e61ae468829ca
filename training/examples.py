"""Training examples: functions drawn at random, goals over them, and the plans that reach them, checked.

    python -m training.examples --seed 7 --count 3

Names, parameters, descriptions, order and company of the functions are drawn anew for each set of functions, so that
only who reads them can plan.
"""

from __future__ import annotations

import argparse
import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forethought.kernel.functions import FunctionSignature
from forethought.kernel.registry import SkillRegistry
from forethought.planners.checking.check import check
from forethought.planners.language.nodes import Argument, FunctionName, Plan, Step
from forethought.planners.language.templates import escape
from forethought.planners.sketch import END, NONE, Reading, labels, question, result_label, written

from .company import Company, clash, drawn
from .concepts import Concept, Slot
from .dressing import Draw, Skill, dressed
from .phrasing import Given, Task, say, say_in_chinese, steps
from .shipped import shipped_concepts, silent_concepts
from .tables import all_concepts
from .words import CHINESE, words

__all__ = ["Example", "Lesson", "draw_goal", "drawn_goal", "example", "lessons"]


SIZES = (1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6)
"""How many steps goals have, as often as they stand here."""

VARIABLES = words(
    "INPUT, REPORT, TEXT, CITY_NAME, NOTES, DRAFT, QUESTION, ARTICLE, MESSAGE, NAME, ANSWER, LETTER, DATA"
)


@dataclass(frozen=True, slots=True)
class Example:
    """A goal over a lesson's functions, the variables it is given, and the sketch of its plan."""

    goal: str
    variables: tuple[str, ...]
    answer: str
    plan: Plan
    size: int


@dataclass(frozen=True, slots=True)
class Lesson:
    """A few functions, and several goals over them."""

    skills: tuple[FunctionSignature, ...]
    examples: tuple[Example, ...]


def lessons(seed: int, *, goals: int = 5, shipped: float = 0.35) -> Iterator[Lesson]:
    """Yield lessons without end, the same ones for the same seed; every plan in them passes the checker.

    `shipped` is the share of lessons whose functions are those of the shipped packs, as they are.
    """
    rng = Draw(seed)
    while True:
        theirs = rng.random() < shipped
        company = _company(silent_concepts()) if theirs else _company()
        found = _lesson(rng, shipped_concepts() if theirs else all_concepts(), company, goals)
        if found.examples:
            yield found


@functools.cache
def _company(silent: tuple[Concept, ...] | None = None) -> Company:
    """Return the company of training's own concepts, or that of the shipped ones and those `silent` beside them."""
    return Company(all_concepts() if silent is None else (*shipped_concepts(), *silent))


def _lesson(rng: Draw, everything: Sequence[Concept], company: Company, goals: int) -> Lesson:
    first = drawn_goal(rng, everything)
    used = list({each.concept.key: each.concept for each in steps(first)}.values())
    pool = list(used)
    most = max(len(pool) + 1, rng.choice((4, 5, 6, 6, 7, 8, 8, 8)))
    for _ in range(40):  # of few functions, all may clash
        another = company.beside(rng, rng.choice(used)) if rng.random() < 0.7 else drawn(rng, company.concepts)
        if not clash(another, pool):
            pool.append(another)
        if len(pool) == most:
            break
    rng.shuffle(pool)
    skills = dressed(rng, pool)
    asked = [first]
    spoken = [each for each in pool if each.does]
    missed = [each for each in (company.beside(rng, one) for one in spoken) if each.does]
    while len(asked) < goals:
        draw = rng.random()
        some = everything if draw < 0.04 else [*spoken, *missed] if draw < 0.16 else spoken
        asked.append(drawn_goal(rng, some))
    examples = [made for roots in asked if (made := example(rng, roots, skills))]
    kept = {each.goal: each for each in examples}
    return Lesson(tuple(each.signature for each in skills), tuple(kept.values()))


def drawn_goal(rng: Draw, concepts: Sequence[Concept]) -> list[Task]:
    """Draw a goal of a size that is drawn first; as near to it as a few tries come."""
    size = rng.choice(SIZES)
    tried: list[list[Task]] = []
    for _ in range(6):
        tried.append(draw_goal(rng, concepts, size))
        if len(steps(tried[-1])) == size:
            break
    return min(tried, key=lambda roots: abs(len(steps(roots)) - size))


def draw_goal(rng: Draw, concepts: Sequence[Concept], size: int) -> list[Task]:
    """Draw what is wanted: a tree of tasks, sometimes two, sometimes one result used twice."""
    sinks = [each for each in concepts if not each.makes and any(slot.takes for slot in each.slots)]
    if size >= 3 and sinks and rng.random() < 0.15:  # one result for two
        content = _task(rng, concepts, size - 2, "text")
        return [_sink(rng, rng.choice(sinks), content, concepts) for _ in range(2)]
    if size >= 2 and rng.random() < 0.12:
        cut = rng.randint(1, size - 1)
        return [_task(rng, concepts, cut, ""), _task(rng, concepts, size - cut, "")]
    if size >= 2 and sinks and rng.random() < 0.5:
        return [_sink(rng, rng.choice(sinks), _task(rng, concepts, size - 1, "text"), concepts)]
    return [_task(rng, concepts, size, "")]


def _sink(rng: Draw, concept: Concept, content: Task, concepts: Sequence[Concept]) -> Task:
    slot = next((each for each in concept.slots if each.takes and each.kind == "text"), None)
    return _filled(rng, concept, {slot.key: content} if slot else {}, concepts)


def _task(rng: Draw, concepts: Sequence[Concept], size: int, kind: str) -> Task:
    """Draw a task of about `size` steps whose result is of this kind, if it can be had."""
    makers = [each for each in concepts if _suits(each.makes, kind)] or [each for each in concepts if each.makes]
    makers = makers or list(concepts)
    takers = [each for each in makers if any(slot.takes for slot in each.slots)]
    if size <= 1 or not takers:
        leaves = [each for each in makers if not any(slot.takes and slot.kind == "text" for slot in each.slots)]
        return _filled(rng, drawn(rng, leaves if leaves and rng.random() < 0.8 else makers), {}, concepts)
    concept = rng.choice(takers)
    slots = [each for each in concept.slots if each.takes and not each.optional]
    slots = slots or [each for each in concept.slots if each.takes]
    chosen = rng.choice(slots)
    left = size - 1
    parts: dict[str, Task] = {}
    if len(slots) > 1 and left > 1:
        other = rng.choice([each for each in slots if each is not chosen])
        parts[other.key] = _task(rng, concepts, 1, other.kind)
        left -= 1
    others = [each for each in concepts if each is not concept]  # nothing is done to its own result
    parts[chosen.key] = _task(rng, others or concepts, left, chosen.kind)
    return _filled(rng, concept, parts, concepts)


def _suits(makes: str, kind: str) -> bool:
    return (bool(makes) and (not kind or makes == kind)) or (kind == "text" and makes in ("number", "date", "city"))


def _filled(rng: Draw, concept: Concept, parts: dict[str, Task], concepts: Sequence[Concept]) -> Task:
    """Give each slot a value: a result that fits, or a literal."""
    values: dict[str, str | Given | Task] = {}
    for slot in concept.slots:
        part = parts.get(slot.key)
        if part is not None and _fits(part, slot):
            values[slot.key] = part
        elif slot.optional and rng.random() < 0.6:
            continue
        else:
            values[slot.key] = _literal(rng, slot, concepts, values)
    said = [set(values) == set(_keys(way)) for way in concept.does]
    if not any(said):  # no phrase speaks of just these
        for slot in concept.slots:
            if slot.optional:
                values.pop(slot.key, None)
    return Task(concept, values)


def _fits(part: Task, slot: Slot) -> bool:
    return bool(part.concept.makes) and slot.kind in {"text", part.concept.makes}


def _literal(
    rng: Draw, slot: Slot, concepts: Sequence[Concept], values: dict[str, str | Given | Task]
) -> str | Given | Task:
    finders = [each for each in concepts if each.makes == slot.kind and slot.kind in ("address", "phone")]
    finders = [each for each in finders if each.slots]
    if slot.kind in ("address", "phone"):
        if finders and len(concepts) < 20 and rng.random() < 0.6:
            return _filled(rng, rng.choice(finders), {}, ())
        if len(concepts) >= 20 and finders and rng.random() < 0.25:
            return _filled(rng, rng.choice(finders), {}, ())
        if not finders and rng.random() < 0.35:
            return rng.choice(rng.words["person"])
    if slot.kind == "text" and rng.random() < 0.1:
        return Given(rng.choice(VARIABLES))
    taken = {each for each in values.values() if isinstance(each, str)}
    return rng.choice([each for each in rng.words[slot.kind] if each not in taken])


def _keys(way: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", way)


def example(
    rng: Draw, roots: Sequence[Task], skills: Sequence[Skill], *, chinese: float = 0.3, spare: float = 0.04
) -> Example | None:
    """Say a goal and write its plan; None where it cannot be said, or the checker objects to it.

    `chinese` is how often a goal is said in Chinese where it can be, `spare` how often a variable is given for nothing.
    """
    if rng.random() < chinese and (foreign := _in_chinese(rng, roots)):
        roots, (goal, tasks) = foreign
    else:
        try:
            goal, tasks = say(roots, rng)
        except IndexError:  # no phrase speaks of just these values
            return None
    shown = labels(each.signature for each in skills)
    named = {found.full_name: label for label, found in shown.items()}
    known = {each.concept.key: each for each in skills}
    variables = {value.name for task in tasks for value in task.values.values() if isinstance(value, Given)}
    if rng.random() < spare:
        variables.add(rng.choice(VARIABLES))
    given = tuple(sorted(variables))
    if any(task.concept.key not in known for task in tasks):
        missing = [task.concept for task in tasks if task.concept.key not in known]
        near = any(clash(each, [skill.concept for skill in skills]) for each in missing)
        return None if near else Example(goal, given, NONE, Plan(goal=goal), 0)
    results: dict[int, str] = {}
    lines: list[str] = []
    calls: list[Step] = []
    for task in tasks:
        skill = known[task.concept.key]
        values: dict[str, str | Reading] = {}
        for slot in task.concept.slots:
            value = task.values.get(slot.key)
            if isinstance(value, Task):
                values[skill.parameters[slot.key]] = Reading(results[id(value)])
            elif isinstance(value, Given):
                values[skill.parameters[slot.key]] = Reading(value.name)
            elif value is not None:
                values[skill.parameters[slot.key]] = value
        order = [each.name for each in skill.signature.parameters]
        values = dict(sorted(values.items(), key=lambda pair: order.index(pair[0])))
        label = named[skill.signature.full_name]
        lines.append(written(label, values))
        results[id(task)] = result_label(label, results.values())
        calls.append(_step(skill.signature, values, results[id(task)]))
    plan = Plan(goal=goal, steps=tuple(calls))
    registry = SkillRegistry(each.signature for each in skills)
    found = check(plan, registry, variables=dict.fromkeys(given))
    if any(str(each.severity) == "error" for each in found):
        return None
    return Example(goal, given, "\n".join([*lines, END]), plan, len(lines))


def _step(signature: FunctionSignature, values: dict[str, str | Reading], result: str) -> Step:
    arguments = (
        Argument(name, f"${_variable(value.label)}" if isinstance(value, Reading) else escape(value))
        for name, value in values.items()
    )
    return Step(FunctionName(signature.full_name), tuple(arguments), sets=_variable(result))


def _variable(label: str) -> str:
    return "".join(each if each.isascii() and each.isalnum() else "_" for each in label).upper()


def _in_chinese(rng: Draw, roots: Sequence[Task]) -> tuple[list[Task], tuple[str, list[Task]]] | None:
    said = [_chinese(rng, each) for each in roots]
    found = say_in_chinese(said, rng)
    return (said, found) if found else None


def _chinese(rng: Draw, task: Task) -> Task:
    """Return the task with Chinese words for its values, where there are any."""
    values: dict[str, str | Given | Task] = {}
    for key, value in task.values.items():
        kind = task.concept.slot(key).kind
        plain = isinstance(value, str) and kind in CHINESE
        values[key] = _chinese(rng, value) if isinstance(value, Task) else rng.choice(CHINESE[kind]) if plain else value
    return Task(task.concept, values)


def main() -> None:
    """Print some lessons."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=3)
    given = parser.parse_args()
    for _, lesson in zip(range(given.count), lessons(given.seed), strict=False):
        print(question(lesson.skills, "")[0].content)
        for each in lesson.examples:
            print(f"\n> {question(lesson.skills, each.goal, each.variables)[1].content}\n{each.answer}")
        print("\n" + "-" * 40)


if __name__ == "__main__":
    main()
