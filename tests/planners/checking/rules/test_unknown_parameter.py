"""Every argument names a parameter of its function."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_a_misspelled_argument_is_suggested_and_not_also_missing(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Mail.send to="a@b.c" mesage="hi" appendToResult="SENT"/>',
        "2:32: error: 'Mail.send' has no parameter 'mesage' (did you mean 'message'? it takes 'to', 'message')"
        " [unknown-parameter]",
    )


def test_the_one_unknown_argument_means_the_one_missing_parameter(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Mail.send recipient="a@b.c" message="hi" appendToResult="SENT"/>',
        "2:21: error: 'Mail.send' has no parameter 'recipient' (did you mean 'to'? it takes 'to', 'message')"
        " [unknown-parameter]",
    )


def test_a_parameter_that_is_given_already_is_not_suggested(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Text.repeat input="a" times="2" time="3"/>',
        "2:43: error: 'Text.repeat' has no parameter 'time' (it takes 'input', 'times') [unknown-parameter]",
    )


def test_a_function_without_parameters_says_so(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Clock.now zone="UTC"/>',
        "2:21: error: 'Clock.now' has no parameter 'zone' (it takes none) [unknown-parameter]",
    )


def test_parameter_names_ignore_case(expect_problems: Expect) -> None:
    expect_problems('<function.Text.repeat INPUT="a" Times="2"/>')


def test_a_variable_in_such_an_argument_is_used(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.upper input="a" setContextVariable="A"/>
        <function.Text.repeat input="b" number="$A"/>
        """.replace("Text.upper", "Text.count"),
        "3:33: error: 'Text.repeat' has no parameter 'number' (it takes 'input', 'times') [unknown-parameter]",
    )
