"""Summarising: what falls out of a budget of tokens is told in short, by a model, within the budget itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from forethought.kernel.models.chat import ChatModel, Message, Request

from .quoting import quoted

__all__ = ["Count", "before", "estimated_tokens", "shortened", "summarise", "tokens_of"]

Count = Callable[[str], int]
"""Says how many tokens a text has."""

_FRAME = 4  # tokens that models count for a message besides its text
_LEFT_OUT = " [... {} characters left out ...] "


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text has for common models, rather too many than too few."""
    return (len(text.encode("utf-8", "replace")) + 2) // 3


def tokens_of(messages: Sequence[Message], count: Count) -> int:
    """Return how many tokens these messages have together."""
    return sum(count(each.content) + _FRAME for each in messages)


def before(summary: str) -> Message:
    """Return the message that tells what was said before: quoted, and of the user, whoever said it."""
    from forethought.prompts import fill

    return Message("user", fill("before", summary=quoted(summary)))


def shortened(text: str, fits: Callable[[str], bool]) -> str:
    """Return `text` if it fits, else what does of its beginning and its end, and between them how much is missing."""
    if fits(text):
        return text
    best = ""
    low, high = 0, len(text)
    while low <= high:
        middle = (low + high) // 2
        begin = text[: (middle + 1) // 2]
        end = text[len(text) - middle // 2 :]
        tried = f"{begin}{_LEFT_OUT.format(len(text) - middle)}{end}"
        if fits(tried):
            best, low = tried, middle + 1
        else:
            high = middle - 1
    return best


async def summarise(
    model: ChatModel, summary: str, turns: Sequence[Message], *, room: int, limit: int, count: Count
) -> str:
    """Return a new summary, of at most `limit` tokens as `before` tells it, of what `summary` says and of `turns`.

    As many turns are told at a time as fit into `room`; one that alone does not is shortened.
    """
    from forethought.prompts import fill

    system = Message("system", fill("summary", words=max(20, limit // 3)))
    frame = [system, Message("user", fill("turns", summary='""', turns=[]))]
    for lines in _batches(turns, room - limit - tokens_of(frame, count), count):
        asked = fill("turns", summary=quoted(summary) if summary else "", turns=lines)
        completion = await model.complete(Request((system, Message("user", asked))))
        summary = shortened(completion.text.strip(), lambda text: tokens_of([before(text)], count) <= limit)
    return summary


def _batches(turns: Sequence[Message], room: int, count: Count) -> Iterator[list[str]]:
    """Yield the turns as lines of JSON, as many at a time as fit."""
    lines: list[str] = []
    for turn in turns:
        line = _line(turn, room, count)
        if lines and count("\n".join([*lines, line])) > room:
            yield lines
            lines = []
        lines.append(line)
    if lines:
        yield lines


def _line(turn: Message, room: int, count: Count) -> str:
    def line(text: str) -> str:
        return quoted({"role": turn.role, "text": text})

    return line(shortened(turn.content, lambda text: count(line(text)) <= room))
