"""A plan without steps is an answer."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


HINT = "(`forethought skills list` shows what there is; add a pack, or change the goal) [impossible-plan]"


def test_the_reason_is_told(expect_problems: Expect) -> None:
    expect_problems(
        '<plan goal="Fly">There is no function that flies.</plan>',
        f"1:1: notice: the plan says that the goal cannot be reached: There is no function that flies. {HINT}",
    )


def test_no_reason_is_needed_and_no_input_is_missed(expect_problems: Expect) -> None:
    expect_problems(
        '<plan>\n<input name="A"/>\n</plan>',
        f"1:1: notice: the plan says that the goal cannot be reached {HINT}",
    )
