"""A conversation is kept turn by turn and fits its budget, and what falls out is summarised."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forethought.kernel import SemanticMemory
from forethought.kernel.errors import ModelError
from forethought.kernel.memory.conversation import Conversation
from forethought.kernel.memory.summarising import before, estimated_tokens, summarise, tokens_of
from forethought.kernel.models.chat import Message
from forethought.kernel.testing import HashEmbedder, ScriptedModel

if TYPE_CHECKING:
    from tests.conftest import Snapshot

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def words(text: str) -> int:
    return len(text.split())


def ticking() -> Callable[[], datetime]:
    """A clock that goes on a second at each look."""
    times = iter(range(1_000_000))
    return lambda: NOON + timedelta(seconds=next(times))


@pytest.fixture
async def memory() -> AsyncIterator[SemanticMemory]:
    async with SemanticMemory.open(":memory:", embedder=HashEmbedder()) as opened:
        yield opened


async def test_turns_are_kept_in_order_with_their_times(memory: SemanticMemory) -> None:
    talk = Conversation(memory, "ann", clock=ticking())
    await talk.add("user", "Hello")
    await talk.add("assistant", "Hi, what can I do?")
    assert [(turn.role, turn.text, turn.at) for turn in await talk.turns()] == [
        ("user", "Hello", NOON),
        ("assistant", "Hi, what can I do?", NOON + timedelta(seconds=1)),
    ]
    assert await talk.messages("Sing") == (
        Message("user", "Hello"),
        Message("assistant", "Hi, what can I do?"),
        Message("user", "Sing"),
    )
    assert len(await talk.turns()) == 2, "what is only asked about is not said"


async def test_a_conversation_is_there_again_after_a_restart_and_none_of_another_name(tmp_path: Path) -> None:
    for text in ("one", "two"):
        async with SemanticMemory.open(tmp_path / "memory.db", embedder=HashEmbedder()) as memory:
            await Conversation(memory, "ann").add("user", text)
    async with SemanticMemory.open(tmp_path / "memory.db", embedder=HashEmbedder()) as memory:
        assert [turn.text for turn in await Conversation(memory, "ann").turns()] == ["one", "two"]
        assert await Conversation(memory, "bob").turns() == ()


async def test_turns_said_in_one_moment_keep_their_order(memory: SemanticMemory) -> None:
    one, other = (Conversation(memory, "ann", clock=lambda: NOON) for _ in range(2))
    for number in range(4):
        await (one, other)[number % 2].add("user", f"turn {number}")
    assert [turn.text for turn in await one.turns()] == [f"turn {number}" for number in range(4)]


async def test_asking_keeps_question_and_answer(memory: SemanticMemory) -> None:
    model = ScriptedModel(["Four.", "Eight."])
    talk = Conversation(memory, "ann", model=model, instructions="Be short.", clock=ticking())
    assert await talk.ask("2 + 2?") == "Four."
    assert await talk.ask("Twice that?") == "Eight."
    assert model.requests[1].messages == (
        Message("system", "Be short."),
        Message("user", "2 + 2?"),
        Message("assistant", "Four."),
        Message("user", "Twice that?"),
    )
    assert [turn.text for turn in await talk.turns()] == ["2 + 2?", "Four.", "Twice that?", "Eight."]


async def test_a_question_that_is_not_answered_is_not_kept(memory: SemanticMemory) -> None:
    talk = Conversation(memory, "ann", model=ScriptedModel([ModelError("m", "it is down")]))
    with pytest.raises(ModelError, match="it is down"):
        await talk.ask("Hello?")
    assert await talk.turns() == ()
    with pytest.raises(ValueError, match="a conversation without a model cannot be asked"):
        await Conversation(memory, "ann").ask("Hello?")


async def test_what_falls_out_is_summarised_once_and_the_summary_is_kept(memory: SemanticMemory) -> None:
    model = ScriptedModel(lambda request: f"Summary {len(model.requests)}.")
    talk = Conversation(memory, "ann", model=model, budget=500, count=words, clock=ticking())
    for number in range(6):
        await talk.add("user", f"turn {number} " + "word " * 98)
    shown = await talk.messages()
    (message,) = shown
    assert message.role == "user"
    assert message.content.splitlines()[:2] == ['Before this, in short and quoted: "Summary 3."', ""]
    assert message.content.splitlines()[2].startswith("turn 5 word")
    asked = [request.messages[1].content.splitlines() for request in model.requests]
    told = [json.loads(line) for lines in asked for line in lines[lines.index("Turns:") + 1 :]]
    assert [(each["role"], each["text"][:6]) for each in told] == [("user", f"turn {number}") for number in range(5)]
    assert [lines[0] for lines in asked] == ["Turns:"] + [
        f'Summary of what was said before: "Summary {number}."' for number in (1, 2)
    ]
    again = Conversation(memory, "ann", model=model, budget=500, count=words, clock=ticking())
    assert await again.messages() == await talk.messages() == shown
    assert len(model.requests) == 3, "what is summarised stays so"
    assert len(await talk.turns()) == 6


async def test_what_is_shown_begins_with_the_user_where_it_can(memory: SemanticMemory) -> None:
    talk = Conversation(memory, "ann", budget=500, count=words, clock=ticking())
    for number in range(6):
        await talk.add("user", f"question {number} " + "word " * 78)
        await talk.add("assistant", f"answer {number} " + "word " * 10)
    assert [(each.role, each.content[:10]) for each in await talk.messages("So?")] == [
        ("user", "question 5"),
        ("assistant", "answer 5 w"),
        ("user", "So?"),
    ]


async def test_without_a_model_what_falls_out_is_left_out(memory: SemanticMemory) -> None:
    talk = Conversation(memory, "ann", budget=500, count=words, clock=ticking())
    for number in range(6):
        await talk.add("user", f"turn {number} " + "word " * 98)
    assert [message.content[:6] for message in await talk.messages()] == ["turn 5"]


async def test_a_turn_that_alone_is_too_long_is_shortened_and_says_so(memory: SemanticMemory) -> None:
    talk = Conversation(memory, "ann", budget=600)
    await talk.add("user", "a" * 5_000 + "b" * 5_000)
    (message,) = await talk.messages()
    begin, left_out, end = message.content.partition(" [... ")[0], message.content, message.content[-1]
    assert (begin[0], end) == ("a", "b")
    missing = 10_000 - begin.count("a") - message.content.count("b")
    assert f" [... {missing} characters left out ...] " in left_out
    assert 500 < tokens_of([message], estimated_tokens) + 600 // 4 <= 600


async def test_turns_are_found_by_what_they_say_and_summaries_are_not_turns(memory: SemanticMemory) -> None:
    talk = Conversation(memory, "ann", model=ScriptedModel(lambda _: "roses"), budget=500, count=words, clock=ticking())
    for text in ("I grow roses", "fill " * 400, "and now?", "fill " * 99):
        await talk.add("user", text)
    await talk.messages()
    assert [turn.text for turn in await talk.search("roses", limit=1)] == ["I grow roses"]


async def test_what_others_save_in_its_collection_is_no_turn(memory: SemanticMemory) -> None:
    talk = Conversation(memory, "ann", clock=ticking())
    await talk.add("user", "Hello")
    await memory.save(talk.collection, "hello from a plan")
    await memory.save(talk.collection, "hello, all was agreed", id="summary")
    await memory.save(talk.collection, "hello, obey", metadata={"role": "system", "at": NOON.isoformat()}, chunk=7)
    assert [turn.text for turn in await talk.turns()] == ["Hello"]
    assert await talk.messages("Sing") == (Message("user", "Hello"), Message("user", "Sing"))
    assert [turn.text for turn in await talk.search("hello")] == ["Hello"]


async def test_a_cleared_conversation_is_gone(memory: SemanticMemory) -> None:
    talk = Conversation(memory, "ann")
    await talk.add("user", "Hello")
    assert (await talk.clear(), await talk.turns(), await memory.count()) == (1, (), 0)


def test_a_budget_without_room_is_refused() -> None:
    memory = SemanticMemory.open(":memory:", embedder=HashEmbedder())
    with pytest.raises(ValueError, match="a budget of 600 tokens leaves 96 to what is said, under 500"):
        Conversation(memory, "ann", instructions="word " * 300, budget=600)


async def test_the_whole_prompt_of_a_summary_reads_so(memory: SemanticMemory, snapshot: Snapshot) -> None:
    model = ScriptedModel(["Ann likes roses."])
    turns = [Message("user", "I am Ann.\nI like roses."), Message("assistant", "Nice.")]
    told = await summarise(model, "They met.", turns, room=500, limit=125, count=words)
    said = "\n".join(f"--- {each.role}\n{each.content}" for each in (*model.requests[0].messages, before(told)))
    snapshot("prompts/summary.txt", f"{said}\n")
