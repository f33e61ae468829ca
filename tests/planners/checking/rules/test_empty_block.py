"""There is a step in every block."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forethought.planners.language.nodes import ForEach, If, Plan, While

Expect = Callable[..., None]


@pytest.mark.parametrize(
    ("node", "name"),
    [(If("N == 'a'", ()), "if"), (While("N == 'a'", 3, ()), "while"), (ForEach("ROW", "$N", ()), "foreach")],
)
def test_a_block_with_nothing_in_it_is_told(expect_problems: Expect, node: If | While | ForEach, name: str) -> None:
    expect_problems(
        Plan(steps=(node,)),
        f"error: '{name}' has nothing in it (put a step into it, or remove it) [empty-block]",
        variables=["N"],
    )
