"""A variable is read only after a step has set it."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_the_step_that_sets_it_later_is_named(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.join input="Hi $NAME" other="b" setContextVariable="A"/>
        <function.Text.join input="$A" other="c" setContextVariable="NAME"/>
        """,
        "2:31: error: 'NAME' is read before step 2 sets it (put step 2 before step 1) [variable-used-before-set]",
    )


def test_a_step_does_not_read_what_it_sets_itself(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Text.count input="$N" setContextVariable="N"/>',
        "2:29: error: 'N' is read before this very step sets it [variable-used-before-set]",
    )


def test_what_was_set_before_and_is_set_again_is_known(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <function.Text.count input="$N" setContextVariable="N"/>
        <function.Text.count input="$n"/>
        """
    )
