"""ExtractSkill: fields of a text as an object that fits a schema, or a clean no."""

from __future__ import annotations

import pytest

from forethought.kernel import Kernel
from forethought.kernel.errors import FunctionError, NotEnoughInformationError
from forethought.kernel.settings import Settings
from forethought.kernel.testing import ScriptedModel
from forethought.planners import check, parse

from .conftest import PACKS

TEXT = "Ann Lee (31) likes tea."


def kernel_of(*replies: str) -> tuple[Kernel, ScriptedModel]:
    model = ScriptedModel(replies)
    return Kernel.from_packs(PACKS, model=model, settings=Settings()), model


async def test_the_value_is_an_object_that_fits_the_schema() -> None:
    kernel, model = kernel_of('```json\n{"name": "Ann Lee", "age": 31, "likes": ["tea"]}\n```')
    schema = {"name": "string", "age": "integer", "likes": ["string"], "phone": "string?"}
    value = await kernel.invoke("ExtractSkill.Extract", input=TEXT, schema=schema)
    assert value == {"name": "Ann Lee", "age": 31, "likes": ["tea"]}
    system, user = model.requests[0].messages
    assert (user.role, user.content) == ("user", TEXT)
    assert model.requests[0].settings == {}
    assert '"phone": {"type": ["string", "null"]}' in system.content


async def test_a_json_schema_says_more_than_the_short_form() -> None:
    kernel, model = kernel_of('{"age": 310}', '{"age": 31}')
    schema = '{"type": "object", "properties": {"age": {"type": "integer", "maximum": 150}}, "required": ["age"]}'
    assert await kernel.invoke("ExtractSkill.Extract", input=TEXT, schema=schema) == {"age": 31}
    assert "age: 310 is greater than the maximum of 150" in model.requests[1].messages[-1].content


async def test_where_the_text_does_not_say_enough_there_is_no_value_but_a_reason() -> None:
    kernel, _ = kernel_of('{"not_enough_information": "the text names no city"}')
    with pytest.raises(FunctionError) as caught:
        await kernel.invoke("ExtractSkill.Extract", input=TEXT, schema={"city": "string"})
    said = "ExtractSkill.Extract failed: there is not enough information: the text names no city"
    assert str(caught.value) == said
    assert isinstance(caught.value.__cause__, NotEnoughInformationError)


async def test_a_schema_of_something_else_fails_before_the_model_is_asked() -> None:
    kernel, model = kernel_of()
    with pytest.raises(FunctionError) as caught:
        await kernel.invoke("ExtractSkill.Extract", input=TEXT, schema={"type": "array", "items": {}})
    assert caught.value.reason.endswith("it is of type array, and this function returns object")
    assert model.requests == []


def test_a_schema_that_makes_no_sense_is_found_before_anything_runs() -> None:
    kernel, _ = kernel_of()
    plan = parse('<plan>\n  <function.ExtractSkill.Extract input="x" schema=\'{"name": "strng"}\'/>\n</plan>')
    [problem] = check(plan, kernel.skills)
    assert problem.code == "wrong-type"
    assert problem.place is not None
    assert (problem.place.line, problem.place.column) == (2, 52)
    assert "name: write a type (any, string, integer, number, boolean, " in str(problem)
