"""The name of a function leads to one function."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_a_name_without_plugin_that_two_have_lists_both(expect_problems: Expect) -> None:
    expect_problems(
        '<function.upper input="a"/>',
        "2:11: error: 'upper' is a function of several plugins (write one of 'Text.upper', 'Shout.upper')"
        " [ambiguous-function]",
    )


def test_a_name_without_plugin_that_one_has_is_enough(expect_problems: Expect) -> None:
    expect_problems('<function.count input="a"/>')
