"""Each key of the result is appended to once."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_the_second_of_one_key_names_the_first(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.count input="a" appendToResult="LENGTH"/>
        <function.Text.count input="b" appendToResult="length"/>
        """,
        "3:48: warning: step 1 already appends to 'length': both are joined under it, in order (write another key to"
        " keep them apart) [duplicate-result-key]",
    )
