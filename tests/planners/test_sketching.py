"""Sketching: what becomes of the lines that a model which has learned to plan writes, and which of several is taken."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from forethought.kernel.functions import PURE, FunctionSignature, Parameter, skill
from forethought.kernel.kernel import Kernel
from forethought.kernel.models.chat import Completion
from forethought.kernel.testing import ScriptedModel
from forethought.kernel.values import ANY, STRING, ValueType
from forethought.planners import sketching
from forethought.planners.action import ActionPlanner
from forethought.planners.sequential import SequentialPlanner
from forethought.planners.sketch import labels
from forethought.planners.sketching import best_sketch, line_grammar, sketch


class Planning(ScriptedModel):
    """A scripted model that has learned sketches."""

    plans = True
    small = True


def function(full_name: str, *parameters: Parameter, returns: ValueType = STRING) -> FunctionSignature:
    plugin, _, name = full_name.rpartition(".")
    return FunctionSignature(plugin=plugin, name=name, parameters=parameters, returns=returns, effect=PURE)


JOKE = function("FunSkill.Joke", Parameter("input", STRING))
UPPER = function("TextSkill.upper", Parameter("input", STRING))
ADD = function("MathSkill.add", Parameter("input", ValueType("number")), Parameter("amount", ValueType("number")))
FUNCTIONS = [JOKE, UPPER, ADD]
LINES = ('Joke input="cats"\n', "upper input=$Joke\n", ".")
PLAN = """<plan>
  <function.FunSkill.Joke input="cats" setContextVariable="JOKE"/>
  <function.TextSkill.upper input="$JOKE"/>
