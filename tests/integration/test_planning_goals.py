"""The measure of planning: its goals can be reached with the packs they are over, and its marks say what they mean."""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from pathlib import Path

import pytest

from forethought.kernel.memory.embedders.local import is_installed
from forethought.kernel.problems import has_errors
from forethought.planners import check, parse

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))  # benchmarks and training are no part of what is installed
from benchmarks.planning.errors import CLASSES, kind_of_error  # noqa: E402
from benchmarks.planning.generating import SEEN_WORDS, goals  # noqa: E402
from benchmarks.planning.measure import GOALS, PUBLIC, Wanted, read, registries  # noqa: E402
from benchmarks.planning.recall import recalled  # noqa: E402
from benchmarks.planning.scoring import Marks, interval, mark  # noqa: E402
from benchmarks.planning.unseen import unseen_concepts  # noqa: E402
from training.concepts import Concept  # noqa: E402
from training.examples import lessons  # noqa: E402
from training.shipped import shipped_concepts  # noqa: E402
from training.tables import all_concepts  # noqa: E402
from training.words import WORDS  # noqa: E402

REGISTRIES = registries()
WRITTEN, DRAWN = list(read(GOALS)), list(read(PUBLIC))
RIGHT = Marks(valid=True, functions=True, graph=True, arguments=True)
JOKE = """<plan>
  <function.FunSkill.Joke input="dinosaurs" setContextVariable="A"/>
  <function.TextSkill.uppercase input="$A"/>
</plan>"""


def test_there_are_more_than_three_hundred_goals_over_sixty_functions_of_twelve_packs() -> None:
    assert len({(each.goal, each.packs) for each in [*WRITTEN, *DRAWN]}) == len(WRITTEN) + len(DRAWN) == 340
    functions = [*REGISTRIES["seen"], *REGISTRIES["unseen"]]
    assert len(functions) >= 60
    assert len({each.plugin for each in REGISTRIES["unseen"]}) == 6
    assert len({each.plugin for each in functions}) >= 12
    assert Counter(each.packs for each in DRAWN) == {"seen": 160, "unseen": 160}
    assert {each.steps for each in DRAWN} == {0, 1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize("each", [*WRITTEN, *DRAWN], ids=lambda each: f"{each.packs}: {each.goal}")
def test_an_accepted_plan_is_valid_and_exact(each: Wanted) -> None:
    skills = REGISTRIES[each.packs]
    for plan in each.plans:
        assert not has_errors(check(plan, skills))
        assert mark(plan, each.plans, skills) == RIGHT


def test_the_public_goals_are_those_of_their_seed() -> None:
    assert [(each.goal, each.packs) for each in goals(20261122)] == [(each.goal, each.packs) for each in DRAWN]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"dinosaurs"', '"The Dinosaurs."', RIGHT),
        (' input="$A"', "", RIGHT),
        ("TextSkill.uppercase", "StringFunctions.upper", RIGHT),
        ('"dinosaurs"', '"cats"', Marks(valid=True, functions=True, graph=True)),
        ('"$A"', '"dinosaurs"', Marks(valid=True, functions=True)),
        ("TextSkill.uppercase", "TextSkill.lowercase", Marks(valid=True)),
    ],
)
def test_a_plan_is_compared_by_functions_by_edges_and_by_values(old: str, new: str, expected: Marks) -> None:
    assert mark(parse(JOKE.replace(old, new)), [parse(JOKE)], REGISTRIES["seen"]) == expected


def test_the_order_of_independent_steps_and_of_the_terms_of_a_sum_is_free() -> None:
    one = '<function.FunSkill.Joke input="a cat"/><function.MathSkill.add input="1" amount="2"/>'
    other = '<function.MathSkill.add input="2" amount="1"/><function.FunSkill.Joke input="a cat"/>'
    assert mark(parse(f"<plan>{one}</plan>"), [parse(f"<plan>{other}</plan>")], REGISTRIES["seen"]) == RIGHT


def test_the_same_call_twice_is_one_call() -> None:
    once = """<plan><function.TimeSkill.today setContextVariable="A"/>
      <function.TimeSkill.daysBetween start="$A" end="$A"/></plan>"""
    twice = """<plan><function.TimeSkill.today setContextVariable="A"/>
      <function.TimeSkill.today setContextVariable="B"/>
      <function.TimeSkill.daysBetween start="$A" end="$B"/></plan>"""
    for made, wanted in ((once, twice), (twice, once)):
        assert mark(parse(made), [parse(wanted)], REGISTRIES["seen"]) == RIGHT


