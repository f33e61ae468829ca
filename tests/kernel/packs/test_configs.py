"""Every vintage of config.json is read into one shape, and what was changed is reported."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from forethought.kernel.functions import PURE, Effect, Parameter
from forethought.kernel.packs.pack import Pack, PromptSource
from forethought.kernel.packs.reading import read_pack
from forethought.kernel.problems import Place, Severity
from forethought.kernel.values import STRING, ValueType

MakePack = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def read(make_pack: MakePack) -> Callable[..., Pack]:
    """Read the pack with the one function `F`, of this template and config."""

    def read_one(config: object, template: str = "{{$input}} {{$style}}") -> Pack:
        text = config if isinstance(config, str) else json.dumps(config)
        return read_pack(make_pack({"F/skprompt.txt": template, "F/config.json": text}))

    return read_one


def codes(pack: Pack) -> list[str]:
    return [problem.code for problem in pack.problems]


def parameters(pack: Pack) -> tuple[Parameter, ...]:
    return pack.functions[0].signature.parameters


def settings(pack: Pack) -> object:
    source = pack.functions[0].source
    assert isinstance(source, PromptSource)
    return source.settings


def test_2023_02_has_completion_and_parameters_with_default_value(read: Callable[..., Pack]) -> None:
    pack = read(
        """{
  "schema": 1,
  "type": "completion",
  "description": "Write in a style",
  "completion": {"max_tokens": 256, "temperature": 0.5, "stop_sequences": ["##"]},
  "input": {
    "parameters": [
      {"name": "input", "description": "What to write about", "defaultValue": ""},
      {"name": "style", "description": "How", "defaultValue": "dry"}
    ]
  }
}"""
    )
    assert parameters(pack) == (
        Parameter("input", STRING, False, "", "What to write about"),
        Parameter("style", STRING, False, "dry", "How"),
    )
    assert settings(pack) == {"default": {"max_tokens": 256, "temperature": 0.5, "stop_sequences": ["##"]}}
    assert pack.functions[0].signature.description == "Write in a style"
    assert [(each.code, each.message, each.place) for each in pack.problems] == [
        ("old-config", "'input' was read as 'input_variables'", Place(6, 3, 7)),
        ("old-config", "'completion' was read as 'execution_settings'", Place(5, 3, 12)),
    ]
    assert {each.severity for each in pack.problems} == {Severity.NOTICE}
    assert {each.file for each in pack.problems} == {str(pack.directory / "F" / "config.json")}


def test_2023_10_has_models_with_settings_inside(read: Callable[..., Pack]) -> None:
    pack = read(
        {
            "description": "d",
            "models": [
                {"model_id": "large", "settings": {"max_tokens": 9}},
                {"service_id": "cheap", "model_id": "small", "settings": {"max_tokens": 5}},
            ],
        }
    )
    assert settings(pack) == {
        "default": {"model_id": "large", "max_tokens": 9},
        "cheap": {"model_id": "small", "max_tokens": 5},
    }
    assert codes(pack) == ["old-config"]


def test_2023_11_has_a_list_of_execution_settings_and_input_parameters(read: Callable[..., Pack]) -> None:
    pack = read(
        {
            "description": "d",
            "execution_settings": [{"model_id": "m", "temperature": 0}, {"service_id": "s", "top_p": 1}],
            "input_parameters": [{"name": "input"}, {"name": "style", "default_value": "dry"}],
        }
    )
    assert settings(pack) == {"default": {"model_id": "m", "temperature": 0}, "s": {"top_p": 1}}
    assert parameters(pack) == (Parameter("input", STRING), Parameter("style", STRING, False, "dry"))
    assert [each.message for each in pack.problems] == [
        "'input_parameters' was read as 'input_variables'",
        "a list of 'execution_settings' was read as 'execution_settings' by service",
    ]


def test_todays_schema_needs_no_change(read: Callable[..., Pack]) -> None:
    pack = read(
        {
            "description": "d",
            "template_format": "semantic-kernel",
            "input_variables": [
                {"name": "input", "is_required": True, "default": ""},
                {"name": "style", "is_required": False},
            ],
            "output_variable": {"description": "a number", "json_schema": {"type": "integer"}},
            "execution_settings": {"default": {"temperature": 0.1}, "fast": {"temperature": 1}},
        }
    )
    assert parameters(pack) == (Parameter("input", STRING), Parameter("style", STRING, False, None))
    assert settings(pack) == {"default": {"temperature": 0.1}, "fast": {"temperature": 1}}
    signature = pack.functions[0].signature
    assert (signature.returns, signature.returns_description) == (ValueType("integer"), "a number")
    assert pack.problems == ()


@pytest.mark.parametrize(
    ("said", "parameter"),
    [
        ({"name": "$style"}, Parameter("style", STRING)),
        ({"name": "style", "is_required": True, "default": "dry"}, Parameter("style", STRING, False, "dry")),
        ({"name": "style", "required": True, "default": ""}, Parameter("style", STRING)),
        ({"name": "style", "is_required": False, "required": True}, Parameter("style", STRING, False)),
    ],
)
def test_a_parameter_that_has_a_default_is_not_required(
    read: Callable[..., Pack], said: Mapping[str, object], parameter: Parameter
) -> None:
    assert parameters(read({"description": "d", "input_variables": [said]}, "{{$style}}")) == (parameter,)


def test_what_is_neither_true_nor_false_is_reported(read: Callable[..., Pack]) -> None:
    pack = read({"description": "d", "input_variables": [{"name": "style", "is_required": "true"}]}, "{{$style}}")
    assert parameters(pack) == (Parameter("style", STRING),)
    assert [each.message for each in pack.problems] == ["'is_required' must be true or false, not 'true'"]


@pytest.mark.parametrize("key", ["default", "default_value", "defaultValue"])
def test_a_default_is_read_under_all_its_names(read: Callable[..., Pack], key: str) -> None:
    pack = read({"description": "d", "input_variables": [{"name": "style", key: "dry"}]}, "{{$style}}")
    assert parameters(pack) == (Parameter("style", STRING, False, "dry"),)


@pytest.mark.parametrize(
    ("schema", "default", "expected"),
    [
        ({"type": "integer"}, "3", Parameter("n", ValueType("integer"), False, 3)),
        ('{"type": "array", "items": {"type": "string"}}', None, Parameter("n", ValueType("array", items=STRING))),
        ({"type": "boolean"}, False, Parameter("n", ValueType("boolean"), False, False)),
        (None, 7, Parameter("n", STRING, False, "7")),
        (
            {"enum": ["a", "b"], "type": "string"},
            "a",
            Parameter("n", ValueType("string", choices=("a", "b")), False, "a"),
        ),
    ],
)
def test_a_json_schema_types_the_parameter_and_its_default(
    read: Callable[..., Pack], schema: object, default: object, expected: Parameter
) -> None:
    pack = read(
        {"description": "d", "input_variables": [{"name": "n", "json_schema": schema, "default": default}]}, "{{$n}}"
    )
    assert parameters(pack) == (expected,)


def test_the_newest_form_wins_and_the_older_one_is_reported(read: Callable[..., Pack]) -> None:
    pack = read(
        {
            "description": "d",
            "execution_settings": {"default": {"temperature": 1}},
            "completion": {"temperature": 0},
            "input_variables": [{"name": "input"}, {"name": "style"}],
            "input": {"parameters": [{"name": "other"}]},
        }
    )
    assert settings(pack) == {"default": {"temperature": 1}}
    assert [each.name for each in parameters(pack)] == ["input", "style"]
    assert [each.message for each in pack.problems] == [
        "'input' is ignored, 'input_variables' is the newer form",
        "'completion' is ignored, 'execution_settings' is the newer form",
    ]


def test_flat_execution_settings_are_those_of_the_default_service(read: Callable[..., Pack]) -> None:
    pack = read({"description": "d", "execution_settings": {"max_tokens": 5}}, "x")
    assert settings(pack) == {"default": {"max_tokens": 5}}
    assert codes(pack) == ["old-config"]


def test_comments_and_trailing_commas_are_read_and_reported(read: Callable[..., Pack]) -> None:
    pack = read('{\n  "description": "d", // what it does\n  "schema": 1,\n}', "x")
    assert pack.functions[0].signature.description == "d"
    (problem,) = pack.problems
    assert (problem.code, problem.severity, problem.place) == ("lenient-json", Severity.NOTICE, Place(2, 23))
    assert problem.hint == "remove comments and trailing commas"


def test_a_byte_order_mark_is_skipped_and_reported(read: Callable[..., Pack]) -> None:
    pack = read('\ufeff{"description": "d"}', "x")
    assert pack.functions[0].signature.description == "d"
    assert codes(pack) == ["byte-order-mark"]


def test_unknown_duplicate_and_foreign_keys_are_noticed_with_their_place(read: Callable[..., Pack]) -> None:
    pack = read('{"description": "a",\n "description": "d",\n "colour": 1,\n "default_services": []}', "x")
    assert pack.functions[0].signature.description == "d"
    assert [(each.code, each.message, each.place) for each in pack.problems] == [
        ("duplicate-key", "'description' is written twice; the last one counts", Place(1, 2, 13)),
        ("unknown-key", "'colour' is not a key of a prompt's configuration", Place(3, 2, 8)),
        ("ignored-key", "'default_services' has no meaning here and is ignored", Place(4, 2, 18)),
    ]


def test_wrong_types_are_problems_and_never_exceptions(read: Callable[..., Pack]) -> None:
    pack = read(
        {"description": ["x"], "input_variables": "name", "execution_settings": 3, "output_variable": [], "effect": 1}
    )
    assert [(each.code, each.message) for each in pack.problems] == [
        ("wrong-type", "'output_variable' must be an object, not []"),
        ("wrong-type", "'description' must be a string, not ['x']"),
        ("wrong-type", "'input_variables' must be a list of objects, not 'name'"),
        ("wrong-type", "'execution_settings' must be an object, not 3"),
        ("bad-effect", "'1' is not an effect: write pure, reads, writes, or reads:RESOURCE"),
        ("missing-description", "'F' has no description"),
    ]
    assert [each.name for each in parameters(pack)] == ["input", "style"]


def test_a_function_whose_effect_cannot_be_read_may_do_anything(read: Callable[..., Pack]) -> None:
    signature = read({"description": "d", "effect": "write"}, "x").functions[0].signature
    assert str(signature.effect) == "writes:*"
    assert (signature.idempotent, signature.destructive, signature.open_world) == (False, True, True)


def test_effect_and_hints_of_the_config_are_honoured(read: Callable[..., Pack]) -> None:
    pack = read({"description": "d", "effect": "reads:mail writes", "idempotent": True, "destructive": True}, "x")
    signature = pack.functions[0].signature
    assert signature.effect == Effect(reads=frozenset({"mail"}), writes=frozenset({"demo"}))
    assert (signature.idempotent, signature.destructive, signature.open_world) == (True, True, False)
    assert pack.problems == ()


def test_a_prompt_function_is_pure_and_idempotent_unless_it_says_otherwise(read: Callable[..., Pack]) -> None:
    signature = read({"description": "d"}, "x").functions[0].signature
    assert (signature.effect, signature.idempotent, signature.destructive, signature.open_world) == (
        PURE,
        True,
        False,
        False,
    )


def test_a_parameter_needs_a_name_that_a_template_can_use(read: Callable[..., Pack]) -> None:
    pack = read({"description": "d", "input_variables": [{"name": "two words"}, {"description": "nameless"}]}, "x")
    assert [each.message for each in pack.problems] == [
        "'two words' cannot name a parameter",
        "'' cannot name a parameter",
    ]
    assert parameters(pack) == ()


def test_a_parameter_declared_twice_counts_once(read: Callable[..., Pack]) -> None:
    pack = read({"description": "d", "input_variables": [{"name": "a", "default": "1"}, {"name": "A"}]}, "{{$a}}")
    assert parameters(pack) == (Parameter("a", STRING, False, "1"),)
    assert codes(pack) == ["duplicate-parameter"]
