"""Text as people reach for it: ends, case, parts, sizes."""

from __future__ import annotations

from typing import Annotated

from forethought.kernel import skill

Text = Annotated[str, "the text"]


@skill(effect="pure", quick=True)
def trim(input: Text) -> str:
    """Remove the blanks at both ends of a text."""
    return input.strip()


@skill(name="trimStart", effect="pure", quick=True)
def trim_start(input: Text) -> str:
    """Remove the blanks at the start of a text."""
    return input.lstrip()


@skill(name="trimEnd", effect="pure", quick=True)
def trim_end(input: Text) -> str:
    """Remove the blanks at the end of a text."""
    return input.rstrip()


@skill(effect="pure", quick=True)
def uppercase(input: Text) -> str:
    """Write a text in upper case."""
    return input.upper()


@skill(effect="pure", quick=True)
def lowercase(input: Text) -> str:
    """Write a text in lower case."""
    return input.lower()


@skill(effect="pure", quick=True)
def concat(
    input: Annotated[str, "the first text"],
    input2: Annotated[str, "the second text"],
    separator: Annotated[str, "what stands between them"] = "",
) -> str:
    """Put two texts together."""
    return f"{input}{separator}{input2}"


@skill(effect="pure", quick=True)
def length(input: Text) -> Annotated[int, "how many characters it has"]:
    """Count the characters of a text."""
    return len(input)


@skill(name="countWords", effect="pure", quick=True)
def count_words(input: Text) -> Annotated[int, "how many words it has"]:
    """Count the words of a text."""
    return len(input.split())


@skill(effect="pure", quick=True)
def contains(input: Text, part: Annotated[str, "what to look for"]) -> bool:
    """Tell whether a text contains another one; upper and lower case differ."""
    return part in input


@skill(effect="pure", quick=True)
def lines(input: Text) -> Annotated[list[str], "the lines that are not blank, without blanks at their ends"]:
    """Divide a text into its lines."""
    return [line.strip() for line in input.splitlines() if line.strip()]


@skill(effect="pure", quick=True)
def split(input: Text, separator: Annotated[str, "what stands between the parts"] = ",") -> list[str]:
    """Divide a text into parts, without the blanks at their ends."""
    if not separator:
        raise ValueError("'separator' is empty: there is nothing to divide at")
    return [part.strip() for part in input.split(separator)]


@skill(effect="pure", quick=True)
def join(
    input: Annotated[list[str], "the texts"],
    separator: Annotated[str, "what to put between them"] = "\n",
) -> str:
    """Join a list of texts into one."""
    return separator.join(input)
