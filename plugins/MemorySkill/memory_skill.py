"""Semantic memory for plans: texts are kept, found by meaning and by keyword, and answer questions by their sources."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Annotated

from forethought.kernel import SemanticMemory, skill
from forethought.kernel.memory.conversation import is_conversation
from forethought.kernel.memory.quoting import quoted
from forethought.kernel.memory.records import Hit
from forethought.kernel.models.chat import ChatModel, Message, Request
from forethought.prompts import fill

Limit = Annotated[int, "how many texts at most"]
Where = Annotated[str, "the collection to look in; where it is left out, all but conversations"]

_NOTHING = "I do not know: nothing is remembered about that."
_CITED = re.compile(r"\[(\d{1,4}(?:\s*[,;]\s*\d{1,4})*)\]")


@skill(name="Remember", effect="writes:memory", idempotent=True, destructive=False, open_world=False)
async def remember(
    input: Annotated[str, "the text to keep"],
    collection: Annotated[str, "the collection to keep it in"] = "memory",
    *,
    memory: SemanticMemory,
) -> Annotated[str, "the id of the text"]:
    """Keep a text in memory, so that it can be recalled later."""
    return await memory.save(collection, input)


@skill(name="Recall", effect="reads:memory", idempotent=True, open_world=False)
async def recall(
    query: Annotated[str, "what to recall, in words"],
    limit: Limit = 5,
    collection: Where = "",
    *,
    memory: SemanticMemory,
) -> Annotated[str, "the texts, best first, divided by blank lines; empty where none fits"]:
    """Recall the texts and passages of documents in memory that fit a query best."""
    return "\n\n".join(hit.record.text for hit in await _found(memory, query, limit, collection))


@skill(name="Answer", effect="reads:memory", idempotent=True, open_world=False)
async def answer(
    question: Annotated[str, "the question"],
    limit: Limit = 5,
    collection: Where = "",
    *,
    memory: SemanticMemory,
    model: ChatModel,
) -> Annotated[dict[str, object], "the `text` of the answer, and the `sources` that it names"]:
    """Answer a question from memory, with the sources of the answer."""
    hits = await _found(memory, question, limit, collection)
    if not hits:
        return {"text": _NOTHING, "sources": []}
    completion = await model.complete(Request(_messages(question, hits)))
    text = completion.text.strip()
    named = {int(number) for found in _CITED.finditer(text) for number in re.findall(r"\d+", found[1])}
    sources = [_source(number, hit) for number, hit in enumerate(hits, 1) if number in named]
    return {"text": text, "sources": sources}


async def _found(memory: SemanticMemory, query: str, limit: int, collection: str) -> Sequence[Hit]:
    """Find what fits; what people said to a model is private to its conversation, unless a plan names it."""
    among = [collection] if collection else [each for each in await memory.collections() if not is_conversation(each)]
    return await memory.search(query, collection=among, limit=limit)


def _messages(question: str, hits: Sequence[Hit]) -> tuple[Message, ...]:
    """Ask: every text is a JSON string on a line of its own, which it cannot leave."""
    sources = [
        quoted({"number": number, "from": _named(hit), "text": hit.record.text}) for number, hit in enumerate(hits, 1)
    ]
    asked = fill("sources", sources=sources, question=quoted(question))
    return Message("system", fill("answer")), Message("user", asked)


def _named(hit: Hit) -> str:
    """Name a source as a reader would: the document and where in it."""
    record = hit.record
    page = record.metadata.get("page")
    parts = (PurePath(record.source).name, record.description, f"page {page}" if page else "")
    return ", ".join(part for part in parts if part) or hit.collection


def _source(number: int, hit: Hit) -> dict[str, object]:
    record = hit.record
    return {
        "number": number,
        "source": record.source,
        "description": record.description,
        "collection": hit.collection,
        "id": record.id,
        "start": record.start,
        "end": record.end,
        "text": record.text,
    }
