"""Small changes to a text."""

from __future__ import annotations

from typing import Annotated

from forethought.kernel import skill

Text = Annotated[str, "the text"]


@skill(name="stringReplace", effect="pure", quick=True)
def string_replace(
    input: Text,
    from_: Annotated[str, "what to replace"],
    to: Annotated[str, "what to put in its place"],
) -> str:
    """Replace every occurrence of one text within another."""
    if not from_:
        raise ValueError("'from' is empty: there is nothing to replace")
    return input.replace(from_, to)


@skill(effect="pure", quick=True)
def upper(input: Text) -> str:
    """Write a text in upper case."""
    return input.upper()


@skill(effect="pure", quick=True)
def lower(input: Text) -> str:
    """Write a text in lower case."""
    return input.lower()


@skill(effect="pure", quick=True)
def trim(input: Text) -> str:
    """Remove the blanks at both ends of a text."""
    return input.strip()


@skill(effect="pure", quick=True)
def substring(
    input: Text,
    start: Annotated[int, "the first character, counted from 0; a negative number counts from the end"],
    length: Annotated[int | None, "how many characters; all that follow where it is left out"] = None,
) -> str:
    """Cut a part out of a text."""
    if length is not None and length < 0:
        raise ValueError(f"'length' is {length}: it cannot be negative")
    rest = input[start:]
    return rest if length is None else rest[:length]