def test_no_plan_is_worth_nothing_and_an_empty_one_fits_a_goal_that_cannot_be_reached() -> None:
    assert mark(None, [parse(JOKE)], REGISTRIES["seen"]) == Marks()
    assert mark(parse("<plan/>"), [parse("<plan/>")], REGISTRIES["seen"]) == RIGHT
    assert mark(parse("<plan/>"), [parse(JOKE)], REGISTRIES["seen"]) == Marks(valid=True)


UPPER = '<plan><function.TextSkill.uppercase input="dinosaurs"/></plan>'


@pytest.mark.parametrize(
    ("plan", "marks", "expected"),
    [
        (None, {}, CLASSES[1]),
        ("<plan/>", {}, CLASSES[1]),
        (UPPER, {}, CLASSES[3]),
        (JOKE.replace("</plan>", '<function.TextSkill.trim input="x"/></plan>'), {}, CLASSES[4]),
        (JOKE.replace("uppercase", "lowercase"), {}, CLASSES[5]),
        (JOKE, {"functions": True}, CLASSES[6]),
        (JOKE, {"functions": True, "graph": True}, CLASSES[7]),
    ],
)
def test_a_wrong_plan_has_one_class(plan: str | None, marks: dict[str, bool], expected: str) -> None:
    wanted = Wanted("Write a joke about dinosaurs in upper case", "seen", 2, (parse(JOKE),))
    row: dict[str, object] = {"functions": False, "graph": False, "plan": plan, **marks}
    assert kind_of_error(row, wanted, shown=True) == expected
    assert kind_of_error(row, wanted, shown=False) == CLASSES[0]
    assert kind_of_error(row, Wanted("Fly", "seen", 0, (parse("<plan/>"),)), shown=True) == CLASSES[2]


def test_an_interval_holds_the_share_and_narrows_with_the_count() -> None:
    low, high = interval(8, 10)
    assert (round(low, 2), round(high, 2)) == (0.49, 0.94)
    assert interval(0, 0) == (0.0, 1.0)
    assert interval(80, 100)[0] > low


@pytest.mark.skipif(not is_installed(), reason="no word vectors: pip install 'forethought[memory]'")
async def test_what_a_goal_needs_is_mostly_among_the_eight_functions_shown() -> None:
    asked = [each for each in DRAWN if each.steps]
    found = await recalled(asked)
    for packs in ("seen", "unseen"):
        short = [one for each, one in zip(asked, found, strict=True) if each.packs == packs and each.steps <= 3]
        assert sum(one["matched", 8] for one in short) >= 0.95 * len(short)
    assert sum(one["matched", 8] for one in found) > sum(one["alone", 8] for one in found) + 30


def _said(concepts: tuple[Concept, ...]) -> tuple[set[str], set[str], set[str]]:
    """Return the names, the descriptions and the phrases of functions, without case."""
    names = {name.lower() for each in concepts for name in each.names}
    described = {said.lower() for each in concepts for said in each.descriptions}
    phrases = {way.lower() for each in concepts for way in (*each.does, *each.nouns)}
    return names, described, phrases


def test_nothing_of_the_unseen_packs_is_in_the_training() -> None:
    trained, unseen = _said((*all_concepts(), *shipped_concepts())), _said(unseen_concepts())
    assert [left & right for left, right in zip(trained, unseen, strict=True)] == [set(), set(), set()]


def test_no_goal_of_the_benchmark_is_drawn_in_training() -> None:
    asked = {each.goal for each in [*WRITTEN, *DRAWN]}
    drawn = {each.goal for lesson in itertools.islice(lessons(1), 1500) for each in lesson.examples}
    alike = asked & drawn
    assert all(not any(word.isdigit() for word in each.split()) for each in alike)
    assert len(alike) <= 8  # those without any value: "What time is it?"


def test_the_values_of_goals_over_seen_packs_are_not_those_of_the_training() -> None:
    for kind in ("topic", "person", "file", "address", "text", "style", "word"):
        assert not set(SEEN_WORDS[kind]) & set(WORDS[kind])
