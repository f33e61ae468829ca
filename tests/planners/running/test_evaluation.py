"""Values: what a reference gives, what a text becomes, and what happens where there is nothing to give."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from forethought.kernel import skill
from forethought.planners import RunResult

Execute = Callable[..., Awaitable[RunResult]]


@skill(effect="pure", quick=True)
def say(text: object) -> object:
    return text


@skill(effect="pure", quick=True)
def kind(value: object) -> str:
    return type(value).__name__


@skill(effect="pure", quick=True)
def rows() -> list[dict[str, object]]:
    return [{"email": "steven@example.com", "age": 30}, {"email": "ann@example.com", "age": None}]


@skill(effect="pure", quick=True)
def today() -> datetime.date:
    return datetime.date(2026, 11, 22)


@skill(effect="pure", quick=True)
def shout(input: str) -> str:
    return input.upper() + "!"


@skill(effect="pure", quick=True)
def mark(input: str = "nothing", sign: str = "?") -> str:
    return input + sign


def said(text: str) -> str:
    return f'<function.T.say><arg name="text"><![CDATA[{text}]]></arg></function.T.say>'


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Hello $name! $greeting", "Hello Ann! Good day"),
        ("[$A,$B]", "[1,2]"),
        ("$A-$A-$A", "1-1-1"),
        ("$A$B$A", "121"),
        ("$ABC", "$ABC"),
        ("x$ABCx", "x$ABCx"),
        ("$$A costs $5 and $$", "$A costs $5 and $"),
        ("Dear $NAME.Thanks", "Dear Ann.Thanks"),
        ("$NAME[0] is one", "Ann[0] is one"),
        ("${NAME}.txt", "Ann.txt"),
        ('{"$top":3, "of": $ROW}', '{"$top":3, "of": {"email": "s@example.com", "n": [1, 2]}}'),
        ("to $ROW.email", "to s@example.com"),
        ("n is ${ROW.n[-1]}", "n is 2"),
        ("$NAME的邮箱", "Ann的邮箱"),
        ("${name}$NOTHING", "Ann$NOTHING"),
        ("it is $NONE, $YES, $DAY", "it is null, true, 2026-11-22"),
    ],
)
async def test_a_reference_inside_text_is_put_into_it(execute: Execute, written: str, read: str) -> None:
    variables = {
        "NAME": "Ann",
        "Greeting": "Good day",
        "A": "1",
        "B": 2,
        "ROW": {"email": "s@example.com", "n": [1, 2]},
        "NONE": None,
        "YES": True,
        "DAY": datetime.date(2026, 11, 22),
    }
    result = await execute(said(" " + written), say, variables=variables)
    assert result.value == " " + read


async def test_what_was_put_into_text_is_never_scanned_again(execute: Execute) -> None:
    result = await execute(said("$A and $B"), say, variables={"A": "$B ${B} $$", "B": "secret"})
    assert result.value == "$B ${B} $$ and secret"


@pytest.mark.parametrize(
    "value", [3, 2.5, False, None, [1, [2]], {"a": {"b": 1}}, datetime.date(2026, 11, 22), {1, 2}, b"bytes"]
)
async def test_a_reference_that_is_the_whole_value_passes_the_object_itself(execute: Execute, value: object) -> None:
    result = await execute(said("$V"), say, variables={"V": value})
    assert result.value is value


async def test_a_date_stays_a_date_from_step_to_step(execute: Execute) -> None:
    steps = '<function.T.today setContextVariable="DAY"/><function.T.kind value="$DAY"/>'
    assert (await execute(steps, today, kind)).value == "date"


async def test_a_path_leads_into_the_value(execute: Execute) -> None:
    steps = '<function.T.rows setContextVariable="ROWS"/>' + said("$ROWS[0].email")
    assert (await execute(steps, rows, say)).value == "steven@example.com"


async def test_a_path_leads_into_dataclasses_too(execute: Execute) -> None:
    @dataclass(frozen=True)
    class Contact:
        email: str

    assert (await execute(said("$C.email"), say, variables={"C": Contact("c@example.com")})).value == "c@example.com"


async def test_a_path_that_leads_nowhere_fails_the_step_with_argument_source_and_cause(execute: Execute) -> None:
    steps = '<function.T.rows setContextVariable="ROWS"/>' + said("$ROWS[7].email")
    result = await execute(steps, rows, say)
    assert result.status == "failed"
    assert result.error == (
        "step 2, T.say, failed: the argument 'text': cannot follow '[7]': the list has 2 items "
        '(where text is "$ROWS[7].email" from step 1)'
    )
    assert result.steps[1].attempts == 0


async def test_a_value_of_the_wrong_type_fails_the_step_with_argument_source_and_cause(execute: Execute) -> None:
    @skill(effect="pure", quick=True)
    def double(number: int) -> int:
        return 2 * number

    result = await execute('<function.T.double number="$N"/>', double, inputs={"N": "many"})
    assert result.error == (
        "step 1, T.double, failed: 'many' is not an integer: parameter 'number' of T.double: "
        "input should be a valid integer, unable to parse string as an integer "
        '(where number is "$N" from input)'
    )
    assert result.steps[0].attempts == 1


async def test_input_takes_the_previous_output_past_a_step_that_sets_a_variable(execute: Execute) -> None:
    steps = '<function.T.shout input="hi" setContextVariable="A"/><function.T.shout/><function.T.mark/>'
    result = await execute(steps, shout, mark)
    assert result.value == "HI!!?"
    assert result.variables["A"] == "HI!"


async def test_the_first_step_takes_the_plans_input(execute: Execute) -> None:
    result = await execute('<input name="INPUT">hi</input><function.T.shout/>', shout)
    assert result.value == "HI!"


async def test_an_argument_in_the_plan_beats_a_variable_of_the_same_name(execute: Execute) -> None:
    result = await execute('<function.T.mark input="here" sign="!"/>', mark, variables={"input": "no", "sign": "no"})
    assert result.value == "here!"


async def test_what_is_left_out_takes_the_functions_own_default(execute: Execute) -> None:
    result = await execute('<function.T.mark input="x"/>', mark)
    assert result.value == "x?"
    assert result.steps[0].arguments == {"input": "x"}


async def test_a_required_parameter_takes_a_variable_of_its_own_name(execute: Execute) -> None:
    result = await execute("<function.T.say/>", say, variables={"TEXT": "from outside"})
    assert result.value == "from outside"


async def test_a_variable_that_is_set_again_is_what_later_steps_see(execute: Execute) -> None:
    steps = (
        '<function.T.say text="one" setContextVariable="A"/>'
        '<function.T.say text="$A" setContextVariable="B"/>'
        '<function.T.say text="$B, two" setContextVariable="a"/>'
        '<function.T.say text="$A and $B"/>'
    )
    result = await execute(steps, say)
    assert result.value == "one, two and one"
    assert dict(result.variables) == {"A": "one, two", "B": "one"}
