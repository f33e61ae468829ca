"""Prompt functions: a template and its settings reach the model, its answer is the output."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import FunctionError
from forethought.kernel.functions import Usage
from forethought.kernel.models.chat import Message, Request
from forethought.kernel.prompting import chat_settings
from forethought.kernel.testing import ScriptedModel


def write(directory: Path, name: str, template: str, config: Mapping[str, object] | None = None) -> Path:
    folder = directory / "Fun" / name
    folder.mkdir(parents=True)
    (folder / "skprompt.txt").write_text(template, encoding="utf-8")
    if config is not None:
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return directory


def echo(request: Request) -> str:
    return request.messages[-1].content


async def test_a_prompt_is_rendered_and_the_answer_is_the_value_with_its_usage(tmp_path: Path) -> None:
    settings = {"default": {"temperature": 0.7, "max_tokens": 50, "stop_sequences": ["END"], "presence_penalty": 0.0}}
    model = ScriptedModel(["Knock knock."])
    write(tmp_path, "Joke", "Tell a joke about {{$input}}.", {"schema": 1, "execution_settings": settings})
    kernel = Kernel.from_packs(tmp_path, model=model)
    output = await kernel.bind("Fun.Joke")({"input": "a<b> & {{$x}}"})
    assert (output.value, output.usage) == ("Knock knock.", Usage(7, 2, 1))
    assert model.requests == [
        Request(
            (Message("user", "Tell a joke about a<b> & {{$x}}."),),
            {"temperature": 0.7, "max_tokens": 50, "stop": ["END"], "presence_penalty": 0.0},
        )
    ]


async def test_what_is_left_out_is_the_default_or_empty(tmp_path: Path) -> None:
    variables = [
        {"name": "style", "default": "dry", "is_required": False},
        {"name": "more", "is_required": False},
    ]
    write(tmp_path, "Joke", "{{$style}}|{{$more}}|", {"input_variables": variables})
    kernel = Kernel.from_packs(tmp_path, model=ScriptedModel(echo))
    assert await kernel.invoke("Joke") == "dry||"
    assert await kernel.invoke("Joke", STYLE="wry", more=3) == "wry|3|"


async def test_a_template_calls_functions_and_pays_for_them(tmp_path: Path) -> None:
    write(tmp_path, "Outer", "{{Clock.now}} {{Text.upper $input}} {{Fun.Inner word='w'}}")
    write(tmp_path, "Inner", "inner {{$word}}")
    kernel = Kernel.from_packs(tmp_path, model=ScriptedModel(echo))

    @skill(effect="reads")
    def now() -> dict[str, int]:
        return {"hour": 3}

    def upper(value: str, times: int = 1) -> str:
        return value.upper() * times

    kernel.add_functions(now, "Clock")
    kernel.add_functions(upper, "Text")
    output = await kernel.bind("Outer")({"input": "a{{$b}}"})
    assert output.value == '{"hour": 3} A{{$B}} inner w'
    assert output.usage == Usage(7, 7, 2)


async def test_a_function_that_returns_nothing_writes_nothing(tmp_path: Path) -> None:
    write(tmp_path, "Ask", "<{{Log.note $input}}>")
    kernel = Kernel.from_packs(tmp_path, model=ScriptedModel(echo))

    @skill(effect="pure", quick=True)
    def note(input: str) -> None:
        """Note a text."""

    kernel.add_functions(note, "Log")
    assert await kernel.invoke("Fun.Ask", input="a") == "<>"


async def test_what_a_function_returns_keeps_its_type_in_a_template(tmp_path: Path) -> None:
    write(tmp_path, "Ask", "{{#each (Log-lines)}}<{{this}}>{{/each}}", {"template_format": "handlebars"})
    write(tmp_path, "Tell", "{% for each in Log_lines() %}<{{ each }}>{% endfor %}", {"template_format": "jinja2"})
    kernel = Kernel.from_packs(tmp_path, model=ScriptedModel(echo))

    @skill(effect="pure", quick=True)
    def lines() -> list[object]:
        """Give the lines."""
        return ["a", 1, None, [2]]

    kernel.add_functions(lines, "Log")
    assert await kernel.invoke("Fun.Ask") == "<a><1><><[2]>"
    assert await kernel.invoke("Fun.Tell") == "<a><1><><[2]>"


async def test_an_argument_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "Ask", "{{Case.upper 'a' value='b'}}")
    kernel = Kernel.from_packs(tmp_path, model=ScriptedModel(echo))

    @skill(effect="pure", quick=True)
    def upper(value: str) -> str:
        """Write in upper case."""
        return value.upper()

    kernel.add_functions(upper, "Case")
    with pytest.raises(FunctionError, match="the parameter 'value' is given twice"):
        await kernel.invoke("Fun.Ask")


async def test_prompts_that_call_each_other_without_end_are_stopped(tmp_path: Path) -> None:
    write(tmp_path, "A", "{{Fun.B}}")
    write(tmp_path, "B", "{{Fun.A}}")
    kernel = Kernel.from_packs(tmp_path, model=ScriptedModel([]))
    with pytest.raises(FunctionError) as caught:
        await kernel.invoke("A")
    assert str(caught.value).endswith(
        "Fun.A failed: prompts call one another more than 8 deep: "
        "Fun.A → Fun.B → Fun.A → Fun.B → Fun.A → Fun.B → Fun.A → Fun.B → Fun.A"
    )


async def test_a_service_that_is_registered_answers_with_its_own_settings(tmp_path: Path) -> None:
    settings = {"default": {"temperature": 0.1}, "fast": {"temperature": 0.9, "service_id": "fast"}}
    write(tmp_path, "Joke", "Joke", {"execution_settings": settings})
    kernel = Kernel.from_packs(tmp_path, model=ScriptedModel(["default"]))
    fast = ScriptedModel(["fast"])
    kernel.add_model("fast", fast)
    assert await kernel.invoke("Joke") == "fast"
    assert fast.requests[0].settings == {"temperature": 0.9}


@pytest.mark.parametrize(
    ("raw", "settings"),
    [
        ({"number_of_responses": 1, "ai_model_id": "gpt", "seed": None, "stop_sequences": []}, {}),
        ({"results_per_prompt": 2, "token_selection_biases": {"5": 1}}, {"n": 2, "logit_bias": {"5": 1}}),
        ({"extension_data": {"top_p": 0.5}, "max_tokens": 3}, {"top_p": 0.5, "max_tokens": 3}),
    ],
)
def test_settings_of_every_vintage_get_todays_names(raw: Mapping[str, object], settings: Mapping[str, object]) -> None:
    assert chat_settings(raw) == settings


async def test_a_system_prompt_of_the_settings_comes_first(tmp_path: Path) -> None:
    write(tmp_path, "Joke", "Joke", {"execution_settings": {"default": {"chat_system_prompt": "Be brief."}}})
    model = ScriptedModel(["ok"])
    await Kernel.from_packs(tmp_path, model=model).invoke("Joke")
    assert model.requests[0].messages == (Message("system", "Be brief."), Message("user", "Joke"))
    assert model.requests[0].settings == {}


async def test_a_system_message_of_the_template_comes_instead(tmp_path: Path) -> None:
    template = '<message role="system">Be kind.</message><message role="user">Joke</message>'
    write(tmp_path, "Joke", template, {"execution_settings": {"default": {"chat_system_prompt": "Be brief."}}})
    model = ScriptedModel(["ok"])
    await Kernel.from_packs(tmp_path, model=model).invoke("Joke")
    assert model.requests[0].messages == (Message("system", "Be kind."), Message("user", "Joke"))


async def test_without_a_model_a_prompt_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "Joke", "Joke")
    monkeypatch.setattr("forethought.kernel.models.detection.local_candidate", lambda: (False, "not here"))
    monkeypatch.delenv("FORETHOUGHT_MODEL", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FunctionError, match=r"Fun\.Joke failed: a prompt function needs a model.* Three ways"):
        await Kernel.from_packs(tmp_path).invoke("Joke")


@pytest.mark.parametrize(
    ("output", "reply", "value"),
    [
        ({"type": "integer"}, "42", 42),
        ({"json_schema": {"type": "array", "items": {"type": "string"}}}, 'Here: ["a", "b"]', ["a", "b"]),
        ({"json_schema": {"enum": ["good", "bad"]}}, "bad", "bad"),
        ({"json_schema": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}, "null", None),
        ({"json_schema": {"type": "string"}}, '"as it is"', '"as it is"'),
        ({"type": "wibble"}, "as it is", "as it is"),
        ({"description": "a text"}, "[1]", "[1]"),
    ],
    ids=str,
)
async def test_the_output_has_the_type_that_the_config_declares(
    tmp_path: Path, output: Mapping[str, object], reply: str, value: object
) -> None:
    write(tmp_path, "Ask", "Answer {{$input}}.", {"output_variable": output})
    kernel = Kernel.from_packs(tmp_path, model=ScriptedModel([reply]))
    assert await kernel.invoke("Ask", input="me") == value


async def test_a_typed_output_pays_for_its_second_answer_and_for_what_the_template_calls(tmp_path: Path) -> None:
    write(tmp_path, "Outer", "{{Fun.Inner}}", {"output_variable": {"type": "integer"}})
    write(tmp_path, "Inner", "inner")
    kernel = Kernel.from_packs(tmp_path, model=ScriptedModel(["one", "none", "3"]))
    output = await kernel.bind("Outer")({})
    assert (output.value, output.usage.calls) == (3, 3)


async def test_an_output_that_never_fits_fails_with_the_reason(tmp_path: Path) -> None:
    write(tmp_path, "Ask", "x", {"output_variable": {"json_schema": {"type": "integer", "maximum": 3}}})
    kernel = Kernel.from_packs(tmp_path, model=ScriptedModel(["4", "5"]))
    with pytest.raises(FunctionError) as caught:
        await kernel.invoke("Ask")
    assert str(caught.value) == "Fun.Ask failed: '5' is not an answer that fits: 5 is greater than the maximum of 3"


async def test_a_declared_schema_that_is_none_fails_before_the_model_is_asked(tmp_path: Path) -> None:
    output = {"json_schema": {"type": "object", "required": "name"}}
    write(tmp_path, "Ask", "x", {"output_variable": output})
    model = ScriptedModel([])
    with pytest.raises(FunctionError, match="required: 'name' is not of type 'array'"):
        await Kernel.from_packs(tmp_path, model=model).invoke("Ask")
    assert model.requests == []
