"""Answering: an answer is told from a step, a thought from both, and its variables become their values."""

from __future__ import annotations

import pytest

from forethought.kernel.context import ContextVariables
from forethought.planners import parse
from forethought.planners.answering import marked, rendered, said_in

STEP = '<plan><function.T.a input="x"/></plan>'


@pytest.mark.parametrize(
    ("reply", "answer", "thought"),
    [
        ("<answer>$X</answer>", "$X", "<answer>$X</answer>"),
        ("Done.\n<ANSWER>\n 5 &lt; 6 &amp; 7\n</ANSWER> Bye", "5 < 6 & 7", None),
        ("<answer/>", "", None),
        ("<answer>cut o", "cut o", None),
        (f"First this.\n\n```xml\n{STEP}\n```", None, "First this."),
        (f"First {STEP} <answer>$X</answer>", None, "First"),
        (f"<answer>$X</answer> and then {STEP}", None, None),
        ('I call <function.T.a input="x"/>', None, "I call"),
        (f"<think>{STEP}</think><answer>yes</answer>", "yes", None),
        (f"perhaps {STEP} or not</think>Now. <answer>yes</answer>", "yes", None),
        ("<think>no end <answer>$X</answer>", None, ""),
        ("nothing", None, "nothing"),
        (f"{'long ' * 100}{STEP}", None, f"{'long ' * 60}…"),
        (f"a\x00\x1b[2J {STEP}", None, "a[2J"),
    ],
)
def test_a_reply_is_a_step_or_an_answer(reply: str, answer: str | None, thought: str | None) -> None:
    found = said_in(reply)
    assert found[0] == answer
    assert thought is None or found[1] == thought


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("$NAME is here", "Ann is here"),
        ("${ROW.id}: $ROW.tags", '7: ["$NAME"]'),
        ("$NAME.", "Ann."),
        ("$NAME.upper", "Ann.upper"),
        ("5 $ or $$NAME", "5 $ or $NAME"),
        ("$GONE and ${ROW.gone}", "$GONE and ${ROW.gone}"),
        ("", ""),
    ],
)
def test_variables_of_an_answer_become_their_values_and_are_not_read_again(answer: str, said: str) -> None:
    variables = ContextVariables({"NAME": "Ann", "ROW": {"id": 7, "tags": ["$NAME"]}})
    assert rendered(answer, variables) == said


@pytest.mark.parametrize(
    ("answer", "marks"),
    [
        ("$A", ["RESULT__ANSWER", None, None]),
        ("$a", ["RESULT__ANSWER", None, None]),
        ("$C", [None, None, None]),
        ("${A.x}", [None, None, None]),
        ("It is $A", [None, None, None]),
        ("$B", [None, None, None]),
        ("", [None, None, None]),
    ],
)
def test_the_step_that_an_answer_names_gives_the_value_if_it_is_not_the_last(
    answer: str, marks: list[str | None]
) -> None:
    plan = parse("""<plan>
      <function.T.a setContextVariable="A"/>
      <foreach item="X" in="[1]" setContextVariable="B"><function.T.a input="$X"/></foreach>
      <function.T.a setContextVariable="C"/></plan>""")
    found = [getattr(node, "appends", None) for node in marked(plan.steps, answer)]
    assert found == marks


def test_what_a_step_appends_by_itself_is_the_value() -> None:
    plan = parse('<plan><function.T.a setContextVariable="A"/><function.T.a appendToResult="R"/></plan>')
    assert marked(plan.steps, "$A") == plan.steps
