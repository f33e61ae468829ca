"""Typed answers: JSON is found in a reply, checked, and mended once; a model may say that it cannot know."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forethought.kernel.answers import ask_for_value, read_json
from forethought.kernel.errors import CoercionError, ModelError, NotEnoughInformationError
from forethought.kernel.functions import Usage
from forethought.kernel.models.chat import Completion, Message
from forethought.kernel.testing import ScriptedModel
from forethought.kernel.values import ANY, STRING, ValueType

PERSON: Mapping[str, object] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name"],
}
ASKED = (Message("system", "Extract."), Message("user", "Ann is 3."))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
CONTAINERS = st.lists(JSON, min_size=1) | st.dictionaries(st.text(), JSON, min_size=1)


async def ask(model: ScriptedModel, schema: Mapping[str, object] = PERSON, returns: ValueType = ANY) -> object:
    value, _ = await ask_for_value(model, ASKED, {"max_tokens": 9}, schema, returns)
    return value


@pytest.mark.parametrize(
    "reply",
    [
        '{"name": "Ann", "age": 3}',
        'Sure!\n```json\n{"name": "Ann", "age": 3}\n```\nAnything else?',
        '```\n{"name": "Ann", "age": 3}\n```',
        'As [1] says, it is {"name": "Ann", "age": 3}.',
        '<think>{"name": "Bob"}</think>{"name": "Ann", "age": 3}',
        'Not {"age": 4} but {"name": "Ann", "age": 3}',
    ],
)
async def test_the_first_json_that_fits_is_the_value(reply: str) -> None:
    model = ScriptedModel([reply])
    assert await ask(model) == {"name": "Ann", "age": 3}
    assert len(model.requests) == 1


async def test_the_model_is_told_the_schema_where_no_data_stands_and_held_to_it_where_it_can_be() -> None:
    model = ScriptedModel(['{"name": "Ann"}'])
    await ask(model)
    system, user = model.requests[0].messages
    assert system.content == (
        "Extract.\n\nAnswer with JSON alone. It must fit this JSON Schema:\n"
        f"{json.dumps(PERSON)}\n"
        "Use only what is said, and never guess. Where it is not enough for a required value, answer "
        '{"not_enough_information": "what is missing"} instead.'
    )
    assert user == ASKED[1]
    assert model.requests[0].settings == {"max_tokens": 9}
    held = model.requests[0].schema
    assert held is not None
    assert list(held) == ["anyOf"]


async def test_without_a_system_message_the_last_message_tells() -> None:
    model = ScriptedModel(['{"name": "Ann"}'])
    await ask_for_value(model, [Message("user", "one"), Message("user", "two")], {}, PERSON, ANY)
    assert [each.content.partition("\n")[0] for each in model.requests[0].messages] == ["one", "two"]
    assert "JSON Schema" in model.requests[0].messages[1].content


async def test_an_answer_that_does_not_fit_is_mended_once() -> None:
    model = ScriptedModel(['{"name": 3}', '{"name": "Ann"}'])
    value, usage = await ask_for_value(model, ASKED, {}, PERSON, ANY)
    assert (value, usage.calls) == ({"name": "Ann"}, 2)
    *_, own, complaint = model.requests[1].messages
    assert (own, complaint.role) == (Message("assistant", '{"name": 3}'), "user")
    assert complaint.content == (
        "That answer does not fit the schema: name: 3 is not of type 'string'\n"
        'Answer again with JSON alone. Where what is said is not enough, answer {"not_enough_information": '
        '"what is missing"}.'
    )


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Completion('{"age": 3}'), "'name' is a required property"),
        (Completion("I cannot."), "there is no JSON in it"),
        (Completion('{"name": NaN}'), "there is no JSON in it"),
        (Completion('{"name": "An', finish="length"), "the answer breaks off at a limit of its length"),
    ],
    ids=str,
)
async def test_where_the_second_answer_does_not_fit_either_that_is_an_error(reply: Completion, reason: str) -> None:
    with pytest.raises(CoercionError) as caught:
        await ask(ScriptedModel([reply, reply, reply]))
    assert (caught.value.expected, caught.value.reason) == ("answer that fits", reason)


@pytest.mark.parametrize(
    "replies", [['{"not_enough_information": "the name"}'], ["?", '{"not_enough_information": "the name"}']]
)
async def test_a_model_may_say_that_it_cannot_know(replies: list[str]) -> None:
    with pytest.raises(NotEnoughInformationError, match=r"^there is not enough information: the name$"):
        await ask(ScriptedModel(replies), {"type": "object"})


@pytest.mark.parametrize("reply", ["Not enough information.", "<think>Who?</think> `not_enough_information`"])
async def test_it_may_say_so_in_words(reply: str) -> None:
    model = ScriptedModel([reply])
    with pytest.raises(NotEnoughInformationError) as caught:
        await ask(model, {"type": "object"})
    assert str(caught.value) == "there is not enough information: the model does not say what is missing"


async def test_words_that_fit_are_the_answer() -> None:
    said = "Not enough information."
    assert await ask(ScriptedModel([said]), {"type": "string"}, STRING) == said


async def test_a_model_that_fails_fails() -> None:
    with pytest.raises(ModelError, match="out of order"):
        await ask(ScriptedModel([ModelError("m", "out of order")]))


@pytest.mark.parametrize(
    ("schema", "reply", "value"),
    [
        ({"type": "integer"}, " 42 ", 42),
        ({"type": "boolean"}, "```\ntrue\n```", True),
        ({"type": "array", "items": {"type": "string"}}, '["a", "b"]', ["a", "b"]),
        ({"enum": ["good", "bad"]}, "good", "good"),
        ({"type": "string", "enum": ["good", "bad"]}, '"bad"', "bad"),
        ({"type": "string", "format": "date"}, "2024-02-29", datetime.date(2024, 2, 29)),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "null", None),
    ],
)
async def test_a_value_has_the_type_that_is_declared(schema: dict[str, object], reply: str, value: object) -> None:
    read = await ask(ScriptedModel([reply]), schema, ValueType.from_json_schema(schema))
    assert (read, type(read)) == (value, type(value))


@given(CONTAINERS, st.sampled_from(["{}", "Here: {}", "```json\n{}\n```", "{} and so on", "<think>no</think>{}"]))
def test_json_is_found_wherever_it_stands(value: object, around: str) -> None:
    """Law: what is written as JSON, in a fence or in prose, is among what is read."""
    assert value in list(read_json(around.replace("{}", json.dumps(value))))


@given(st.text(alphabet='[]{}",:ab1 `\n<think>/', max_size=200))
def test_reading_never_fails(text: str) -> None:
    """Law: any reply can be read, if only as nothing."""
    list(read_json(text))


def test_a_reply_of_brackets_is_read_in_no_time() -> None:
    assert list(read_json("[" * 50_000)) == []
    assert len(list(read_json('{"a": 1} ' * 1_000))) == 100


async def test_usage_of_one_answer_is_its_own() -> None:
    _, usage = await ask_for_value(ScriptedModel(['{"name": "a"}']), [Message("user", "x")], {}, PERSON, ANY)
    assert usage == Usage(usage.prompt_tokens, 2, 1)
