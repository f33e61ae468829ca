"""Matching: each run of a goal's words may ask for a function, and what was learned counts only for its embedder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forethought.kernel import Kernel
from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.kernel.memory.embedders.local import is_installed
from forethought.planners.choosing.matching import MAPS, described, enough, match, parts
from forethought.planners.choosing.ranking import Ranking, Relevance, rank, rank_by_keywords

PACKS = Path(__file__).parents[3] / "plugins"
needs_vectors = pytest.mark.skipif(not is_installed(), reason="no word vectors: pip install 'forethought[memory]'")


def test_parts_are_the_runs_of_one_to_five_words_and_the_whole() -> None:
    assert parts("Read a.txt, now!") == ["Read", "a.txt", "now", "Read a.txt", "a.txt now", *["Read a.txt now"] * 2]
    assert parts("读取文") == ["读", "取", "文", "读 取", "取 文", *["读 取 文"] * 2]
    assert len(parts("word " * 1000)) == 60 + 59 + 58 + 57 + 56 + 1
    assert parts("?!") == [""]


def test_a_function_is_told_by_its_name_its_description_its_parameters_and_its_plugin() -> None:
    taken = (Parameter("cityName"), Parameter("max_rows"))
    function = FunctionSignature(plugin="OfficePack", name="getMayor", description="Who leads", parameters=taken)
    assert described(function) == ("get mayor", "get mayor. Who leads", "city name max rows", "office pack")


async def test_without_the_embedder_that_the_maps_are_for_functions_are_worth_what_they_are_by_themselves() -> None:
    functions = list(Kernel.from_packs(PACKS).skills)
    by_words = rank_by_keywords("tell a joke", functions)
    assert await match("tell a joke", functions, by_words) == by_words
    assert (await match("tell a joke", [], by_words)) == by_words


@needs_vectors
async def test_functions_named_one_within_the_other_are_all_near_the_top_and_scores_go_from_0_to_1() -> None:
    functions = list(Kernel.from_packs(PACKS).skills)
    goal = "Put a German version of a limerick about owls in capitals and add it to the end of old.txt"
    ranking = await match(goal, functions, await rank(goal, functions))
    scores = {name: each.score for name, each in ranking.relevance.items()}
    best = sorted(scores, key=lambda name: -scores[name])[:8]
    assert {"FunSkill.Limerick", "WriterSkill.Translate", "FileSkill.append"} <= set(best)
    assert {"StringFunctions.upper", "TextSkill.uppercase"} & set(best)
    assert (min(scores.values()), max(scores.values())) == (0.0, 1.0)


@needs_vectors
async def test_of_functions_described_in_the_same_words_one_counts() -> None:
    functions = list(Kernel.from_packs(PACKS).skills)
    goal = "Write 'good morning' in upper case"
    ranking = await match(goal, functions, await rank(goal, functions))
    scores = sorted(ranking.relevance[name].score for name in ("StringFunctions.upper", "TextSkill.uppercase"))
    assert scores[0] == 0.0
    assert scores[1] > 0.8


@needs_vectors
async def test_what_a_chosen_function_needs_comes_with_it() -> None:
    functions = list(Kernel.from_packs(PACKS).skills)
    goal = "Email Beatrix a poem about moths"
    ranking = await match(goal, functions, await rank(goal, functions))
    best = sorted(ranking.relevance, key=lambda name: -ranking.relevance[name].score)[:8]
    assert {"getemailaddress", "sendemail", "shortpoem"} <= {name.partition(".")[2].lower() for name in best}


def test_five_to_eight_functions_are_shown_those_that_score_a_third() -> None:
    def ranked(*scores: float) -> Ranking:
        return Ranking({f"A.b{at}": Relevance(score, 0.0) for at, score in enumerate(scores)})

    assert enough(ranked(1.0, 0.2)) == 5
    assert enough(ranked(*[1.0] * 5, 0.34, 0.33)) == 6
    assert enough(ranked(*[0.5] * 20)) == 8


def test_the_maps_are_small_and_finite() -> None:
    maps = np.load(MAPS)
    assert maps.shape == (5, 256, 256)
    assert MAPS.stat().st_size < 2**20
    assert bool(np.isfinite(maps).all())
