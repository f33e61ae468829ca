"""Packs of every vintage run on a kernel, and a function reads alike in a pack and in code."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from forethought.kernel import Kernel
from forethought.kernel.errors import FunctionError
from forethought.kernel.native import signature_of
from forethought.kernel.packs.loading import load_native
from forethought.kernel.packs.pack import NativeSource, PackFunction
from forethought.kernel.packs.reading import read_packs
from forethought.kernel.testing import ScriptedModel

SHIPPED = Path(__file__).parents[2] / "plugins"
NATIVE = [each for pack in read_packs(SHIPPED) for each in pack.functions if isinstance(each.source, NativeSource)]

OLD_NATIVE = """
from semantic_kernel.orchestration.sk_context import SKContext
from semantic_kernel.skill_definition import sk_function, sk_function_context_parameter

class Words:
    @sk_function(description="Repeat a text", name="repeat", input_description="The text")
    @sk_function_context_parameter(name="times", description="How often", default_value="2")
    def repeat(self, text: str, context: SKContext) -> str:
        if context["times"] == "0":
            context.fail("nothing to repeat")
        return text * int(context["times"])
"""

NEW_NATIVE = """
from semantic_kernel import Kernel
from semantic_kernel.functions import kernel_function

class Asks:
    @kernel_function(description="Name the kernel")
    def name_of(self, what: str, kernel: Kernel) -> str:
        return f"{what}: {type(kernel).__name__}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The pack `Old` of 2023 and the pack `New` of Semantic Kernel's 1.x."""
    files = {
        "Old/native_function.py": OLD_NATIVE,
        "Old/Praise/skprompt.txt": "Praise {{$INPUT}} in {{$language}}.",
        "Old/Praise/config.json": """{
            "description": "Praise something", // old
            "completion": {"max_tokens": 64, "stop_sequences": ["##"]},
            "input": {"parameters": [{"name": "language", "defaultValue": "中文"},]}
        }""",
        "New/asks.py": NEW_NATIVE,
        "New/Ask.yaml": "description: Ask\ntemplate_format: jinja2\ntemplate: 'Ask {{ what }}?'\n",
    }
    for relative, text in files.items():
        file = tmp_path / relative
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


async def test_a_pack_of_2023_runs_as_it_is(folder: Path) -> None:
    model = ScriptedModel(["真好"])
    kernel = Kernel.from_packs(folder, model=model)
    assert await kernel.invoke("Old.repeat", input="ha", times=3) == "hahaha"
    assert await kernel.invoke("Old.Praise", input="<b>猫</b>") == "真好"
    (request,) = model.requests
    assert [each.content for each in request.messages] == ["Praise <b>猫</b> in 中文."]
    assert request.settings == {"max_tokens": 64, "stop": ["##"]}
    with pytest.raises(FunctionError, match=r"Old.repeat failed: nothing to repeat"):
        await kernel.invoke("Old.repeat", input="ha", times="0")


async def test_what_semantic_kernel_fills_is_filled_by_it(folder: Path) -> None:
    kernel = Kernel.from_packs(folder, model=ScriptedModel(["42"]))
    assert await kernel.invoke("New.name_of", what="it is") == "it is: Kernel"
    assert await kernel.invoke("New.Ask", what="why") == "42"


@pytest.mark.parametrize("function", NATIVE, ids=lambda each: each.signature.full_name)
def test_a_shipped_function_reads_alike_in_its_pack_and_in_code(function: PackFunction) -> None:
    """What the text of a file says is what the running code says, so a checked plan runs as it was checked."""
    assert isinstance(function.source, NativeSource)
    code, refined = load_native(function.source, function.signature)
    assert refined == function.signature
    assert dataclasses.replace(signature_of(code, function.signature.plugin), source="") == dataclasses.replace(
        function.signature, source=""
    )
