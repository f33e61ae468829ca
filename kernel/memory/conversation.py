"""Conversation: a chat that is kept in a memory and fits a budget of tokens; what falls out of it is summarised."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from forethought.kernel.models.chat import ChatModel, Message, Request

from .memory import SemanticMemory
from .records import Record
from .summarising import Count, before, estimated_tokens, shortened, summarise, tokens_of

__all__ = ["LEAST_BUDGET", "Conversation", "Speaker", "Turn", "is_conversation"]

Speaker = Literal["user", "assistant"]

LEAST_BUDGET = 500
"""With less, there is no room for a summary beside what is said."""

_COLLECTION = "conversation:"
_SUMMARY = "summary"
_SPEAKERS: tuple[Speaker, ...] = ("user", "assistant")


def is_conversation(collection: str) -> bool:
    """Say whether a collection holds the turns of a conversation."""
    return collection.startswith(_COLLECTION)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one of the two said, and when (UTC); `number` orders the turns of a conversation."""

    number: int
    role: Speaker
    text: str
    at: datetime

    @property
    def message(self) -> Message:
        """The turn as a model reads it."""
        return Message(self.role, self.text)


@dataclass(frozen=True, slots=True)
class _Summary:
    """What was said up to the turn of the number `until`, in short."""

    text: str = ""
    until: int = -1


