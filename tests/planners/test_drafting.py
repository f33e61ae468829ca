"""Drafting: what becomes of the steps that a model decodes one by one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forethought.kernel.context import ContextVariables
from forethought.kernel.errors import ModelError
from forethought.kernel.functions import PURE, Effect, FunctionSignature, Parameter, Usage
from forethought.kernel.models.chat import Completion, Message
from forethought.kernel.problems import has_errors
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.settings import Settings
from forethought.kernel.testing import ScriptedModel
from forethought.kernel.values import STRING, ValueType
from forethought.planners.checking.check import check
from forethought.planners.drafting import draft
from forethought.planners.language.nodes import Step
from forethought.planners.language.parsing import parse
from forethought.planners.sequential import SequentialPlanner


def function(
    full_name: str, *parameters: str, returns: ValueType = STRING, effect: Effect = PURE, description: str = ""
) -> FunctionSignature:
    plugin, _, name = full_name.rpartition(".")
    found = tuple(Parameter(parameter, STRING) for parameter in parameters)
    return FunctionSignature(
        plugin=plugin, name=name, description=description, parameters=found, returns=returns, effect=effect
    )


JOKE = function("FunSkill.Joke", "input", description="Tell a joke.")
UPPER = function("TextSkill.upper-case", "input", description="Write in upper case.")
SEND = function("Emailer.sendEmail", "message", returns=ValueType("null"), effect=Effect(writes=frozenset({"mail"})))
SKILLS = SkillRegistry([JOKE, UPPER, SEND])
COUNTING = SkillRegistry(
    [
        JOKE,
        UPPER,
        function("Math.count", "input", returns=ValueType("integer")),
        function("Math.double", "input", returns=ValueType("integer")),
    ]
)
ASKED = [Message("user", "Goal: a joke")]


def scripted(*replies: str | Completion | Exception) -> ScriptedModel:
    return ScriptedModel(replies, constrained=True)


async def drafted(*replies: str, variables: tuple[str, ...] = ()) -> str:
    return (await draft(scripted(*replies), ASKED, SKILLS, variables=variables)).text


def steps(text: str) -> list[Step]:
    return [step for _, step in parse(text).walk()]


async def test_a_plan_is_its_steps_and_the_names_that_are_read() -> None:
    text = await drafted(
        '<function.FunSkill.Joke input="cats"/>', '<function.TextSkill.upper-case input="$JOKE"/>', "</plan>"
    )
    assert text == (
        "<plan>\n"
        '  <function.FunSkill.Joke input="cats" setContextVariable="JOKE"/>\n'
        '  <function.TextSkill.upper-case input="$JOKE"/>\n'
        "</plan>\n"
    )


async def test_each_step_is_decoded_after_the_plan_so_far_and_may_read_what_it_set() -> None:
    model = scripted('<function.FunSkill.Joke input="cats"/>', "</plan>")
    await draft(model, ASKED, SKILLS, variables=["NAME"])
    first, second = model.requests
    assert first.messages == second.messages == ASKED
    assert first.prefix == "<plan>\n"
    assert second.prefix == '<plan>\n<function.FunSkill.Joke input="cats" setContextVariable="JOKE"/>\n'
    assert ('"$" ("NAME")' in first.grammar, '"$" ("NAME" | "JOKE")' in second.grammar) == (True, True)
    assert ('"</plan>"' in first.grammar, '"</plan>"' in second.grammar) == (False, True)


async def test_results_that_no_step_reads_are_all_the_result_of_the_plan() -> None:
    text = await drafted('<function.FunSkill.Joke input="cats"/>', '<function.FunSkill.Joke input="dogs"/>', "</plan>")
    plan = parse(text)
    assert [(step.sets, step.appends) for step in steps(text)] == [(None, "RESULT__JOKE"), (None, "RESULT__JOKE_2")]
    assert check(plan, SKILLS) == ()


async def test_what_a_step_that_returns_nothing_leaves_is_no_variable() -> None:
    model = scripted('<function.Emailer.sendEmail message="hello"/>', "</plan>")
    text = (await draft(model, ASKED, SKILLS)).text
    assert "reference" not in model.requests[1].grammar
    assert steps(text)[0].sets is None


async def test_a_repeated_call_ends_the_plan() -> None:
    call = '<function.FunSkill.Joke input="cats"/>'
    assert len(parse(await drafted(call, call)).steps) == 1


async def test_a_plan_that_goes_on_after_max_steps_is_cut_off() -> None:
    calls = [f'<function.FunSkill.Joke input="{number}"/>' for number in range(3)]
    found = await draft(scripted(*calls), ASKED, SKILLS, max_steps=3)
    assert (len(parse(found.text).steps), found.finish) == (3, "length")


async def test_a_step_that_was_cut_off_is_left_out() -> None:
    model = scripted(
        '<function.FunSkill.Joke input="cats"/>', Completion('<function.FunSkill.Joke input="and', finish="length")
    )
    found = await draft(model, ASKED, SKILLS)
    assert (len(parse(found.text).steps), found.finish) == (1, "length")


async def test_a_first_step_that_was_cut_off_leaves_a_plan_without_steps() -> None:
    model = scripted(Completion('<function.FunSkill.Joke input="and', finish="length"))
    assert parse((await draft(model, ASKED, SKILLS)).text).impossible


async def test_a_name_goes_before_children_too() -> None:
    skills = SkillRegistry([function("Search.find", "$top"), UPPER])
    model = scripted(
        '<function.Search.find><arg name="$top">3</arg></function.Search.find>',
        '<function.TextSkill.upper-case input="$FIND"/>',
        "</plan>",
    )
    text = (await draft(model, ASKED, skills)).text
    assert steps(text)[0].sets == "FIND"
    assert check(parse(text), skills) == ()


async def test_usage_is_the_sum_over_all_steps() -> None:
    one = Completion('<function.FunSkill.Joke input="cats"/>', Usage(10, 5, 1))
    end = Completion("</plan>", Usage(12, 2, 1))
    assert (await draft(scripted(one, end), ASKED, SKILLS)).usage == Usage(22, 7, 2)


async def test_an_error_of_the_model_passes_through() -> None:
    with pytest.raises(ModelError, match="gone"):
        await draft(scripted(ModelError("local", "gone")), ASKED, SKILLS)


async def test_a_small_model_goes_on_from_the_last_result_with_functions_not_called_yet() -> None:
    model = scripted(
        '<function.FunSkill.Joke input="cats"/>', '<function.TextSkill.upper-case input="$JOKE"/>', "</plan>"
    )
    text = (await draft(model, ASKED, SKILLS, goal="A joke about cats")).text
    first, second = (request.grammar for request in model.requests)
    assert ("FunSkill.Joke" in first, "TextSkill.upper-case" in first, "Emailer.sendEmail" in first) == (True,) * 3
    assert '" input=\\"" "$" ("JOKE") "\\""' in second
    assert ("FunSkill.Joke" in second, "Emailer.sendEmail" in second) == (False, False)
    assert steps(text)[1].arguments[0].value == "$JOKE"


async def test_a_small_model_is_not_asked_where_nothing_could_follow() -> None:
    model = scripted('<function.Emailer.sendEmail message="cats"/>')
    await draft(model, ASKED, SkillRegistry([SEND]), goal="Mail cats")
    assert len(model.requests) == 1


class SmallModel(ScriptedModel):
    small = True


async def test_what_is_said_to_a_small_model_is_read_before_it_changes(snapshot: Callable[[str, str], None]) -> None:
    """It is shown the functions that fit the goal best, as the calls it is to write, the best ones first."""
    model = SmallModel(['<function.FunSkill.Joke input="cats"/>', "</plan>"], constrained=True)

    class Planning:
        skills = SKILLS
        variables = ContextVariables({"NAME": "Ann"})
        plans = ()
        settings = Settings()
        planner_model = model

    await SequentialPlanner(Planning()).create_plan("Tell a joke about cats in upper case")
    said = "\n".join(f"--- {message.role}\n{message.content}" for message in model.requests[1].messages)
    snapshot("prompts/draft.txt", f"{said}\n--- prefix\n{model.requests[1].prefix}")


async def test_a_small_model_is_shown_what_fits_best_of_the_functions_that_it_may_use() -> None:
    """What the options keep from it sets no measure, however well it would fit."""
    model = SmallModel(['<function.TextSkill.upper-case input="cats"/>', "</plan>"], constrained=True)

    class Planning:
        skills = SkillRegistry([*SKILLS, function("Cats.tellJoke", description="Tell a joke about cats in upper case")])
        variables = ContextVariables({})
        plans = ()
        settings = Settings()
        planner_model = model

    planner = SequentialPlanner(Planning(), excluded_plugins=["Cats", "FunSkill"])
    result = await planner.plan("Tell a joke about cats in upper case")
    assert [each.full_name for each in result.choice.skills] == ["TextSkill.upper-case"]


async def drafted_over(*replies: str, variables: tuple[str, ...] = ("ROWS", "WORD")) -> tuple[str, ScriptedModel]:
    """Draft over functions on lists and numbers; return what stands in the plan, and the model."""
    model = scripted(*replies)
    text = (await draft(model, ASKED, COUNTING, variables=variables)).text
    assert not has_errors(check(parse(text), COUNTING, variables=variables))
    return text, model


async def test_blocks_open_close_and_stand_in_each_other() -> None:
    text, model = await drafted_over(
        '<if test="ROWS|length > 3">',
        '<foreach item="ROW" in="$ROWS">',
        '<function.TextSkill.upper-case input="$ROW"/>',
        "</foreach>",
        "</if>",
        "<else>",
        '<function.TextSkill.upper-case input="$WORD"/>',
        "</else>",
        "</plan>",
    )
    assert text == (
        "<plan>\n"
        '  <if test="ROWS|length > 3">\n'
        '    <foreach item="ROW" in="$ROWS">\n'
        '      <function.TextSkill.upper-case input="$ROW"/>\n'
        "    </foreach>\n"
        "  </if>\n"
        "  <else>\n"
        '    <function.TextSkill.upper-case input="$WORD"/>\n'
        "  </else>\n"
        "</plan>\n"
    )
    assert [request.prefix.splitlines()[-1] for request in model.requests][1:4] == [
        '<if test="ROWS|length > 3">',
        '<foreach item="ROW" in="$ROWS" setContextVariable="ROW_RESULTS">',
        '<function.TextSkill.upper-case input="$ROW" setContextVariable="UPPER_CASE"/>',
    ]


async def test_a_loop_sets_what_its_test_waits_for() -> None:
    text, model = await drafted_over(
        '<function.Math.count input="$WORD"/>',
        '<while test="COUNT &lt; 50" max="9">',
        '<function.Math.double input="$COUNT" setContextVariable="COUNT"/>',
        "</while>",
        '<function.TextSkill.upper-case input="$COUNT"/>',
        "</plan>",
    )
    assert parse(text).to_xml().splitlines()[1:5] == [
        '  <function.Math.count input="$WORD" setContextVariable="COUNT"/>',
        '  <while test="COUNT &lt; 50" max="9">',
        '    <function.Math.double input="$COUNT" setContextVariable="COUNT"/>',
        "  </while>",
    ]
    assert ['"</while>"' in request.grammar for request in model.requests[2:4]] == [False, True]


async def test_what_is_open_where_a_plan_ends_is_closed_and_what_is_empty_is_left_out() -> None:
    text, _ = await drafted_over(
        "<if test=\"WORD == 'a'\">",
        '<function.TextSkill.upper-case input="a"/>',
        '<while test="WORD == \'b\'" max="2">',
        '<foreach item="ROW" in="$ROWS">',
        "</plan>",
    )
    assert [type(node).__name__ for _, node in parse(text).nodes()] == ["If", "Step"]


async def test_results_of_blocks_that_nobody_reads_are_all_the_result_of_the_plan() -> None:
    text, _ = await drafted_over(
        "<if test=\"WORD == 'a'\">",
        '<function.FunSkill.Joke input="a"/>',
        "</if>",
        '<function.FunSkill.Joke input="b"/>',
        "</plan>",
    )
    assert [step.appends for _, step in parse(text).walk()] == ["RESULT__JOKE", "RESULT__JOKE_2"]
