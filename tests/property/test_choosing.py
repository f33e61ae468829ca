"""Choosing, whatever the functions and the goal: scores from 0 to 1, options obeyed, the same choice again."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.testing import HashEmbedder
from forethought.planners.choosing.choose import choose
from forethought.planners.choosing.ranking import rank

NAMES = st.sampled_from(["send", "getUser", "user_id", "mail", "find", "list_mails", "翻译", "url", "day", "x"])
FUNCTIONS = st.lists(
    st.builds(
        FunctionSignature,
        plugin=st.sampled_from(["Mail", "Web", ""]),
        name=NAMES,
        description=st.text(max_size=30),
        parameters=st.lists(st.builds(Parameter, NAMES), max_size=3, unique_by=lambda each: each.name).map(tuple),
    ),
    max_size=8,
    unique_by=lambda each: each.full_name.lower(),
)
GOALS = st.one_of(
    st.text(max_size=60), st.lists(NAMES, max_size=6).map(", ".join), st.just("mail a@b.de on 2026-01-02")
)
EMBEDDER = HashEmbedder(16)


@given(functions=FUNCTIONS, goal=GOALS, by_meaning=st.booleans())
def test_every_function_has_a_score_from_0_to_1_and_the_same_one_again(
    functions: list[FunctionSignature], goal: str, by_meaning: bool
) -> None:
    embedder = EMBEDDER if by_meaning else None
    first, second = (asyncio.run(rank(goal, functions, embedder=embedder)) for _ in range(2))
    assert first == second
    assert [*first.relevance] == [each.full_name for each in functions]
    for each in first.relevance.values():
        parts = (each.score, each.keyword, each.name, each.text, each.plugin)
        assert all(0 <= part <= 1.000001 for part in parts)
        assert each.needed_by in ("", *first.relevance)


@given(
    functions=FUNCTIONS,
    goal=GOALS,
    most=st.integers(0, 9),
    threshold=st.none() | st.floats(0, 1),
    included=st.lists(NAMES, max_size=2),
    excluded=st.lists(NAMES, max_size=2),
)
def test_the_options_have_the_last_word(
    *,
    functions: list[FunctionSignature],
    goal: str,
    most: int,
    threshold: float | None,
    included: list[str],
    excluded: list[str],
) -> None:
    choice = choose(
        SkillRegistry(functions),
        goal,
        ranking=asyncio.run(rank(goal, functions, embedder=EMBEDDER)),
        relevancy_threshold=threshold,
        max_relevant_functions=most,
        included_functions=included,
        excluded_functions=excluded,
    )
    barred = {name.lower() for name in excluded}
    wanted = {each.full_name for each in functions if each.name.lower() in {name.lower() for name in included} - barred}
    shown = {each.full_name for each in choice.skills}
    assert {each.full_name for each in choice.candidates} == {
        each.full_name for each in functions if each.name.lower() not in barred
    }
    assert wanted <= shown <= {each.full_name for each in choice.candidates}
    assert len(shown) <= max(most, len(wanted))
    if shown - wanted and threshold is not None:
        assert min(choice.scores[name] for name in shown - wanted) >= threshold
    left = [choice.scores[each.full_name] for each in choice.candidates if each.full_name not in shown]
    if left and shown - wanted:
        assert min(choice.scores[name] for name in shown - wanted) >= max(left)