class Conversation:
    """A chat between a user and a model, kept under a name in a memory.

    Every turn stays there, can be searched, and is there again after a restart. `messages` never takes more tokens
    than `budget`; what does not fit any more is summarised by `model`, or left out where there is none.
    """

    def __init__(
        self,
        memory: SemanticMemory,
        name: str,
        *,
        model: ChatModel | None = None,
        instructions: str = "",
        budget: int = 4_000,
        count: Count = estimated_tokens,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`instructions` are the system message; `count` says how many tokens a text has.

        Raises ValueError where the instructions leave less than LEAST_BUDGET of the budget.
        """
        self.name = name
        self._memory = memory
        self._model = model
        self._count = count
        self._clock = clock
        self._system = (Message("system", instructions),) if instructions else ()
        self._room = budget - tokens_of(self._system, count)
        if self._room < LEAST_BUDGET:
            raise ValueError(f"a budget of {budget} tokens leaves {self._room} to what is said, under {LEAST_BUDGET}")

    @property
    def collection(self) -> str:
        """Where in the memory the turns are."""
        return f"{_COLLECTION}{self.name}"

    async def add(self, role: Speaker, text: str) -> Turn:
        """Keep one turn; when this returns it is kept for good."""
        (turn,) = await self._keep((role, text))
        return turn

    async def ask(self, text: str) -> str:
        """Say `text`, let the model answer, and keep both; where the model fails, neither is kept.

        Raises ModelError, and ValueError where there is no model.
        """
        if self._model is None:
            raise ValueError("a conversation without a model cannot be asked")
        completion = await self._model.complete(Request(await self.messages(text)))
        await self._keep(("user", text), ("assistant", completion.text))
        return completion.text

    async def turns(self) -> tuple[Turn, ...]:
        """Return everything that was said, in order."""
        return (await self._read())[0]

    async def search(self, query: str, *, limit: int = 5) -> tuple[Turn, ...]:
        """Return the turns that fit `query` best."""
        hits = await self._memory.search(query, collection=self.collection, limit=limit, where={"role": _SPEAKERS})
        return tuple(_turn(hit.record) for hit in hits if _is_turn(hit.record))

    async def clear(self) -> int:
        """Forget the conversation, and return how many turns it had."""
        records = await self._memory.records(self.collection)
        await self._memory.remove(self.collection, [each.id for each in records])
        return sum(each.id != _SUMMARY for each in records)

    async def messages(self, text: str | None = None) -> tuple[Message, ...]:
        """Return what a model is shown: instructions, a summary of what fell out, the newest turns, and `text` as next.

        What is said is only ever the content of a message of its speaker. A summary is quoted, on a line before what
        the user says next. A turn that alone is too long for the budget is shortened in its middle, which says so.
        """
        turns, summary = await self._read()
        if text is not None:
            now = self._now()
            turns = (*turns, Turn(_next(turns, summary, now), "user", text, now))
        open_turns = [each for each in turns if each.number > summary.until]
        limit = self._room // 4
        said = self._said(summary, limit)
        if tokens_of([*said, *(each.message for each in open_turns)], self._count) <= self._room:
            return (*self._system, *_joined(said, [each.message for each in open_turns]))
        newest = self._newest(open_turns, (self._room - limit) // 2)
        summary = await self._summarised(summary, open_turns[: len(open_turns) - len(newest)], limit)
        kept = [self._fitted(each.message, self._room - limit) for each in newest]
        return (*self._system, *_joined(self._said(summary, limit), kept))

    def _said(self, summary: _Summary, limit: int) -> tuple[Message, ...]:
        """Return the message that tells the summary, in at most `limit` tokens; none where there is no summary."""
        told = shortened(summary.text, lambda text: tokens_of([before(text)], self._count) <= limit)
        return (before(told),) if told else ()

    def _newest(self, turns: Sequence[Turn], room: int) -> Sequence[Turn]:
        """Return as many of the last turns as fit into `room`, the very last one whatever its length.

        That is less than would fit just now, so that not every further turn asks for another summary. They begin with
        the user where they can: many models refuse a conversation that begins with themselves.
        """
        first = len(turns) - 1
        room -= tokens_of([turns[first].message], self._count)
        while first > 0 and (room := room - tokens_of([turns[first - 1].message], self._count)) >= 0:
            first -= 1
        while first < len(turns) - 1 and turns[first].role != "user":
            first += 1
        return turns[first:]

    def _fitted(self, message: Message, room: int) -> Message:
        def fits(text: str) -> bool:
            return tokens_of([Message(message.role, text)], self._count) <= room

        return Message(message.role, shortened(message.content, fits))

    async def _summarised(self, summary: _Summary, fallen: Sequence[Turn], limit: int) -> _Summary:
        """Put the turns that fell out into the summary, and keep it."""
        if self._model is None or not fallen:
            return summary
        told = await summarise(
            self._model,
            summary.text,
            [each.message for each in fallen],
            room=self._room,
            limit=limit,
            count=self._count,
        )
        until = fallen[-1].number
        await self._memory.save(self.collection, told, id=_SUMMARY, metadata={"until": until}, source=self.name)
        return _Summary(told, until)

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC)

    async def _keep(self, *said: tuple[Speaker, str]) -> tuple[Turn, ...]:
        now = self._now()
        number = _next(*await self._read(), now)
        turns = tuple(Turn(number + after, role, text, now) for after, (role, text) in enumerate(said))
        records = [
            Record(
                id=f"{turn.number}-{secrets.token_hex(4)}",  # two processes may say something at the same moment
                text=turn.text,
                metadata={"role": turn.role, "at": turn.at.isoformat()},
                source=self.name,
                chunk=turn.number,
            )
            for turn in turns
        ]
        await self._memory.save_many(self.collection, records)
        return turns

    async def _read(self) -> tuple[tuple[Turn, ...], _Summary]:
        """Return the turns in order, and the summary of the first of them; what others saved there is neither."""
        summary = _Summary()
        turns: list[Record] = []
        for each in await self._memory.records(self.collection):
            until = each.metadata.get("until")
            if each.id == _SUMMARY and isinstance(until, int):
                summary = _Summary(each.text, until)
            elif _is_turn(each):
                turns.append(each)
        return tuple(map(_turn, sorted(turns, key=lambda each: (each.chunk or 0, each.id)))), summary


def _joined(said: Sequence[Message], turns: Sequence[Message]) -> tuple[Message, ...]:
    """Return the summary and the turns, one message where both are the user's: models want turns to alternate."""
    if said and turns and turns[0].role == "user":
        return (Message("user", f"{said[0].content}\n\n{turns[0].content}"), *turns[1:])
    return (*said, *turns)


def _next(turns: Sequence[Turn], summary: _Summary, now: datetime) -> int:
    """Return the number of the next turn: the microsecond it is said in, but after everything said before."""
    return max(round(now.timestamp() * 1_000_000), summary.until + 1, turns[-1].number + 1 if turns else 0)


def _is_turn(record: Record) -> bool:
    return record.chunk is not None and record.metadata.get("role") in _SPEAKERS and "at" in record.metadata


def _turn(record: Record) -> Turn:
    role: Speaker = "assistant" if record.metadata["role"] == "assistant" else "user"
    return Turn(record.chunk or 0, role, record.text, datetime.fromisoformat(str(record.metadata["at"])))
