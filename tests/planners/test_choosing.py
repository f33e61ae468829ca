"""Choosing: which functions a planner shows to the model, under Semantic Kernel's option names."""

from __future__ import annotations

from typing import Any

import pytest

from forethought.kernel.functions import FunctionSignature
from forethought.kernel.registry import SkillRegistry
from forethought.planners.choosing import choose, relevance

JOKE = FunctionSignature(plugin="FunSkill", name="Joke", description="Write a joke about a subject")
MAIL = FunctionSignature(plugin="Emailer", name="sendEmail", description="Send an email to an address")
NICK = FunctionSignature(plugin="Names", name="getNickName", description="Find a person's nickname")
TRANSLATE = FunctionSignature(plugin="WriterSkill", name="Translate", description="把文字翻译成另一种语言")
SKILLS = SkillRegistry([JOKE, MAIL, NICK, TRANSLATE])


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        ({}, [JOKE, MAIL, NICK, TRANSLATE]),
        ({"max_relevant_functions": 2}, [JOKE, MAIL]),
        ({"max_relevant_functions": 0}, []),
        ({"relevancy_threshold": 0.1}, [JOKE, MAIL]),
        ({"excluded_plugins": ["emailer"]}, [JOKE, NICK, TRANSLATE]),
        ({"excluded_functions": ["Names-getNickName", "joke"]}, [MAIL, TRANSLATE]),
        ({"max_relevant_functions": 1, "included_functions": ["Names.getNickName"]}, [NICK]),
        ({"max_relevant_functions": 2, "included_functions": ["getnickname"]}, [JOKE, NICK]),
        ({"included_functions": ["Joke"], "excluded_functions": ["Joke"], "relevancy_threshold": 0.1}, [MAIL]),
    ],
)
def test_the_options_narrow_the_functions(options: dict[str, Any], chosen: list[FunctionSignature]) -> None:
    goal = "Send an email with a joke about dinosaurs; a joke about a subject"
    assert list(choose(SKILLS, goal, **options).skills) == chosen


def test_scores_are_kept_for_every_candidate() -> None:
    scores = choose(SKILLS, "tell a joke", max_relevant_functions=1).scores
    assert set(scores) == {each.full_name for each in SKILLS}
    assert scores["FunSkill.Joke"] == 1.0
    assert scores["Emailer.sendEmail"] == 0.0


def test_chinese_goals_find_chinese_descriptions() -> None:
    scores = relevance("请翻译这段文字", list(SKILLS))
    assert max(scores, key=lambda name: scores[name]) == "WriterSkill.Translate"


def test_a_goal_that_shares_no_word_scores_nothing_and_excludes_nothing() -> None:
    assert set(relevance("xyz", list(SKILLS)).values()) == {0.0}
    assert len(choose(SKILLS, "xyz").skills) == 4
