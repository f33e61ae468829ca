"""The measure of planning: its goals can be reached with the shipped packs, and its scores say what they mean."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast

import pytest
import yaml

from forethought.kernel.kernel import Kernel
from forethought.kernel.problems import has_errors
from forethought.planners import check, parse

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))  # benchmarks are no part of what is installed
from benchmarks.planning.measure import GOALS, Score, score  # noqa: E402

SKILLS = Kernel.from_packs(ROOT / "plugins").skills
MEASURED = cast("list[dict[str, object]]", yaml.safe_load(GOALS.read_text(encoding="utf-8")))
JOKE = """<plan>
  <function.FunSkill.Joke input="dinosaurs" setContextVariable="A"/>
  <function.TextSkill.uppercase input="$A"/>
</plan>"""


def test_there_are_twenty_goals() -> None:
    assert len({each["goal"] for each in MEASURED}) == 20


@pytest.mark.parametrize("each", MEASURED, ids=lambda each: str(each["goal"]))
def test_an_accepted_plan_is_valid_and_exact(each: dict[str, object]) -> None:
    plans = [parse(text) for text in cast("list[str]", each["plans"])]
    for plan in plans:
        assert not has_errors(check(plan, SKILLS))
        assert score(plan, plans, SKILLS) == Score(True, True, True)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"dinosaurs"', '"The Dinosaurs."', Score(True, True, True)),
        (' input="$A"', "", Score(True, True, True)),
        ('"dinosaurs"', '"cats"', Score(True, True, False)),
        ('"$A"', '"dinosaurs"', Score(True, True, False)),
        ("TextSkill.uppercase", "TextSkill.lowercase", Score(True, False, False)),
    ],
)
def test_a_plan_is_compared_by_functions_and_by_where_values_come_from(old: str, new: str, expected: Score) -> None:
    assert score(parse(JOKE.replace(old, new)), [parse(JOKE)], SKILLS) == expected


def test_no_plan_scores_nothing() -> None:
    assert score(None, [parse(JOKE)], SKILLS) == Score(False, False, False)
