"""What the reader can find: every code, and how a finding becomes an error or a repair."""

from __future__ import annotations

from collections.abc import Mapping

from forethought.kernel.problems import Place, Problem, Severity

from .source import Source

__all__ = ["CODES", "MAX_NOTICES", "MAX_PROBLEMS", "Report", "Stop"]

MAX_PROBLEMS = 100
"""After this many errors nothing more is looked for."""

MAX_NOTICES = 1000
"""After this many notices neither."""

CODES: Mapping[str, str] = {
    "bad-max": "the `max` of a loop is not a whole number from 1 to 10,000",
    "bad-name": "a variable is named by something that is no ASCII identifier, or by nothing",
    "braces-in-test": "a test stands in `{{ }}`",
    "dashes-in-comment": "a comment holds `--`",
    "doctype": "a DOCTYPE or another `<!` declaration",
    "document-too-large": "the document is over the size limit",
    "dollar-in-name": "a reference stands where a name is wanted, or in a test",
    "duplicate-argument": "an argument is given twice; names ignore case",
    "duplicate-attribute": "an attribute is given twice",
    "duplicate-input": "two inputs have one name; names ignore case",
    "empty-block": "an `<if>`, `<else>`, `<foreach>` or `<while>` has no step in it",
    "forbidden-character": "a control character, a lone surrogate, or a reference to one",
    "line-end-in-attribute": "a raw line end or tab in an attribute, which is a space in XML (always a notice)",
    "malformed-tag": "something in a tag is no attribute",
    "markup-in-value": "an element or a comment inside an `<arg>` or `<input>`",
    "misplaced-else": "an `<else>` that does not stand directly after an `<if>`, or a second one",
    "missing-attribute": "an `<arg>` or `<input>` has no name, or a block lacks what it must say",
    "missing-dollar": "a reply has the list of a `<foreach>` without its dollar (always a notice)",
    "missing-plan-element": "a reply has steps and no `<plan>` around them (always a notice)",
    "missing-quotes": "an attribute's value has no quotes",
    "misspelt-attribute": "an attribute of a reply is written another way (always a notice)",
    "misspelt-element": "an element of a reply is written another way (always a notice)",
    "misspelt-operator": "an operator in a test of a reply is written another way (always a notice)",
    "namespace": "an `xmlns` or a prefix",
    "nested-plan": "a plan inside a plan",
    "no-function-name": "`function.` with nothing after the dot",
    "no-plan": "the text has no plan, or something else outermost",
    "plan-in-thinking": "the only plan of a reply stands in its thinking (always a notice)",
    "processing-instruction": "a `<?...?>` other than the XML declaration at the start",
    "second-plan": "a second element after the plan",
    "several-plans": "a reply has several plans, and the last is taken (always a notice)",
    "stray-ampersand": "a `&` that begins no entity",
    "stray-cdata-end": "a `]]>` in text",
    "stray-end-tag": "an end tag that closes nothing",
    "stray-less-than": "a `<` in a value, or one that begins no element",
    "stray-quote": "a reply has quotes inside a quoted value (always a notice)",
    "stray-text": "text between steps, inside a function or a block, or outside the plan",
    "too-deep": "elements stand in each other too deep",
    "too-many-problems": "the limit of problems is reached",
    "too-many-steps": "the plan is over the limit of steps",
    "unclosed-cdata": "a CDATA section has no end",
    "unclosed-comment": "a comment has no end",
    "unclosed-element": "an element has no end tag",
    "unclosed-tag": "a tag has no `>`",
    "unclosed-value": "a quoted value has no closing quote",
    "unknown-attribute": "an attribute that the element does not have",
    "unknown-element": "an element that the language does not have there",
    "unknown-entity": "an entity that is not one of the five",
    "unknown-type": "an input of a type that JSON Schema does not have",
    "wrong-encoding": "bytes that are not the encoding they are declared or marked as",
}
"""Every code the reader gives, and what it means."""


class Stop(Exception):  # noqa: N818 - not an error of its own: what it stands for has been reported
    """Reading on makes no sense."""


class Report:
    """What is found while reading: an error, or in a model's reply, where there is a repair, a notice of it."""

    __slots__ = ("errors", "lenient", "notices", "problems", "source")

    def __init__(self, source: Source, *, lenient: bool) -> None:
        self.source = source
        self.lenient = lenient
        self.problems: list[Problem] = []
        self.errors = 0
        self.notices = 0

    def add(self, code: str, message: str, at: int, length: int = 1, *, hint: str = "", repair: str = "") -> bool:
        """Add a problem and say whether it is repaired: `repair` tells what is done about it in a reply."""
        place = self.source.place(at, length)
        if repair and self.lenient:
            self.note(code, f"{message}; {repair}", at, length)
            return True
        self.problems.append(Problem(code=code, message=_shown(message), place=place, hint=hint or None))
        self.errors += 1
        if self.errors == MAX_PROBLEMS:
            raise self._too_many(place)
        return False

    def note(self, code: str, message: str, at: int, length: int = 1, *, hint: str = "") -> None:
        """Add a notice: nothing is wrong enough to stop, unless there is no end of them."""
        self.notices += 1
        place = self.source.place(at, length)
        if self.notices > MAX_NOTICES:
            raise self._too_many(place)
        self.problems.append(
            Problem(code=code, message=_shown(message), severity=Severity.NOTICE, place=place, hint=hint or None)
        )

    def _too_many(self, place: Place) -> Stop:
        message = "there are too many problems; nothing is read from here on"
        self.problems.append(Problem(code="too-many-problems", message=message, place=place))
        self.errors += 1
        return Stop()

    def stop(self, code: str, message: str, at: int, length: int = 1, *, hint: str = "") -> Stop:
        """Add an error after which reading on makes no sense; the caller raises what this returns."""
        self.add(code, message, at, length, hint=hint)
        return Stop()


def _shown(message: str) -> str:
    """What a message quotes may be anything: a terminal sees only what can be printed, on one line."""
    if message.isprintable():
        return message
    return "".join(
        each if each.isprintable() else " " if each.isspace() else "\N{REPLACEMENT CHARACTER}" for each in message
    )
