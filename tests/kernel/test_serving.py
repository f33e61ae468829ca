"""A native function is given its kernel's memory and model where it asks by annotation; no plan sees these."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import pytest

from forethought.kernel import Kernel, SemanticMemory, skill
from forethought.kernel.errors import FunctionError, PackError
from forethought.kernel.functions import Usage
from forethought.kernel.models.chat import ChatModel, Message, Request
from forethought.kernel.settings import Settings
from forethought.kernel.testing import HashEmbedder, ScriptedModel

PACK = '''
from forethought.kernel import SemanticMemory as Memory, skill
from forethought.kernel.models import chat
import forethought.kernel


class Notes:
    @skill(effect="writes:memory")
    async def keep(self, text: str, memory: Memory, times: int = 1) -> str:
        """Keep a note."""
        return await memory.save("notes", text * times)

    @skill(effect="reads:memory")
    async def ask(self, *, memory: "forethought.kernel.SemanticMemory", model: chat.ChatModel, question: str) -> str:
        """Ask about the notes."""
        (note,) = await memory.records("notes")
        request = chat.Request([chat.Message("user", f"{note.text} {question}")])
        return (await model.complete(request)).text


@skill(effect="pure")
def plain(memory: str, model: int | None = None) -> str:
    """A parameter is what its annotation says, not its name."""
    return f"{memory}{model}"
'''


@pytest.fixture
async def memory() -> AsyncIterator[SemanticMemory]:
    async with SemanticMemory.open(":memory:", embedder=HashEmbedder()) as opened:
        yield opened


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    (tmp_path / "Notes").mkdir()
    (tmp_path / "Notes" / "notes.py").write_text(PACK, encoding="utf-8")
    return tmp_path


async def test_a_function_of_a_pack_is_given_both_and_no_plan_sees_them(pack: Path, memory: SemanticMemory) -> None:
    model = ScriptedModel(["Yes."])
    kernel = Kernel.from_packs(pack, model=model, memory=memory)
    assert kernel.problems == ()
    assert {each.name: [p.name for p in each.parameters] for each in kernel.skills} == {
        "keep": ["text", "times"],
        "ask": ["question"],
        "plain": ["memory", "model"],
    }
    await kernel.invoke("Notes.keep", text="ab", times="2")
    assert await kernel.invoke("Notes.ask", question="Really?") == "Yes."
    assert model.requests[0].messages == [Message("user", "abab Really?")]
    assert await kernel.invoke("Notes.plain", memory="x", model="3") == "x3"


async def test_a_function_in_code_is_given_both_and_its_signature_is_the_same(memory: SemanticMemory) -> None:
    @skill(effect="reads:memory")
    async def count(memory: Annotated[SemanticMemory, "the memory"], of: str = "notes") -> int:
        """Count what is in a collection."""
        return await memory.count(of)

    kernel = Kernel(memory=memory)
    (signature,) = kernel.add_functions(count, "Notes")
    assert [each.name for each in signature.parameters] == ["of"]
    await memory.save("notes", "a")
    assert await kernel.invoke("Notes.count") == 1


async def test_no_plan_can_put_something_in_their_place(pack: Path, memory: SemanticMemory) -> None:
    kernel = Kernel.from_packs(pack, model=ScriptedModel([]), memory=memory)
    with pytest.raises(FunctionError, match=r"there is no parameter 'memory' \(it has: text, times\)"):
        await kernel.bind("Notes.keep")({"text": "a", "memory": "mine"})


async def test_what_the_model_spends_is_the_calls_own(memory: SemanticMemory) -> None:
    @skill(effect="pure")
    async def ask(text: str, times: int, model: ChatModel) -> str:
        """Ask some times."""
        for _ in range(times):
            await model.complete(Request([Message("user", text)]))
        return text

    kernel = Kernel(model=ScriptedModel(lambda request: request.messages[0].content), memory=memory)
    kernel.add_functions(ask, "Test")
    callee = kernel.bind("ask")
    one, two = await asyncio.gather(callee({"text": "word", "times": 1}), callee({"text": "word and word", "times": 2}))
    assert (one.usage.calls, two.usage.calls) == (1, 2)
    assert two.usage != one.usage + one.usage
    assert (await callee({"text": "x", "times": 0})).usage == Usage()


async def test_without_a_model_only_a_call_fails(pack: Path, memory: SemanticMemory, tmp_path: Path) -> None:
    kernel = Kernel.from_packs(pack, memory=memory, settings=Settings(model=("no:model",)))
    await kernel.invoke("Notes.keep", text="a")
    with pytest.raises(FunctionError, match="'no:model' is not a model"):
        await kernel.invoke("Notes.ask", question="b")


def test_an_annotation_that_is_not_there_when_the_code_runs_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "Late").mkdir()
    (tmp_path / "Late" / "late.py").write_text(
        "from __future__ import annotations\n"
        "from typing import TYPE_CHECKING\n"
        "from forethought.kernel import skill\n"
        "if TYPE_CHECKING:\n    from forethought.kernel import SemanticMemory\n"
        '@skill(effect="pure")\ndef f(memory: SemanticMemory) -> str:\n    """Do."""\n    return ""\n',
        encoding="utf-8",
    )
    kernel = Kernel.from_packs(tmp_path)
    with pytest.raises(PackError, match="does not take the parameters it is written with: missing a required argument"):
        kernel.bind("Late.f")
