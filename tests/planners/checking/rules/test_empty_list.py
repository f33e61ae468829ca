"""A list that is written out for a foreach has items."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_an_empty_list_is_told(expect_problems: Expect) -> None:
    expect_problems(
        """
        <foreach item="ROW" in=" [ ] ">
          <function.Text.upper/>
        </foreach>
        """,
        "2:25: warning: the list is empty: what is in the loop never runs (write the list, or leave the loop"
        " out) [empty-list]",
    )


def test_a_list_with_items_is_none(expect_problems: Expect) -> None:
    expect_problems(
        """
        <foreach item="ROW" in="[null]">
          <function.Text.upper/>
        </foreach>
        """,
    )
