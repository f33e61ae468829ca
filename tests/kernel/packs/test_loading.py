"""Native functions run as they were written, whatever their vintage, and refine what their text could not say."""

from __future__ import annotations

import dataclasses
import datetime
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from forethought.kernel.errors import PackError
from forethought.kernel.functions import FunctionSignature
from forethought.kernel.packs.loading import load_native
from forethought.kernel.packs.pack import NativeSource, PackFunction
from forethought.kernel.packs.reading import read_pack

MakePack = Callable[[Mapping[str, str]], Path]
Loaded = tuple[Callable[..., object], FunctionSignature]

SKILL = "from forethought.kernel import skill\n"


def functions(folder: Path) -> dict[str, PackFunction]:
    return {each.signature.name: each for each in read_pack(folder).functions}


def load(folder: Path, name: str) -> Loaded:
    function = functions(folder)[name]
    assert isinstance(function.source, NativeSource)
    return load_native(function.source, function.signature)


def test_a_skill_is_called_by_parameter_names(make_pack: MakePack) -> None:
    folder = make_pack({"f.py": SKILL + '@skill\ndef f(a: int, b: int = 2) -> int:\n    "d"\n    return a + b\n'})
    function, _ = load(folder, "f")
    assert (function(a=1), function(a=1, b=1)) == (3, 2)


async def test_a_coroutine_function_stays_one(make_pack: MakePack) -> None:
    folder = make_pack({"f.py": SKILL + '@skill\nasync def f() -> str:\n    "d"\n    return "done"\n'})
    function, _ = load(folder, "f")
    assert inspect.iscoroutinefunction(function)
    assert await function() == "done"


def test_a_file_is_imported_once_and_a_class_made_once(make_pack: MakePack) -> None:
    text = SKILL + (
        "class Counter:\n    def __init__(self): self.n = 0\n"
        '    @skill\n    def up(self) -> int:\n        "d"\n        self.n += 1\n        return self.n\n'
        '    @skill\n    def now(self) -> int:\n        "d"\n        return self.n\n'
    )
    folder = make_pack({"f.py": text})
    up, now = load(folder, "up")[0], load(folder, "now")[0]
    assert (up(), up(), now()) == (1, 2, 2)


def test_a_changed_file_is_imported_anew(make_pack: MakePack) -> None:
    folder = make_pack({"f.py": SKILL + '@skill\ndef f() -> int:\n    "d"\n    return 1\n'})
    assert load(folder, "f")[0]() == 1
    file = folder / "f.py"
    file.write_text(file.read_text().replace("return 1", "return 2"))
    stat = file.stat()
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000_000))
    assert load(folder, "f")[0]() == 2


def test_annotations_are_evaluated_and_defaults_that_are_no_literals_known(make_pack: MakePack) -> None:
    text = SKILL + (
        "from dataclasses import dataclass\nfrom datetime import date\nfrom .rows import Row\n"
        '@skill\ndef f(row: Row, day: date = date(2024, 1, 2), other: "Missing" = None) -> list[Row]:\n    "d"\n'
    )
    rows = "from dataclasses import dataclass\n@dataclass\nclass Row:\n    x: int\n"
    folder = make_pack({"f.py": text, "rows.py": rows})
    read = functions(folder)["f"].signature
    function, refined = load(folder, "f")
    assert [str(each.type) for each in read.parameters] == ["any", "date", "any"]
    assert [str(each.type) for each in refined.parameters] == ["object", "date", "any"]
    assert refined.parameters[0].type.hint is function.__globals__["Row"]
    assert refined.parameters[1].default == datetime.date(2024, 1, 2)
    assert dataclasses.replace(refined, parameters=(), returns=read.returns) == dataclasses.replace(read, parameters=())