</plan>
"""


def model(*replies: str | Completion) -> Planning:
    return Planning(replies, constrained=True)


async def test_lines_become_a_plan_and_each_is_decoded_after_those_before() -> None:
    asked = model(*LINES)
    assert (await sketch(asked, FUNCTIONS, "A joke about cats in capitals")).text == PLAN
    first, second, third = asked.requests
    assert (first.prefix, second.prefix, third.prefix) == ("", LINES[0], LINES[0] + LINES[1])
    assert first.planning
    assert first.messages == third.messages
    assert ('"none."' in first.grammar, '"none."' in second.grammar) == (True, False)
    assert ('"."' in first.grammar.splitlines()[0], '"."' in second.grammar.splitlines()[0]) == (False, True)
    assert ('"$Joke"' in first.grammar, '"$Joke"' in second.grammar) == (False, True)


async def test_a_goal_that_cannot_be_reached_is_a_plan_without_steps() -> None:
    assert (await sketch(model("none."), FUNCTIONS, "Book a flight")).text == "<plan/>\n"


async def test_a_line_that_says_what_was_said_ends_the_plan() -> None:
    text = (await sketch(model(LINES[0], LINES[0]), FUNCTIONS, "A joke about cats")).text
    assert text == '<plan>\n  <function.FunSkill.Joke input="cats"/>\n</plan>\n'


async def test_the_second_call_of_a_function_is_read_by_its_number_and_variables_by_their_names() -> None:
    lines = ("upper input=$TEXT\n", "upper input=$upper\n", "Joke input=$upper_2\n", ".")
    text = (await sketch(model(*lines), FUNCTIONS, "Shout twice", variables=["TEXT"])).text
    assert 'upper input="$TEXT" setContextVariable="UPPER"' in text
    assert 'upper input="$UPPER" setContextVariable="UPPER_2"' in text
    assert 'Joke input="$UPPER_2"' in text


async def test_confidence_is_the_mean_log_probability_of_all_tokens() -> None:
    lines = [Completion(LINES[0], chances=(-0.1, -0.3)), Completion(".", chances=(-0.2,))]
    made = await sketch(model(*lines), FUNCTIONS, "A joke about cats")
    assert made.confidence == pytest.approx(-0.2)
    assert (await sketch(model(*LINES), FUNCTIONS, "A joke about cats")).confidence is None


def test_a_text_is_a_run_of_the_goal_and_a_number_one_of_its_numbers() -> None:
    grammar = line_grammar(labels(FUNCTIONS), {}, 'Add 2 to 3.5 "now"', may_end=False)
    assert '("2" | "3.5")' in grammar
    assert r'"\\\""' in grammar  # a quote as it stands in a JSON string
    assert "date" not in grammar


def test_a_result_that_cannot_fit_is_not_offered_and_a_function_without_a_value_to_take_is_left_out() -> None:
    takes = function("Data.keys", Parameter("input", ValueType("object")))
    assert "keys" not in line_grammar(labels([JOKE, takes]), {}, "Go", may_end=True)
    known = {"made": ValueType("object"), "dated": ValueType("date")}
    assert '"keys" " input=" ("$made")' in line_grammar(labels([JOKE, takes]), known, "Go", may_end=True)


def test_every_result_may_be_read_as_text() -> None:
    known = {"counted": ValueType("integer"), "dated": ValueType("date"), "listed": ValueType("array")}
    grammar = line_grammar(labels([JOKE]), known, "Go", may_end=True)
    assert '("$counted" | "$dated" | "$listed" | ' in grammar


def test_a_date_is_one_of_the_goal_where_it_has_any() -> None:
    takes = function("Time.weekday", Parameter("day", ValueType("date")))
    grammar = line_grammar(labels([takes]), {}, "Which day was 2026-02-28, or 2026-02-30?", may_end=True)
    assert r'"\"" ("2026-02-28") "\""' in grammar
    assert "date ::=" in line_grammar(labels([takes]), {}, "Which day was 28 February?", may_end=True)


def test_no_text_begins_with_a_mark_that_ends_something() -> None:
    grammar = line_grammar(labels([JOKE]), {}, "Go on. Read .env, now!", may_end=True)
    starts = next(line for line in grammar.splitlines() if line.startswith("text ::=")).split(" ::= ")[1]
    runs = [f"run-{index}" for index in (0, 1, 3, 4, 5, 7)]  # go, on, read, the dot of .env, env, now
    assert starts == " | ".join(runs)


async def best(*guesses: Sequence[tuple[str, float]], faulty: str = "") -> tuple[str, list[object]]:
    """Return the line taken, and the temperatures asked for."""
    lines = [Completion(text, chances=(chance,)) for guess in guesses for text, chance in guess]
    asked = model(*lines)

    def faults(text: str) -> int:
        return int(bool(faulty) and faulty in text)

    made = await best_sketch(asked, FUNCTIONS, "cats dogs birds", faults=faults, most=len(guesses))
    return made.text, [each.settings.get("temperature", 0) for each in asked.requests]


async def test_a_first_guess_that_is_sure_and_has_no_fault_is_taken_at_once() -> None:
    text, temperatures = await best([('Joke input="cats"\n', -0.01), (".", -0.01)], [("never", 0)])
    assert "cats" in text
    assert temperatures == [0, 0]


async def test_of_several_guesses_the_surest_of_those_with_the_fewest_faults_is_taken() -> None:
    cats = [('Joke input="cats"\n', -0.2), (".", -0.2)]
    dogs = [('Joke input="dogs"\n', -0.1), (".", -0.1)]
    birds = [('Joke input="birds"\n', -0.3), (".", -0.3)]
    assert "dogs" in (await best(cats, dogs, birds))[0]
    assert "cats" in (await best(cats, dogs, birds, faulty="dogs"))[0]
    assert (await best(cats, dogs, birds))[1] == [0, 0, 0.6, 0.6, 0.6, 0.6]


class Words:
    @skill(effect="pure", quick=True)
    def joke(self, input: str) -> str:
        """Tell a joke about something."""
        return input


def kernel(*replies: str | Completion) -> Kernel:
    made = Kernel(planner_model=model(*replies))
    made.add_functions(Words(), "Words")
    return made


async def test_how_many_guesses_there_are_is_read_when_a_goal_is_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    for most in (1, 3):
        monkeypatch.setattr(sketching, "GUESSES", most)
        asked = model(*[Completion("none.", chances=(-2.0,))] * most)
        await best_sketch(asked, FUNCTIONS, "cats", faults=lambda _: 0)
        assert len(asked.requests) == most


async def test_a_plan_that_the_model_is_not_sure_of_says_so() -> None:
    guess = [Completion('joke input="cats"\n', chances=(-1.0,)), Completion(".", chances=(-1.0,))]
    result = await SequentialPlanner(kernel(*guess * 5)).plan("A joke about cats")
    assert result.plan
    (found,) = [each for each in result.problems if each.code == "not-sure"]
    assert found.message == "the model is not sure of this plan: its words have a mean probability of 37%"
    assert result.attempts[-1].confidence == pytest.approx(-1.0)


@pytest.mark.parametrize(("chance", "told"), [(-0.01, []), (-0.03, ["not-sure"])])
async def test_what_is_not_taken_at_once_is_not_sure(chance: float, told: list[str]) -> None:
    guess = [Completion('joke input="cats"\n', chances=(chance,)), Completion(".", chances=(chance,))]
    result = await SequentialPlanner(kernel(*guess * 5)).plan("A joke about cats")
    assert [each.code for each in result.problems] == told


async def test_an_action_is_one_line() -> None:
    result = await ActionPlanner(kernel(Completion('joke input="cats"\n', chances=(-0.01,)))).plan("A joke about cats")
    assert result.plan
    assert len(result.plan.steps) == 1


def test_an_input_that_cannot_take_the_result_before_is_given_or_the_call_is_not_offered() -> None:
    count = function("A.count", Parameter("input", ValueType("integer"), required=False))
    rows = ValueType("object")
    left_out = line_grammar({"count": count}, {}, "all", before=ANY, may_end=True)
    given = line_grammar({"count": count}, {}, "all", before=rows, may_end=True)
    assert '(" input=" (' in left_out
    assert '(" input=" (' not in given
    assert '" input=" (' in given
