"""Learning which functions a goal asks for: in small, the needed ones come to stand out."""
# pyright: basic
# It is read without torch, too, of whose tensors nothing is known then.

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest

from forethought.kernel.memory.embedders.local import is_installed

torch = pytest.importorskip("torch", reason="torch is not installed: pip install --group training")
if not is_installed():
    pytest.skip("no word vectors: pip install 'forethought[memory]'", allow_module_level=True)

sys.path.append(str(Path(__file__).parents[2]))  # training is no part of what is installed
from training.matching import Matcher, cases, learn  # noqa: E402

SOME = list(itertools.islice(cases(9), 24))


def rank_of_needed(matcher: Matcher) -> float:
    """Return how many functions that are not needed stand before a needed one, on average."""
    found: list[float] = []
    for each in SOME:
        with torch.no_grad():
            scores = matcher(each.parts, each.functions)
        found += [float((scores[each.others] > score).sum()) for score in scores[each.needed]]
    return sum(found) / len(found)


def test_a_case_says_of_each_function_that_it_is_needed_or_another_one_or_as_good_as_a_needed_one() -> None:
    for each in SOME:
        assert 1 <= int(each.needed.sum()) <= 6
        assert not bool((each.needed & each.others).any())
        assert len(each.functions) == len(each.needed) >= 50


def test_the_same_seed_draws_the_same_cases() -> None:
    again = list(itertools.islice(cases(9), 3))
    assert all(torch.equal(one.parts, other.parts) for one, other in zip(SOME, again, strict=False))


def test_what_is_needed_comes_to_stand_out() -> None:
    fresh = Matcher(4, 256)
    assert rank_of_needed(learn(1, 96, rate=3e-3)) < 0.9 * rank_of_needed(fresh)
