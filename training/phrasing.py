"""Goals in words: the same calls asked for in many ways, and the order in which a reader meets them."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .concepts import Concept

__all__ = ["Given", "Task", "say", "say_in_chinese", "steps"]

_MARKS = 0xE000  # private characters: one stands where a task is first spoken of
_HEAD = re.compile(r"(?:an?|the) ([\w' -]+?)(?: (?:of|about|on|in|for|from|to|by|at|is|with|as|that|who|which)\b.*)?\Z")
_SLOT = re.compile(r"\{(\w+)\}")

_OPENINGS = (
    *("", "", "", "", "", "", "Please ", "Can you ", "Could you please ", "I want you to ", "I need you to "),
    *("I'd like you to ", "Hey, ", "Hi! Could you ", "Your task: ", "Would you ", "Help me: ", "Kindly ", "Just "),
    *(
        "I need to ",
        "Let's ",
        "Now ",
        "Task: ",
        "First of all, ",
        "My request: ",
        "For me, please ",
        "Would you mind: ",
    ),
)
_WANTS = ("Give me ", "I need ", "I want ", "I'd like ", "Get me ", "Let me have ", "Could I have ", "We need ", "")
_JOINS = (
    *(" and ", ", then ", " and then ", ". Then ", "; ", ", and then ", ". After that, ", ", ", " -> ", ". ", "\n"),
    *(". Next, ", ", next ", "; after that ", "; when that is done, ", ", and with that done, "),
)
_LASTS = (" and ", ", and ", " and then ", ", and finally ", ". Finally, ", ", then ", "; ")
_ASIDES = (". Also, ", ". And ", ", and also ", " and ", "; also ", ". Besides, ", " as well as: ")


@dataclass(frozen=True, slots=True)
class Given:
    """A variable that the plan is given."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One call wanted: a concept and the values of its slots, of which some are the results of other tasks."""

    concept: Concept
    values: Mapping[str, str | Given | Task]

    @property
    def parts(self) -> list[Task]:
        """The tasks whose results this one takes."""
        return [each for each in self.values.values() if isinstance(each, Task)]


def _head(task: Task) -> str:
    """Return the noun that a result is called by, empty where there is none."""
    found = _HEAD.match(_SLOT.sub("of it", task.concept.nouns[0])) if task.concept.nouns else None
    return found[1] if found else ""


@dataclass(slots=True)
class _Speaker:
    rng: random.Random
    order: list[Task] = field(default_factory=list[Task])
    said: list[Task] = field(default_factory=list[Task])

    def mark(self, task: Task) -> str:
        if task not in self.order:
            self.order.append(task)
        return chr(_MARKS + self.order.index(task))

    def noun(self, task: Task, *, reaching: bool = False, alone: bool = True) -> str:
        """Speak of a task by its result; somebody's address is often called by the name where it is for `reaching`."""
        if task in self.said:
            return self.again(task, alone=alone)
        if reaching and "person" in task.values and self.rng.random() < 0.6:
            return self.mark(task) + self.value(task, "person")
        return self.mark(task) + self.fill(self.rng.choice(self.fitting(task, task.concept.nouns)), task)

    def again(self, task: Task, *, alone: bool) -> str:
        """Speak of a task that was spoken of before; raises IndexError where no word tells which one is meant."""
        last = task is self.said[-1]
        if last and alone and self.rng.random() < 0.75:
            return self.rng.choice(("it", "it", "it", "it", "that", "this", "the result", "them"))
        head = _head(task)
        if [_head(each) for each in self.said].count(head) > 1 or (not head and not (last and alone)):
            raise IndexError(task.concept.key)
        return f"the {head}" if head else "the result"

    def fitting(self, task: Task, ways: Sequence[str]) -> list[str]:
        """Keep the ways that speak of just the values that the task has."""
        wanted = set(task.values)
        return [way for way in ways if set(_SLOT.findall(way)) == wanted]

    def fill(self, way: str, task: Task) -> str:
        return _SLOT.sub(lambda found: self.value(task, found[1]), way)

    def value(self, task: Task, key: str) -> str:
        value = task.values[key]
        kind = task.concept.slot(key).kind
        if isinstance(value, Task):
            alone = sum(part in self.said for part in task.parts) == 1
            return self.noun(value, reaching=kind in ("address", "phone"), alone=alone)
        if isinstance(value, Given):
            return self.rng.choice((f"${value.name}", f"${value.name}", f"the {value.name.lower().replace('_', ' ')}"))
        if kind in ("text", "task", "title") and self.rng.random() < 0.7:
            left, right = self.rng.choice(("''", "''", '""', "“”"))
            return f"{left}{value}{right}"
        return value

    def clauses(self, task: Task) -> list[str]:
        """Say a task as imperatives: what it takes is done before, or spoken of within."""
        found: list[str] = []
        nested = 0
        for part in task.parts:
            if part in self.said:
                continue
            deep = len(steps([part]))
            inside = bool(self.fitting(part, part.concept.nouns)) and deep + nested <= 3
            if inside and self.rng.random() < (0.6 if deep == 1 else 0.35):
                nested += deep
                continue
            found += self.clauses(part)
            self.said.append(part)
        ways = self.fitting(task, task.concept.does)
        return [*found, self.mark(task) + self.fill(self.rng.choice(ways), task)]


