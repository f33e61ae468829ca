"""Choosing: which functions a planner shows to the model, under Semantic Kernel's option names."""

from __future__ import annotations

from typing import Any

import pytest

from forethought.kernel.functions import FunctionSignature
from forethought.kernel.registry import SkillRegistry
from forethought.planners.choosing.choose import choose
from forethought.planners.choosing.ranking import Ranking, Relevance

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
    choice = choose(SKILLS, "tell a joke", max_relevant_functions=1)
    assert choice.scores == {
        "FunSkill.Joke": 1.0,
        "Emailer.sendEmail": 0.0,
        "Names.getNickName": 0.0,
        "WriterSkill.Translate": 0.0,
    }
    assert choice.relevance["FunSkill.Joke"] == Relevance(score=1.0, keyword=1.0)
    assert choice.by == "keywords"


def test_a_ranking_of_more_functions_is_used_for_those_that_may_come() -> None:
    ranking = Ranking({each.full_name: Relevance(0.1 * place, 0.0) for place, each in enumerate(SKILLS)}, "ours")
    choice = choose(SKILLS, "x", ranking=ranking, excluded_functions=["Translate"], max_relevant_functions=1)
    assert [*choice.skills] == [NICK]
    assert [*choice.candidates] == [JOKE, MAIL, NICK]
    assert (choice.by, [*choice.relevance]) == ("ours", ["FunSkill.Joke", "Emailer.sendEmail", "Names.getNickName"])


def test_a_goal_that_shares_no_word_scores_nothing_and_excludes_nothing() -> None:
    choice = choose(SKILLS, "xyz")
    assert set(choice.scores.values()) == {0.0}
    assert len(choice.skills) == 4
