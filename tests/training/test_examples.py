"""Training examples: goals and plans that belong together, drawn anew and the same for the same seed."""

from __future__ import annotations

import sys
from collections import Counter
from itertools import islice
from pathlib import Path

from forethought.kernel.problems import has_errors
from forethought.kernel.registry import SkillRegistry
from forethought.planners import check
from forethought.planners.sketch import END, NONE, Reading, labels, question, read_line

sys.path.append(str(Path(__file__).parents[2]))  # training is no part of what is installed
from training.examples import Lesson, lessons

SOME = list(islice(lessons(5), 300))


def test_the_same_seed_draws_the_same_lessons_and_another_one_others() -> None:
    assert list(islice(lessons(5), 20)) == SOME[:20]
    assert list(islice(lessons(6), 20)) != SOME[:20]


def test_every_plan_passes_the_checker() -> None:
    for lesson in SOME:
        for each in lesson.examples:
            assert not has_errors(
                check(each.plan, SkillRegistry(lesson.skills), variables=dict.fromkeys(each.variables))
            )


def test_an_answer_calls_what_is_shown_and_copies_its_values_from_the_goal() -> None:
    for lesson in SOME:
        shown = labels(lesson.skills)
        for each in lesson.examples:
            *calls, end = each.answer.split("\n")
            assert end == (END if calls else NONE)
            known = set(each.variables)
            for call in calls:
                label, values = read_line(call)
                for value in values.values():
                    assert value.label in known if isinstance(value, Reading) else value in each.goal, (each, call)
                known.add(
                    label if label not in known else f"{label}_{sum(k.split('_')[0] == label for k in known) + 1}"
                )
                known |= {f"{label}_{number}" for number in range(2, 7)}
                assert label in shown


def test_prompts_are_short_and_goals_have_one_to_six_steps_or_none() -> None:
    sizes = Counter(each.size for lesson in SOME for each in lesson.examples)
    assert set(sizes) == {0, 1, 2, 3, 4, 5, 6}
    assert all(2 <= len(lesson.skills) <= 8 for lesson in SOME)
    assert max(len(_asked(lesson)) for lesson in SOME) < 1600


def test_goals_are_in_english_and_in_chinese_and_some_have_variables() -> None:
    goals = [each for lesson in SOME for each in lesson.examples]
    chinese = sum(any("一" <= letter <= "鿿" for letter in each.goal) for each in goals)
    assert 0.01 < chinese / len(goals) < 0.2
    assert 0.02 < sum(bool(each.variables) for each in goals) / len(goals) < 0.25


def _asked(lesson: Lesson) -> str:
    return "".join(each.content for each in question(lesson.skills, max((e.goal for e in lesson.examples), key=len)))
