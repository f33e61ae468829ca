"""The item of a loop has a name of its own."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_an_item_named_like_an_input_hides_it(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="ROW"/>
        <foreach item="row" in="[1, 2]">
          <function.Text.upper/>
        </foreach>
        """,
        "3:16: warning: the item 'row' hides the variable of that name inside the loop (give it another"
        " name) [hidden-variable]",
    )


def test_an_item_named_like_a_variable_set_before_hides_it(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.split input="a" setContextVariable="ROW"/>
        <foreach item="ROW" in="$ROW">
          <function.Text.upper/>
        </foreach>
        """,
        "3:16: warning: the item 'ROW' hides the variable of that name inside the loop (give it another"
        " name) [hidden-variable]",
    )


def test_an_item_named_like_that_of_a_loop_around_hides_it(expect_problems: Expect) -> None:
    expect_problems(
        """
        <foreach item="ROW" in="[[1, 2]]">
          <foreach item="ROW" in="$ROW">
            <function.Text.upper/>
          </foreach>
        </foreach>
        """,
        "3:18: warning: the item 'ROW' hides the item of step 1 inside the loop (give it another name)"
        " [hidden-variable]",
    )