def say(roots: Sequence[Task], rng: random.Random) -> tuple[str, list[Task]]:
    """Return a goal that asks for `roots`, and all tasks in the order of a plan that follows it."""
    speaker = _Speaker(rng)
    whole = ""
    for index, root in enumerate(roots):
        wanted = speaker.fitting(root, root.concept.nouns)
        noun = bool(wanted) and rng.random() < (0.3 if len(steps([root])) <= 3 else 0)
        if noun:
            start, clauses = rng.choice(_WANTS), [speaker.noun(root)]
            if (
                clauses[0].lstrip("\ue000\ue001\ue002\ue003\ue004\ue005").startswith("the ")
                and root.concept.slots
                and rng.random() < 0.35
            ):
                start = rng.choice(("What is ", "What's ", "Do you know ", "what is "))
        else:
            clauses = speaker.clauses(root)
            start = rng.choice(_OPENINGS)
        said = _joined(clauses, rng)
        if index:
            join = rng.choice(_ASIDES)
            start = rng.choice(("give me ", "get me ", "I need ")) if noun else rng.choice(("", "", "please "))
            whole += join + start + said
        else:
            whole = start + said
    goal = _ended(whole, rng)
    return _unmarked(goal), _ordered(roots, goal, speaker.order)


def say_in_chinese(roots: Sequence[Task], rng: random.Random) -> tuple[str, list[Task]] | None:
    """Return the goal in Chinese, where all concepts have words for it and each works on the one before."""
    tasks = steps(roots)
    if len(roots) > 1 or any(not each.concept.chinese or len(each.parts) > 1 for each in tasks):
        return None
    clauses: list[str] = []
    for task in tasks:
        words = {
            key: rng.choice(("它", "它", "结果")) if isinstance(value, Task) else getattr(value, "name", value)
            for key, value in task.values.items()
        }
        ways = [way for way in task.concept.chinese if set(_SLOT.findall(way)) == set(words)]
        if not ways:
            return None
        pieces = _SLOT.split(rng.choice(ways))  # every second one is a slot
        clauses.append("".join(str(words[each]) if index % 2 else each for index, each in enumerate(pieces)))
    goal = rng.choice(("，然后", "，再", "，并", "。然后")).join(clauses)
    return rng.choice(("", "", "请", "帮我")) + goal + rng.choice(("", "。")), tasks


def steps(roots: Sequence[Task]) -> list[Task]:
    """Return all tasks, each after those it takes results from."""
    found: list[Task] = []

    def visit(task: Task) -> None:
        for part in task.parts:
            visit(part)
        if task not in found:
            found.append(task)

    for root in roots:
        visit(root)
    return found


def _ordered(roots: Sequence[Task], goal: str, order: Sequence[Task]) -> list[Task]:
    """Order the tasks as the goal speaks of them, each after those it takes results from."""
    places = {id(task): goal.find(chr(_MARKS + index)) for index, task in enumerate(order)}
    found: list[Task] = []

    def first(task: Task) -> int:
        return min(places[id(each)] for each in steps([task]))

    def visit(task: Task) -> None:
        for part in sorted(task.parts, key=first):
            visit(part)
        if task not in found:
            found.append(task)

    for root in sorted(roots, key=first):
        visit(root)
    return found


def _joined(clauses: Sequence[str], rng: random.Random) -> str:
    if len(clauses) == 1:
        return clauses[0]
    if len(clauses) > 2 and rng.random() < 0.12:
        mark = rng.choice(("{}. ", "{}. ", "{}) ", "- ", "Step {}: "))
        return "\n".join(mark.format(number) + each for number, each in enumerate(clauses, 1))
    if rng.random() < 0.1:
        between = rng.choice((", then ", ", next ", "; then ", " and then ", ". Next, "))
        return "first " + between.join(clauses)
    join = rng.choice(_JOINS)
    last = rng.choice(_LASTS) if rng.random() < 0.7 else join
    whole = clauses[0]
    for index, each in enumerate(clauses[1:], 2):
        between = last if index == len(clauses) else join
        whole += between + (_upper(each) if between in (". ", "\n") else each)
    return whole


def _ended(goal: str, rng: random.Random) -> str:
    if rng.random() < 0.8:
        goal = _upper(goal)
    asks = goal.startswith(("Can", "Could", "Would", "What", "what", "Do you", "Hi! Could"))
    ends = ("?", "?", "?", "") if asks else ("", "", "", ".", ".", "!", ", please.", " please", ". Thanks!")
    return goal + rng.choice(ends)


def _upper(text: str) -> str:
    """Begin with a capital, unless an address or a file stands there."""
    start = 1 if text and ord(text[0]) >= _MARKS and ord(text[0]) < _MARKS + 100 else 0
    first = text[start:].partition(" ")[0]
    plain = first.rstrip(",.;:!?\n").replace("'", "").replace("-", "").isalpha()
    return text[:start] + text[start : start + 1].upper() + text[start + 1 :] if plain else text


def _unmarked(text: str) -> str:
    return re.sub("[\ue000-\ue064]", "", text)
