"""Hostile packs: listing one runs nothing, reaches nothing outside it, ends soon, and costs what is bad and no more."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2.filters import FILTERS

from forethought.kernel.errors import PackError
from forethought.kernel.packs.loading import load_native
from forethought.kernel.packs.pack import NativeSource, Pack
from forethought.kernel.packs.reading import read_pack, read_packs

SKILL = "from forethought.kernel import skill\n"
CONFIG = '{"description": "d"}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pack with the function `Good`."""
    good = tmp_path / "packs" / "Demo" / "Good"
    good.mkdir(parents=True)
    (good / "skprompt.txt").write_text("good")
    (good / "config.json").write_text(CONFIG)
    return good.parent


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """No reading here takes long, whatever the file."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < 20


def names(pack: Pack) -> list[str]:
    return [each.signature.name for each in pack.functions]


def codes(pack: Pack) -> list[str]:
    return [each.code for each in pack.problems]


def test_listing_runs_no_code_and_loading_does(folder: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    touch = f"open({str(marker)!r}, 'w').close()"
    (folder / "f.py").write_text(
        f"{SKILL}{touch}\n@skill(effect='pure')\ndef f(a: str = {touch!r}, b: ({touch}) = ({touch})):\n    'd'\n"
    )
    (folder / "__init__.py").write_text(touch)
    (folder / "conftest.py").write_text(touch)
    (pack,) = read_packs(folder.parent)
    assert names(pack) == ["f", "Good"]
    assert not marker.exists()
    source = pack.functions[0].source
    assert isinstance(source, NativeSource)
    load_native(source, pack.functions[0].signature)
    assert marker.exists()


@pytest.mark.parametrize("name", ["../../x", "..", "a/b", "a\\\\b", "x\\0", "C:x", "a.b", " ", "x" * 200])
def test_a_name_that_is_a_path_names_nothing(folder: Path, name: str) -> None:
    (folder / "F.yaml").write_text(f'name: "{name}"\ntemplate: x\ndescription: d\n')
    (folder / "f.py").write_text(f'{SKILL}@skill(name="{name}")\ndef g(): "d"\n')
    pack = read_pack(folder)
    assert names(pack) == ["Good"]
    assert codes(pack) == ["bad-name", "bad-name"]


@pytest.mark.parametrize("inside", ["F/skprompt.txt", "F/config.json", "F.yaml", "f.py", "pack.yaml"])
def test_a_symbolic_link_out_of_the_pack_is_not_followed(folder: Path, tmp_path: Path, inside: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f'{SKILL}@skill\ndef f(): "secret"\n#template: secret')
    link = folder / inside
    link.parent.mkdir(exist_ok=True)
    if inside == "F/config.json":
        (folder / "F" / "skprompt.txt").write_text("x")
    link.symlink_to(secret)
    pack = read_pack(folder)
    assert names(pack) == ["Good"]
    assert [(each.code, each.file) for each in pack.problems] == [("outside-pack", str(link))]
    assert "secret" not in repr(pack.functions)


def test_a_linked_folder_out_of_the_pack_is_not_followed(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "skprompt.txt").write_text("secret")
    (folder / "F").symlink_to(outside)
    pack = read_pack(folder)
    assert (names(pack), codes(pack)) == (["Good"], ["outside-pack"])


def test_a_loop_of_links_ends(folder: Path) -> None:
    (folder / "F").mkdir()
    (folder / "F" / "skprompt.txt").symlink_to(folder / "F" / "config.json")
    (folder / "F" / "config.json").symlink_to(folder / "F" / "skprompt.txt")
    (folder / "G.yaml").symlink_to(folder / "G.yaml")
    (folder / "loop").symlink_to(folder)
    assert names(read_pack(folder)) == ["Good"]


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "F.yaml")
    os.mkfifo(folder / "f.py")
    pack = read_pack(folder)
    assert (names(pack), codes(pack)) == (["Good"], ["not-a-file", "not-a-file"])
    assert [each.name for each in read_packs(folder.parent)] == ["Demo"]


@pytest.mark.parametrize("inside", ["F/skprompt.txt", "F/config.json", "F.yaml", "f.py", "pack.yaml"])
@pytest.mark.parametrize(
    ("content", "code"), [(b"x" * 2_000_000, "file-too-large"), (b"# skill \xff\xfe\x00", "not-utf8")]
)
def test_large_files_and_other_encodings_are_refused(folder: Path, inside: str, content: bytes, code: str) -> None:
    file = folder / inside
    file.parent.mkdir(exist_ok=True)
    if inside == "F/config.json":
        (folder / "F" / "skprompt.txt").write_text("x")
    file.write_bytes(content)
    pack = read_pack(folder)
    assert names(pack) == ["Good"]
    assert code in codes(pack)


DEEP = 100_000


@pytest.mark.parametrize(
    "config",
    [
        "[" * DEEP,
        '{"a":' * DEEP + "1" + "}" * DEEP,
        "[" * 500 + "// not JSON",
        "[1, 2]",
        '"text"',
        "null",
        "7" * 10_000,
        '{"description": "\\ud800"}',
        '{"input_variables": [{"name": "a", "default": ' + "[" * 900 + "]" * 900 + "}]}",
        '{"description": ' + "9" * 10_000 + "}",
        "",
        "\x00",
        "{" + " " * 900_000,
        "/*" * 20_000,
        '{"description": 0x' + "f" * 40_000 + "}",
    ],
)
def test_a_config_that_is_no_object_costs_its_function(folder: Path, config: str) -> None:
    (folder / "F").mkdir()
    (folder / "F" / "skprompt.txt").write_text("x")
    (folder / "F" / "config.json").write_text(config)
    pack = read_pack(folder)
    assert "Good" in names(pack)
    assert codes(pack)
    assert all(each.file == str(folder / "F" / "config.json") for each in pack.problems)


def test_a_config_of_many_strange_keys_is_read_in_time_and_reported_in_bounds(folder: Path) -> None:
    (folder / "F").mkdir()
    (folder / "F" / "skprompt.txt").write_text("x")
    strange = {f"key{number}": 1 for number in range(40_000)}
    (folder / "F" / "config.json").write_text(json.dumps({"description": "d", **strange}))
    pack = read_pack(folder)
    assert names(pack) == ["F", "Good"]
    assert codes(pack) == ["unknown-key"] * 50 + ["more-problems"]


BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(ord('a') + n)}: &{chr(ord('a') + n)} [*{chr(ord('a') + n - 1)}, *{chr(ord('a') + n - 1)}]\n"
    for n in range(1, 25)
)


@pytest.mark.parametrize("name", ["F.yaml", "pack.yaml"])
@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "a: &a [*a]",
        "[" * DEEP,
        "{a: " * DEEP,
        "- " * 10_000 + "x",
        "template: !!python/object/apply:os.system ['true']",
        "template: !!binary '***'",
        "7: " + "7" * 10_000,
        "a: b\n---\nc: d",
        "? [a]\n: b",
        "<<: 1",
        'template: "\\ud800"',
        "description: !!set {a, b}\ntemplate: !!binary aGk=",
        "\x00",
        "\t",
        "",
        "template: 5\nname: [1]\ninput_variables: {a: 1}\nexecution_settings: {default: 1}\n",
        "effects: {1: 2, true: {null: 1}}",
        "template: !!bool maybe",
        'template: !!int ""',
        'template: !!float ""',
        "template: !!timestamp never",
        "template: 0x" + "f" * 100_000,
        "template: 1" + ":1" * 400_000,
        "template: 1" + ":1" * 400_000 + ".5",
    ],
)
def test_yaml_bombs_cost_their_file_only(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    pack = read_pack(folder)
    assert "Good" in names(pack)
    assert pack.problems


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "(" * 10_000 + ")" * 10_000,
        "x = " + "-" * 100_000 + "1",
        "x = " + "1+" * 50_000 + "1",
        "x" + ".a" * 50_000,
        "x = " + "[" * 150 + "]" * 150,
        "if 1:\n" + "".join(" " * n + "if 1:\n" for n in range(1, 90)) + " " * 99 + "pass",
        "\x00",
        "def f(:",
        "x = '\\d'",
        "# -*- coding: no-such -*-",
    ],
)
def test_python_that_is_no_python_costs_its_file_only(folder: Path, text: str) -> None:
    (folder / "f.py").write_text(f"{text}\n# skill\n")
    assert names(read_pack(folder)) == ["Good"]


@pytest.mark.parametrize(
    "signature",
    [
        "a: " + "int | " * 3_000 + "int",
        "a: " + "list[" * 90 + "int" + "]" * 90,
        "a: " + repr("list[" * 90 + "int" + "]" * 90),
        "a: " + repr("(" * 5_000),
        "a: '' = " + "-" * 500 + "1",
        "a=b'\\xff', b=1j, c=..., d={1: {(2, 3): None}}, e='\\ud800', f=float('nan'), g=1e999",
        "a: Annotated[str, '\\ud800'], b: Literal[b'x', '\\ud800']",
        "\u540d\u5b57: int = " + "[" * 90 + "]" * 90,
        "a: Literal[" + ",".join(map(str, range(3_000))) + "]",
        ", ".join(f"a{number}" for number in range(2_000)),
        "a=0x" + "f" * 100_000,
    ],
)
def test_strange_signatures_never_raise(folder: Path, signature: str) -> None:
    (folder / "f.py").write_text(f'{SKILL}from typing import *\n@skill\ndef f({signature}): "d"\n')
    pack = read_pack(folder)
    assert "Good" in names(pack)
    assert names(pack) == ["f", "Good"] or codes(pack) == ["bad-python"]
    assert all(each.signature.digest() for each in pack.functions)


LEVELS = range(60)


@pytest.mark.parametrize(
    "aliases",
    [
        "".join(f"A{n} = Union[A{n + 1}, A{n + 1}]\n" for n in LEVELS),
        "".join(f"A{n} = dict[A{n + 1}, A{n + 1}] | list[A{n + 1}]\n" for n in LEVELS),
        "A0 = Union[A0, A0]\n",
        "A0 = Union['A0', 'A0']\n",
        f"B = {'x' * 400_000!r}\nA0 = Literal[{', '.join(['B'] * 100_000)}]\n",
    ],
)
def test_aliases_of_aliases_are_read_in_time(folder: Path, aliases: str) -> None:
    (folder / "f.py").write_text(f"{SKILL}from typing import *\n{aliases}@skill\ndef f(a: A0): 'd'\n")
    pack = read_pack(folder)
    assert names(pack) == ["f", "Good"]
    assert len(str(pack.functions[0].signature.parameters[0].type)) < 500_000


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'x' | center(30000000000) }}",
        "{% if 'x' | center(30000000000) %}{% endif %}",
        "{% set a = 'x' | center(30000000000) %}{{ a }}",
        "{% autoescape 'x' | center(30000000000) %}{% endautoescape %}",
        "{{ " + "7" * 5_000 + " }}",
    ],
)
def test_nothing_in_a_template_is_worked_out_when_it_is_listed(
    folder: Path, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []

    def center(text: str, width: int) -> str:
        called.append(f"{text} {width}")
        return text

    monkeypatch.setitem(FILTERS, "center", center)
    (folder / "F").mkdir()
    (folder / "F" / "skprompt.jinja2").write_text(template)
    (folder / "F" / "config.json").write_text(CONFIG)
    pack = read_pack(folder)
    assert names(pack) == ["F", "Good"] or codes(pack) == ["bad-template"]
    assert not called


@pytest.mark.parametrize(
    "template",
    [
        "{{" + "a." * 400_000 + "a}}",
        "{{" + "../" * 300_000 + "a}}",
        "{{" + "[a.]" * 200_000 + "}}",
        "\\{{" * 300_000,
        "{{!-- -- " * 100_000,
        "{{a " * 200_000,
        "{" * 900_000,
        "{{#if a}}" + " " * 400_000 + "\n" * 400_000 + "{{/if}}",
        "{{ " + "7" * 5_000 + " }}",
        "{{a b='" + "\\" * 900_000,
    ],
)
@pytest.mark.parametrize("file", ["skprompt.hbs", "skprompt.txt"])
def test_a_long_template_is_read_in_time(folder: Path, file: str, template: str) -> None:
    (folder / "F").mkdir()
    (folder / "F" / file).write_text(template)
    (folder / "F" / "config.json").write_text(CONFIG)
    started = time.monotonic()
    pack = read_pack(folder)
    assert time.monotonic() - started < 8
    assert "Good" in names(pack)


@pytest.mark.parametrize("unit", [" ", "\n", "a: ", ":param a", "Args:\n ", "Parameters\n---\n", "a (", "* "])
def test_a_long_docstring_is_read_in_time(folder: Path, unit: str) -> None:
    text = ("Args:\n a" + unit * 200_000)[:400_000]
    (folder / "f.py").write_text(f'{SKILL}@skill\ndef f(a):\n    """{text}"""\n')
    assert names(read_pack(folder)) == ["f", "Good"]


def test_a_function_that_was_read_and_then_taken_away_is_a_pack_error(folder: Path) -> None:
    file = folder / "f.py"
    file.write_text(f'{SKILL}@skill\ndef f(): "d"\n')
    function = read_pack(folder).functions[0]
    file.unlink()
    assert isinstance(function.source, NativeSource)
    with pytest.raises(PackError, match="it cannot be read"):
        load_native(function.source, function.signature)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(
            [
                *("name", "description", "template_format", "input", "input_parameters", "input_variables"),
                *("output_variable", "execution_settings", "completion", "models"),
                *("effect", "idempotent", "quick", "schema"),
            ]
        ),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        [
                            *("name", "default", "parameters", "settings", "service_id"),
                            *("json_schema", "type", "format", "enum", "items", "anyOf"),
                        ]
                    ),
                    inner,
                    max_size=3,
                )
            ),
            max_leaves=8,
        ),
    )
)
def test_any_config_gives_a_function_or_problems(folder: Path, config: dict[str, object]) -> None:
    (folder / "F").mkdir(exist_ok=True)
    (folder / "F" / "skprompt.txt").write_text("{{$a}}")
    (folder / "F" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "G.yaml").write_text(json.dumps({"template": "x", **config}), encoding="utf-8")
    pack = read_pack(folder)
    assert "Good" in names(pack)
    assert {"F"} <= set(names(pack)) or pack.problems
    for function in pack.functions:
        assert function.signature.digest()