def test_a_word_that_python_keeps_for_itself_is_refined_under_its_own_name(make_pack: MakePack) -> None:
    folder = make_pack({"f.py": SKILL + '@skill\ndef f(from_: str) -> str:\n    "d"\n    return from_\n'})
    function, refined = load(folder, "f")
    assert [(each.name, each.type.hint) for each in refined.parameters] == [("from", str)]
    assert function(from_="x") == "x"


def test_siblings_are_imported_plainly_or_relatively_and_packs_do_not_meet(tmp_path: Path) -> None:
    text = SKILL + (
        "import rates\nfrom rates import RATE as R\nfrom . import rates as again\nimport rates as renamed\n"
        "import deep.inner\nfrom deep import inner as i\n"
        '@skill\ndef f() -> list[int]:\n    "d"\n    import rates as late\n'
        "    return [rates.RATE, R, again.RATE, renamed.RATE, late.RATE, deep.inner.BASE, i.BASE]\n"
    )
    for name, rate in (("One", 1), ("Two", 2)):
        folder = tmp_path / name
        (folder / "deep").mkdir(parents=True)
        (folder / "f.py").write_text(text)
        (folder / "rates.py").write_text(f"import base\nRATE = base.BASE * {rate}\n")
        (folder / "base.py").write_text("BASE = 10\n")
        (folder / "deep" / "__init__.py").write_text("from . import inner\n")
        (folder / "deep" / "inner.py").write_text("from base import BASE\n")
    path = list(sys.path)
    assert load(tmp_path / "One", "f")[0]() == [10, 10, 10, 10, 10, 10, 10]
    assert load(tmp_path / "Two", "f")[0]() == [20, 20, 20, 20, 20, 10, 10]
    assert sys.path == path
    assert "rates" not in sys.modules
    assert not list(tmp_path.rglob("*.pyc"))


def test_a_file_named_like_a_standard_module_does_not_hide_it(make_pack: MakePack) -> None:
    text = SKILL + 'import json\n@skill\ndef f() -> str:\n    "d"\n    return json.dumps([1])\n'
    assert load(make_pack({"json.py": text}), "f")[0]() == "[1]"


def test_a_file_whose_name_has_dots_and_dashes_loads(make_pack: MakePack) -> None:
    folder = make_pack({"my-file.v2.py": SKILL + '@skill\ndef f() -> int:\n    "d"\n    return 1\n'})
    assert load(folder, "f")[0]() == 1


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("import no_such_module_anywhere", "it imports 'no_such_module_anywhere', which is not installed"),
        ("1 / 0", "it failed while it was imported: ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "it failed while it was imported: SystemExit: 3"),
        ("from math import nothing", "it failed while it was imported: ImportError: cannot import name 'nothing'"),
    ],
)
def test_what_fails_at_import_names_the_file_and_the_reason(make_pack: MakePack, head: str, reason: str) -> None:
    folder = make_pack({"f.py": SKILL + f'{head}\n@skill\ndef f():\n    "d"\n'})
    with pytest.raises(PackError) as caught:
        load(folder, "f")
    assert caught.value.path == str(folder / "f.py")
    assert caught.value.reason.startswith(reason)
    with pytest.raises(PackError):  # and again: nothing half imported is kept
        load(folder, "f")


def test_a_class_that_cannot_be_made_names_the_way_out(make_pack: MakePack) -> None:
    text = SKILL + (
        "from dataclasses import dataclass\n@dataclass\nclass T:\n    key: str\n"
        '    @skill\n    def f(self):\n        "d"\n'
    )
    with pytest.raises(PackError, match=r"class 'T' cannot be made without arguments: .*'key'.*defaults"):
        load(make_pack({"f.py": text}), "f")


def test_a_decorator_that_changes_the_parameters_is_found_when_it_is_loaded(make_pack: MakePack) -> None:
    text = SKILL + 'def hide(f):\n    return lambda: f(1)\n@hide\n@skill\ndef f(a):\n    "d"\n'
    with pytest.raises(PackError, match="'f' does not take the parameters it is written with"):
        load(make_pack({"f.py": text}), "f")


