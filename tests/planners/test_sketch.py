"""Sketches: how functions are shown to a model that has learned to plan, and how what it writes is read."""

from __future__ import annotations

import pytest

from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.kernel.values import ValueType
from forethought.planners.sketch import Reading, labels, line, question, read_line, result_label, written

JOKE = FunctionSignature(
    plugin="FunSkill", name="Joke", description="Tell a joke. Or two.", parameters=(Parameter("input"),)
)
SEND = FunctionSignature(
    plugin="Mail",
    name="send",
    description="Send an email",
    parameters=(
        Parameter("to"),
        Parameter("count", ValueType("integer")),
        Parameter("subject", required=False, default="Hi"),
    ),
)
OTHER = FunctionSignature(plugin="Post", name="Send")


def test_a_function_is_shown_by_its_name_alone_where_no_other_one_has_it() -> None:
    assert labels([JOKE, SEND]) == {"Joke": JOKE, "send": SEND}
    assert labels([JOKE, SEND, OTHER]) == {"Joke": JOKE, "Mail.send": SEND, "Post.Send": OTHER}


def test_a_function_is_shown_in_one_line_with_its_parameters_and_its_first_sentence() -> None:
    assert line("Joke", JOKE) == "Joke(input): Tell a joke"
    assert line("Mail.send", SEND) == "Mail.send(to, count: int, subject=Hi): Send an email"
    assert line("Post.Send", OTHER) == "Post.Send()"


def test_the_question_is_the_functions_and_then_the_goal_with_the_variables_given() -> None:
    system, user = question([JOKE, SEND], "Send a joke", ["CITY", "NAME"])
    assert system.content == "Joke(input): Tell a joke\nsend(to, count: int, subject=Hi): Send an email\n"
    assert user.content == "Given: $CITY, $NAME\nSend a joke"


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"input": "cats"},
        {"to": 'He said "hi=5 $x" \\ \n', "text": Reading("Mail.send_2"), "subject": "x y=z"},
        {"a": Reading("joke"), "b": "诗"},
    ],
)
def test_a_line_reads_as_it_was_written(values: dict[str, str | Reading]) -> None:
    assert read_line(written("Mail.send", values)) == ("Mail.send", values)


@pytest.mark.parametrize("text", ["joke input", "joke input=", "joke  input", 'joke input="cats" ', "joke input=cats"])
def test_what_is_no_call_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's own words differ
        read_line(text)


def test_the_second_result_of_a_function_has_a_number() -> None:
    assert result_label("joke", []) == "joke"
    assert result_label("joke", ["joke", "joke_2"]) == "joke_3"
