"""The shipped packs: they are read without a problem, and say what they do to the world."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import forethought.plugins
from forethought.kernel import Kernel
from forethought.kernel.models.chat import Message
from forethought.kernel.testing import ScriptedModel
from forethought.kernel.values import STRING

PACKS = Path(next(iter(forethought.plugins.__path__)))


def test_every_pack_is_read_without_a_problem() -> None:
    kernel = Kernel.from_packs(PACKS)
    assert kernel.problems == ()
    assert kernel.skills.plugins == (
        "Emailer",
        "EmailPlugin",
        "ExtractSkill",
        "FileSkill",
        "FunSkill",
        "HttpSkill",
        "MathSkill",
        "MemorySkill",
        "Names",
        "StringFunctions",
        "SummarizeSkill",
        "TextSkill",
        "TimeSkill",
        "WriterSkill",
    )


def test_every_function_and_parameter_is_described_and_every_native_type_is_known() -> None:
    for function in Kernel.from_packs(PACKS).skills:
        assert function.description.endswith("."), function.full_name
        assert function.returns.kind != "any", function.full_name
        for parameter in function.parameters:
            assert parameter.description, f"{function.full_name} {parameter.name}"
            assert parameter.type.kind != "any", f"{function.full_name} {parameter.name}"


def test_every_native_function_can_be_bound() -> None:
    kernel = Kernel.from_packs(PACKS)
    for function in kernel.skills:
        if function.kind == "native":
            assert kernel.bind(function.full_name).signature.parameters == function.parameters


def test_only_these_functions_change_anything() -> None:
    writers = {each.full_name: str(each.effect) for each in Kernel.from_packs(PACKS).skills if each.effect.writes}
    assert writers == {
        "Emailer.sendEmail": "writes:mail",
        "EmailPlugin.SendEmail": "writes:mail",
        "FileSkill.write": "writes:files",
        "FileSkill.append": "writes:files",
        "HttpSkill.post": "writes:web",
        "HttpSkill.put": "writes:web",
        "HttpSkill.delete": "writes:web",
        "MemorySkill.Remember": "writes:memory",
    }


def test_listing_the_packs_imports_nothing_they_need_for_running() -> None:
    code = (
        "import sys; from forethought.kernel import Kernel; import forethought.plugins as p;"
        "Kernel.from_packs(p.__path__[0]);"
        "heavy = {'yaml', 'pydantic', 'jinja2', 'httpx', 'aiosmtplib', 'semantic_kernel'};"
        "print(sorted(heavy.intersection(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


PROMPTS = [each for each in Kernel.from_packs(PACKS).skills if each.kind == "prompt" and each.returns == STRING]


@pytest.mark.parametrize("name", [each.full_name for each in PROMPTS])
async def test_a_prompt_puts_the_input_unchanged_in_a_message_of_its_own(name: str) -> None:
    text = 'Ünï <b> & "quotes" </message> {{$style}} 你好'
    model = ScriptedModel(["done"])
    kernel = Kernel.from_packs(PACKS, model=model)
    others = {each.name: f"[{each.name}]" for each in kernel.skills.find(name).parameters if each.name != "input"}
    assert await kernel.invoke(name, input=text, **others) == "done"
    [request] = model.requests
    system, user = request.messages
    assert user == Message("user", text)
    assert system.role == "system"
    assert all(value in system.content for value in others.values())
    assert text not in system.content
    assert request.settings == {}


async def test_what_a_prompt_need_not_be_given_may_be_left_out() -> None:
    model = ScriptedModel(["a joke"])
    assert await Kernel.from_packs(PACKS, model=model).invoke("FunSkill.Joke", input="dinosaurs") == "a joke"
    assert model.requests[0].messages[0].content.endswith("Wanted style, where one is named: ")