def test_a_function_that_is_gone_once_imported_is_a_pack_error(make_pack: MakePack) -> None:
    folder = make_pack({"f.py": SKILL + '@skill\ndef f():\n    "d"\ndel f\n'})
    with pytest.raises(PackError, match="it has no function 'f' once it is imported"):
        load(folder, "f")


OLD = """
import semantic_kernel.orchestration.sk_context as contexts
from semantic_kernel.orchestration.sk_context import SKContext
from semantic_kernel.skill_definition import sk_function, sk_function_context_parameter
from semantic_kernel.sk_pydantic import PydanticField

class Text(PydanticField):
    @sk_function(description="Repeat a text", name="repeat", input_description="The text", input_default_value="ha")
    @sk_function_context_parameter(name="times", description="How often", default_value="2")
    @sk_function_context_parameter(name="End", description="What follows")
    def repeat_it(self, text: str, context: SKContext) -> str:
        found, end = context.variables.get("end")
        assert found and end == context.variables.get("END")[1] == context.variables.get("End") == context["end"]
        assert context.variables.contains_key("times") and "nothing" not in context
        return text * int(context["times"]) + end

    @sk_function(description="Change the context", input_description="Any text")
    async def change(self, sk: "contexts.SKContext") -> "contexts.SKContext":
        sk.variables.update(sk.variables.input.upper())
        sk["other"] = "kept nowhere"
        return sk

    @sk_function(description="Fail")
    def fail(self, context: SKContext) -> str:
        context.fail("there is no more")

    @sk_function(description="Reach for what is gone")
    def remember(self, context: SKContext) -> str:
        return context.memory
"""


def test_a_function_of_2023_runs_though_its_imports_are_gone(make_pack: MakePack) -> None:
    function, signature = load(make_pack({"native_function.py": OLD}), "repeat")
    assert function(input="ho", times=3, End="!") == "hohoho!"
    assert function(End="!") == "haha!"
    assert [each.name for each in signature.parameters] == ["input", "times", "End"]


async def test_a_context_that_is_returned_gives_its_main_variable(make_pack: MakePack) -> None:
    function, _ = load(make_pack({"native_function.py": OLD}), "change")
    assert inspect.iscoroutinefunction(function)
    assert await function(input="quiet") == "QUIET"


def test_a_context_that_fails_fails_the_call(make_pack: MakePack) -> None:
    with pytest.raises(RuntimeError, match="there is no more"):
        load(make_pack({"native_function.py": OLD}), "fail")[0]()


def test_a_context_says_what_it_no_longer_has(make_pack: MakePack) -> None:
    with pytest.raises(AttributeError, match="the context of a 2023 function has variables only here, and no 'memory'"):
        load(make_pack({"native_function.py": OLD}), "remember")[0]()


def test_names_of_2023_are_found_below_the_package_itself(make_pack: MakePack) -> None:
    text = (
        "from semantic_kernel.skill_definition import sk_function\nfrom semantic_kernel import SKContext\n"
        'class T:\n    @sk_function(description="d")\n    def f(self, c: SKContext) -> str:\n        return "ran"\n'
    )
    assert load(make_pack({"f.py": text}), "f")[0]() == "ran"


def test_a_kernel_function_of_today_loads_with_semantic_kernel_itself(make_pack: MakePack) -> None:
    text = (
        "from typing import Annotated\nfrom semantic_kernel.functions import kernel_function\n"
        "class T:\n    @kernel_function(name='add-up', description='Add')\n"
        "    def add(self, a: Annotated[int, 'one'], b: int, kernel, arguments=None) -> int:\n        return a + b\n"
    )
    function, signature = load(make_pack({"f.py": text}), "add-up")
    assert function(a=1, b=2, kernel=None) == 3
    assert [each.name for each in signature.parameters] == ["a", "b"]
    assert getattr(function, "__kernel_function__") is True  # noqa: B009 - how Semantic Kernel knows it
