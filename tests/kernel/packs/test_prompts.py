"""Prompt functions: folders with skprompt files, and YAML prompts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from forethought.kernel.functions import PURE, FunctionSignature, Parameter
from forethought.kernel.packs.pack import Pack, PackFunction, PromptSource
from forethought.kernel.packs.reading import read_pack
from forethought.kernel.problems import Place, Severity
from forethought.kernel.values import STRING, ValueType

MakePack = Callable[[Mapping[str, str]], Path]


def told(pack: Pack) -> list[tuple[str, str]]:
    return [(problem.code, problem.message) for problem in pack.problems]


def source(pack: Pack) -> PromptSource:
    found = pack.functions[0].source
    assert isinstance(found, PromptSource)
    return found


def test_a_prompt_without_a_config_takes_its_parameters_from_the_template(make_pack: MakePack) -> None:
    folder = make_pack({"Tell/skprompt.txt": "Tell {{$INPUT}} about {{ $topic }}, {{$Input}}.\n"})
    pack = read_pack(folder)
    assert pack.functions == (
        PackFunction(
            FunctionSignature(
                plugin="Demo",
                name="Tell",
                kind="prompt",
                parameters=(Parameter("input", STRING), Parameter("topic", STRING)),
                returns=STRING,
                effect=PURE,
                idempotent=True,
            ),
            PromptSource("Tell {{$INPUT}} about {{ $topic }}, {{$Input}}.\n", "semantic-kernel", {}),
        ),
    )
    assert pack.functions[0].signature.source == str(folder / "Tell" / "skprompt.txt")
    assert told(pack) == [("missing-config", "'Tell' has no config.json")]


def test_a_variable_that_the_config_does_not_declare_is_added_and_noticed(make_pack: MakePack) -> None:
    config = '{"description": "d", "input_variables": [{"name": "input"}]}'
    pack = read_pack(make_pack({"F/skprompt.txt": "{{$INPUT}} {{$tone}}", "F/config.json": config}))
    assert pack.functions[0].signature.parameters == (Parameter("input", STRING), Parameter("tone", STRING))
    assert told(pack) == [("undeclared-variable", "the template uses 'tone', which is not declared")]


@pytest.mark.parametrize(
    ("file", "config", "template", "language"),
    [
        ("skprompt.txt", '{"description": "d", "template_format": "handlebars"}', "{{topic}}", "handlebars"),
        ("skprompt.txt", '{"description": "d", "template_format": "Jinja2"}', "{{ topic }}", "jinja2"),
        ("skprompt.handlebars", '{"description": "d"}', "{{topic}}", "handlebars"),
        ("skprompt.hbs", '{"description": "d"}', "{{topic}}", "handlebars"),
        ("skprompt.j2", '{"description": "d"}', "{{ topic }}", "jinja2"),
        ("skprompt.jinja2", '{"description": "d"}', "{{ topic }}", "jinja2"),
        ("skprompt.txt", '{"description": "d"}', "{{$topic}}", "semantic-kernel"),
    ],
)
def test_the_language_is_said_by_the_config_or_by_the_files_name(
    make_pack: MakePack, file: str, config: str, template: str, language: str
) -> None:
    pack = read_pack(make_pack({f"F/{file}": template, "F/config.json": config}))
    assert source(pack) == PromptSource(template, language, {})  # type: ignore[arg-type]
    assert pack.functions[0].signature.parameters == (Parameter("topic", STRING),)
    assert pack.problems == ()


def test_the_files_name_beats_the_config_and_says_so(make_pack: MakePack) -> None:
    config = '{"description": "d", "template_format": "handlebars"}'
    pack = read_pack(make_pack({"F/skprompt.j2": "{{ topic }}", "F/config.json": config}))
    assert source(pack).format == "jinja2"
    assert told(pack) == [("template-format", "the config says 'handlebars', the file's name says 'jinja2'")]


@pytest.mark.parametrize(
    ("file", "template", "called"),
    [
        ("skprompt.txt", "{{Mail.read}} {{$x}}", "Mail.read"),
        ("skprompt.handlebars", "{{#if x}}{{Mail-read}}{{/if}}", "Mail-read"),
        ("skprompt.j2", "{% if x %}{{ Mail_read(x) }}{% endif %}", "Mail_read"),
    ],
)
def test_a_prompt_that_calls_functions_is_no_longer_pure(
    make_pack: MakePack, file: str, template: str, called: str
) -> None:
    folder = make_pack({f"F/{file}": template, "F/config.json": '{"description": "d"}'})
    signature = read_pack(folder).functions[0].signature
    assert str(signature.effect) == "writes:*"
    assert (signature.idempotent, signature.destructive, signature.open_world) == (False, True, True)
    message = f"the template calls '{called}': unless an effect is declared, it counts as writing everything"
    assert told(read_pack(folder)) == [("undeclared-effect", message)]
    (folder / "F" / "config.json").write_text('{"description": "d", "effect": "reads:mail"}')
    pack = read_pack(folder)
    assert (str(pack.functions[0].signature.effect), pack.problems) == ("reads:mail", ())


def test_an_unknown_template_language_costs_the_function(make_pack: MakePack) -> None:
    config = '{"description": "d", "template_format": "liquid"}'
    pack = read_pack(make_pack({"F/skprompt.txt": "x", "F/config.json": config, "G/skprompt.txt": "x"}))
    assert [each.signature.name for each in pack.functions] == ["G"]
    assert pack.problems[0].message == "'liquid' is not a template language"
    assert pack.problems[0].hint == "write one of semantic-kernel, handlebars, jinja2"


def test_a_template_that_cannot_be_read_costs_the_function_and_names_the_line(make_pack: MakePack) -> None:
    pack = read_pack(make_pack({"F/skprompt.j2": "fine\n{{ topic", "F/config.json": '{"description": "d"}'}))
    assert pack.functions == ()
    (problem,) = pack.problems
    assert (problem.code, problem.severity, problem.place) == ("bad-template", Severity.ERROR, Place(2, 1))


def test_line_ends_of_windows_are_plain_line_ends(make_pack: MakePack) -> None:
    folder = make_pack({"F/config.json": '{"description": "d"}'})
    (folder / "F" / "skprompt.txt").write_bytes(b"one\r\ntwo\r\n")
    assert source(read_pack(folder)).template == "one\ntwo\n"


def test_a_folder_without_a_prompt_is_noticed_and_with_a_config_is_an_error(make_pack: MakePack) -> None:
    pack = read_pack(make_pack({"A/config.json": "{}", "B/readme.txt": "", "C/skprompt.txt": "x", "plans/p.xml": ""}))
    assert [(each.code, each.severity, each.message) for each in pack.problems] == [
        ("missing-prompt", Severity.ERROR, "'A' has a config.json and no skprompt.txt"),
        ("not-a-function", Severity.NOTICE, "'B' holds no skprompt.txt and was skipped"),
        ("missing-config", Severity.NOTICE, "'C' has no config.json"),
    ]


def test_one_bad_config_costs_one_function(make_pack: MakePack) -> None:
    files = {"A/skprompt.txt": "a", "A/config.json": "{nonsense", "B/skprompt.txt": "b"}
    pack = read_pack(make_pack(files))
    assert [each.signature.name for each in pack.functions] == ["B"]
    assert pack.problems[0].code == "bad-json"
    assert pack.problems[0].place == Place(1, 2)


def test_a_yaml_prompt_says_everything_in_one_file(make_pack: MakePack) -> None:
    text = """\
