"""Typed answers: a model is asked for JSON that fits a schema, and its reply is read, checked, and mended once."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from .errors import CoercionError, NotEnoughInformationError
from .functions import Usage
from .models.chat import ChatModel, Completion, Message, Request
from .schemas import Schema, misfit, with_way_out
from .values import ValueType, coerce, text

__all__ = ["NOT_ENOUGH", "ask_for_value", "read_json"]

NOT_ENOUGH = "not_enough_information"
"""The only field of the object that a model answers where it cannot know the value."""

_MOST_PLACES = 100  # where JSON may begin in a reply
_THOUGHT = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)
_REFUSAL = re.compile(r"[^\w{}]*not[ _]enough[ _]information[^\w{}]*", re.IGNORECASE)
_FENCE = re.compile(r"```[\w-]*[ \t]*\n(.*?)```", re.DOTALL)


async def ask_for_value(
    model: ChatModel,
    messages: Sequence[Message],
    settings: Mapping[str, object],
    schema: Schema,
    returns: ValueType,
) -> tuple[object, Usage]:
    """Return a value that fits `schema`, as `returns` has it, and what it cost.

    A model that can is held to the schema, every model is told it. An answer that does not fit is mended once. Raises
    NotEnoughInformationError where the model says that it cannot know, CoercionError where no answer fits, and
    ModelError where the model cannot answer.
    """
    from forethought.prompts import fill

    told = fill("typed", schema=json.dumps(schema, ensure_ascii=False), way_out=NOT_ENOUGH)
    asked = _with_instruction(messages, told)
    request = Request(asked, settings, schema=with_way_out(schema, NOT_ENOUGH))
    answer = await model.complete(request)
    value, complaint = _value(answer, schema, returns)
    if not complaint:
        return value, answer.usage
    mend = Message("user", fill("mend", complaint=complaint, way_out=NOT_ENOUGH))
    again = (*asked, Message("assistant", answer.text), mend)
    second = await model.complete(dataclasses.replace(request, messages=again))
    value, complaint = _value(second, schema, returns)
    if complaint:
        raise CoercionError(second.text, "answer that fits", complaint)
    return value, answer.usage + second.usage


def _with_instruction(messages: Sequence[Message], told: str) -> tuple[Message, ...]:
    """Add what is told to the system's message, which no data stands in; where there is none, to the last one."""
    place = next((index for index, each in enumerate(messages) if each.role == "system"), len(messages) - 1)
    return tuple(
        Message(each.role, f"{each.content}\n\n{told}") if index == place else each
        for index, each in enumerate(messages)
    )


def _value(answer: Completion, schema: Schema, returns: ValueType) -> tuple[object, str]:
    """Return the value in an answer, or why there is none; of several, the first that fits."""
    complaints: list[str] = []
    for read in _candidates(answer.text, returns):
        _hear_refusal(read)
        complaint = misfit(read, schema)
        if not complaint:
            try:
                return coerce(read, returns), ""
            except CoercionError as error:
                complaint = str(error)
        complaints.append(complaint)
    if _REFUSAL.fullmatch(_THOUGHT.sub("", answer.text)):
        raise NotEnoughInformationError("the model does not say what is missing")
    if answer.finish == "length":
        return None, "the answer breaks off at a limit of its length"
    return None, complaints[0] if complaints else "there is no JSON in it"


def _hear_refusal(read: object) -> None:
    """Raise NotEnoughInformationError where the model answers that it cannot know."""
    if isinstance(read, dict):
        said = cast("dict[str, object]", read)
        if list(said) == [NOT_ENOUGH]:
            raise NotEnoughInformationError(text(said[NOT_ENOUGH]))


def _candidates(reply: str, returns: ValueType) -> Iterator[object]:
    yield from read_json(reply)
    if returns.choices or returns.kind not in ("any", "array", "object"):  # an answer of one word needs no quotes
        yield _THOUGHT.sub("", reply).strip()


def read_json(reply: str) -> Iterator[object]:
    """Yield what a reply may mean as JSON: the whole of it, what is in code fences, what stands in prose, in order."""
    said = _THOUGHT.sub("", reply).strip()
    wholes = [said, *(found[1].strip() for found in _FENCE.finditer(said))]
    for whole in wholes:
        try:
            yield _DECODER.decode(whole)
        except (ValueError, RecursionError):
            continue
        if whole is said:
            return
    at = 0
    for _ in range(_MOST_PLACES):
        begin = _BEGIN.search(said, at)
        if begin is None:
            return
        try:
            read, at = cast("tuple[object, int]", _DECODER.raw_decode(said, begin.start()))
            yield read
        except (ValueError, RecursionError):
            at = begin.end()


def _refuse(word: str) -> object:
    raise ValueError(f"'{word}' is not JSON")


_BEGIN = re.compile(r"[\[{]")
_DECODER = json.JSONDecoder(strict=False, parse_constant=_refuse)