name: Haiku
description: 写一首俳句
template_format: handlebars
template: |
  写一首关于{{主题}}的俳句，{{count}}行。
input_variables:
  - name: 主题
    description: 题目
    is_required: true
  - name: count
    default: "3"
    json_schema: {type: integer}
output_variable:
  description: 俳句
execution_settings:
  default:
    temperature: 0.9
"""
    pack = read_pack(make_pack({"haiku.yaml": text}))
    assert pack.problems == ()
    assert pack.functions == (
        PackFunction(
            FunctionSignature(
                plugin="Demo",
                name="Haiku",
                kind="prompt",
                description="写一首俳句",
                parameters=(
                    Parameter("主题", STRING, True, None, "题目"),
                    Parameter("count", ValueType("integer"), False, 3),
                ),
                returns=STRING,
                returns_description="俳句",
                effect=PURE,
                idempotent=True,
            ),
            PromptSource("写一首关于{{主题}}的俳句，{{count}}行。\n", "handlebars", {"default": {"temperature": 0.9}}),
        ),
    )


def test_a_yaml_prompt_without_a_name_is_named_by_its_file(make_pack: MakePack) -> None:
    pack = read_pack(make_pack({"Ask.yml": "template: Why {{$input}}?\ndescription: d\n"}))
    assert [each.signature.full_name for each in pack.functions] == ["Demo.Ask"]


def test_yaml_that_is_no_prompt_is_a_warning(make_pack: MakePack) -> None:
    pack = read_pack(make_pack({"other.yaml": "services: []\n"}))
    assert [(each.code, each.severity) for each in pack.problems] == [("missing-prompt", Severity.WARNING)]


def test_bad_yaml_is_an_error_with_its_place(make_pack: MakePack) -> None:
    pack = read_pack(make_pack({"F.yaml": "template: x\n  bad: [\n", "G.yaml": "description: d\ntemplate: y\n"}))
    assert [each.signature.name for each in pack.functions] == ["G"]
    (problem,) = pack.problems
    assert problem.code == "bad-yaml"
    assert problem.place is not None
    assert problem.place.line == 2


def test_a_date_in_yaml_stays_the_text_it_is(make_pack: MakePack) -> None:
    text = "description: d\ntemplate: '{{$since}}'\ninput_variables:\n  - {name: since, default: 2024-02-30}\n"
    pack = read_pack(make_pack({"F.yaml": text}))
    assert pack.functions[0].signature.parameters == (Parameter("since", STRING, False, "2024-02-30"),)


def test_functions_in_chinese_work(make_pack: MakePack) -> None:
    files = {"讲笑话/skprompt.txt": "讲一个关于{{$input}}的笑话", "讲笑话/config.json": '{"description": "讲一个笑话"}'}
    pack = read_pack(make_pack(files))
    assert pack.functions[0].signature.full_name == "Demo.讲笑话"
    assert pack.functions[0].signature.description == "讲一个笑话"
    assert pack.problems == ()


def test_the_schema_of_an_output_is_kept_whole_and_may_come_from_a_parameter(make_pack: MakePack) -> None:
    config = """{"description": "Counts.", "input_variables": [{"name": "Shape"}], "output_variable":
        {"json_schema": {"type": "integer", "maximum": 9}, "json_schema_from": "shape"}}"""
    pack = read_pack(make_pack({"Count/skprompt.txt": "{{$Shape}}", "Count/config.json": config}))
    assert (source(pack).schema, source(pack).schema_from) == ({"type": "integer", "maximum": 9}, "Shape")
    assert told(pack) == []


def test_a_schema_from_a_parameter_that_there_is_not_is_an_error(make_pack: MakePack) -> None:
    config = '{"description": "Counts.", "output_variable": {"json_schema_from": "shape"}}'
    pack = read_pack(make_pack({"Count/skprompt.txt": "count", "Count/config.json": config}))
    assert source(pack).schema_from == ""
    assert told(pack) == [
        ("unknown-parameter", "'json_schema_from' names the parameter 'shape', which there is not"),
    ]
