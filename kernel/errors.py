"""Every error a user of forethought can meet.

    ForethoughtError
    ├── CoercionError            a value does not fit a type
    ├── PathError                a value has no such field or item
    ├── LookupFailure            a name in the registry
    │   ├── UnknownFunctionError
    │   └── AmbiguousFunctionError
    ├── PackError                a pack or one of its files cannot be read at all
    ├── ModelError               a model could not answer
    │   ├── ModelNotConfiguredError
    │   └── NoModelAnsweredError
    ├── NotEnoughInformationError  a model says that it cannot know what it is asked for
    ├── FunctionError            a function of a pack failed while it ran
    │   ├── RecipeError          a step of a plan that is a function did
    │   └── StoppedError         it did not come to an end by itself: nobody knows what it has done
    ├── ServerError              a server that functions come from does not answer
    ├── SettingsError            a setting is missing or makes no sense
    ├── EmbedderError            an embedder could not make vectors of texts
    ├── MemoryStoreError         a store of semantic memory cannot be used, or not any more
    │   └── EmbedderMismatchError  its vectors were made by another embedder
    ├── JournalError             a journal of runs cannot be used, or has not what is asked for
    ├── EngineError              what carries runs to workers cannot be used
    ├── DocumentError            a file has no text that can be read
    ├── TemplateError            a prompt template cannot be read or rendered
    ├── ConditionError           a test in a plan cannot be worked out
    └── PlanError                a plan has problems (of its text, or against the registry)
        └── PlanningError        no valid plan could be made for a goal

Constructors take fields; `str(error)` is the sentence a user reads.
"""

from __future__ import annotations

from collections.abc import Sequence

from .problems import Problem

__all__ = [
    "AmbiguousFunctionError",
    "CoercionError",
    "DocumentError",
    "EmbedderError",
    "EmbedderMismatchError",
    "EngineError",
    "ForethoughtError",
    "FunctionError",
    "JournalError",
    "LookupFailure",
    "MemoryStoreError",
    "ModelError",
    "ModelNotConfiguredError",
    "NoModelAnsweredError",
    "NotEnoughInformationError",
    "PackError",
    "PathError",
    "PlanError",
    "PlanningError",
    "RecipeError",
    "ServerError",
    "SettingsError",
    "StoppedError",
    "TemplateError",
    "UnknownFunctionError",
]


class ForethoughtError(Exception):
    """The root: whatever we raise on purpose is one of these."""


class CoercionError(ForethoughtError):
    """A value does not fit a type."""

    def __init__(self, value: object, expected: str, reason: str = "") -> None:
        super().__init__(value, expected, reason)
        self.value = value
        self.expected = expected
        self.reason = reason

    def __str__(self) -> str:
        shown = self.value if isinstance(self.value, str) else _shown(self.value)
        shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
        because = f": {self.reason}" if self.reason else ""
        article = "an" if self.expected[:1] in "aeiou" else "a"
        return f"'{shown}' is not {article} {self.expected}{because}"


def _shown(value: object) -> str:
    try:
        return repr(value)
    except Exception:  # the value is foreign, and may refuse to be shown
        return f"a {type(value).__name__}"


class PathError(ForethoughtError):
    """A value has no such field or item."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"cannot follow '{self.path}': {self.reason}"


class LookupFailure(ForethoughtError):  # noqa: N818 - a branch of the tree, never raised itself
    """A name does not lead to exactly one function."""


class UnknownFunctionError(LookupFailure):
    """No function has this name; `suggestions` are the nearest names, best first."""

    def __init__(self, name: str, suggestions: Sequence[str] = ()) -> None:
        super().__init__(name, tuple(suggestions))
        self.name = name
        self.suggestions = tuple(suggestions)

    def __str__(self) -> str:
        meant = f"; did you mean '{self.suggestions[0]}'?" if self.suggestions else ""
        return f"there is no function '{self.name}'{meant}"


class AmbiguousFunctionError(LookupFailure):
    """Several plugins have a function of this name; `candidates` are their full names."""

    def __init__(self, name: str, candidates: Sequence[str]) -> None:
        super().__init__(name, tuple(candidates))
        self.name = name
        self.candidates = tuple(candidates)

    def __str__(self) -> str:
        return f"'{self.name}' is a function of several plugins: {', '.join(self.candidates)}"


class PackError(ForethoughtError):
    """A pack, or one of its functions, cannot be read or loaded."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class ModelError(ForethoughtError):
    """A model could not answer; `hint` says what to try, `another_may` whether another model could answer the same."""

    def __init__(self, spec: str, reason: str, hint: str = "", *, another_may: bool = False) -> None:
        super().__init__(spec, reason, hint)
        self.spec = spec
        self.reason = reason
        self.hint = hint
        self.another_may = another_may

    def __str__(self) -> str:
        return f"model {self.spec}: {self.reason}" + (f" ({self.hint})" if self.hint else "")


class ModelNotConfiguredError(ModelError):
    """Something needs a model and none is configured; the sentence names the three ways to get one."""

    def __init__(self, wanted_by: str) -> None:
        super().__init__("", f"{wanted_by} needs a model, and none is configured")
        self.wanted_by = wanted_by

    def __str__(self) -> str:
        return (
            f"{self.wanted_by} needs a model, and none is configured. Three ways to get one: "
            "(1) a hosted model: set its key (such as OPENAI_API_KEY) and pass --model openai:NAME; "
            "(2) a server of your own: --model ollama:NAME or --model http://HOST:PORT/v1#NAME; "
            "(3) in this process: pip install 'forethought[local]' and --model local:PATH.gguf. "
            "FORETHOUGHT_MODEL or `model` in forethought.toml keeps it; `forethought doctor` lists what is found."
        )


class NoModelAnsweredError(ModelError):
    """None of several models answered; `failures` say why, in the order in which they were asked."""

    def __init__(self, failures: Sequence[ModelError]) -> None:
        super().__init__(", ".join(each.spec for each in failures), "; ".join(map(str, failures)))
        self.failures = tuple(failures)

    def __str__(self) -> str:
        return f"no model answered: {self.reason}"


class NotEnoughInformationError(ForethoughtError):
    """A model says that what it was given is not enough for what it is asked for; `missing` is what is not there."""

    def __init__(self, missing: str) -> None:
        super().__init__(missing)
        self.missing = missing

    def __str__(self) -> str:
        return f"there is not enough information: {self.missing}"


class FunctionError(ForethoughtError):
    """A function of a pack failed while it ran; `__cause__` is what it raised.

    `lasting` where it is known that it would fail of the same again, and `__cause__` does not say so.
    """

    def __init__(self, function: str, reason: str, *, lasting: bool = False) -> None:
        super().__init__(function, reason)
        self.function = function
        self.reason = reason
        self.lasting = lasting

    def __str__(self) -> str:
        return f"{self.function} failed: {self.reason}"


class RecipeError(FunctionError):
    """A step of a plan that is a function failed, after its own retries."""


class StoppedError(FunctionError):
    """A function did not come to an end by itself: it took too long, or was lost. Nobody knows what it has done."""


class ServerError(ForethoughtError):
    """A server that functions come from does not answer; `said` is the last line it wrote on standard error."""

    def __init__(self, server: str, reason: str, said: str = "") -> None:
        super().__init__(server, reason, said)
        self.server = server
        self.reason = reason
        self.said = said

    def __str__(self) -> str:
        said = f"; it said: {self.said}" if self.said else ""
        return f"the server '{self.server}': {self.reason}{said}"


class SettingsError(ForethoughtError):
    """A setting is missing or makes no sense; the sentence says where to set it."""


class EmbedderError(ForethoughtError):
    """An embedder could not make vectors of texts; `hint` says what to try."""

    def __init__(self, spec: str, reason: str, hint: str = "") -> None:
        super().__init__(spec, reason, hint)
        self.spec = spec
        self.reason = reason
        self.hint = hint

    def __str__(self) -> str:
        return f"embedder {self.spec}: {self.reason}" + (f" ({self.hint})" if self.hint else "")


class MemoryStoreError(ForethoughtError):
    """A store of semantic memory cannot be used, or not any more; what it held before is untouched."""

    def __init__(self, place: str, reason: str, hint: str = "") -> None:
        super().__init__(place, reason, hint)
        self.place = place
        self.reason = reason
        self.hint = hint

    def __str__(self) -> str:
        return f"memory {self.place}: {self.reason}" + (f" ({self.hint})" if self.hint else "")


class EmbedderMismatchError(MemoryStoreError):
    """The vectors of a store were made by the embedder `stored`, and cannot be compared with those of `wanted`."""

    def __init__(self, place: str, stored: str, wanted: str) -> None:
        super().__init__(
            place,
            f"its texts were embedded by '{stored}', not by '{wanted}'",
            f"`forethought memory reindex` embeds them anew with '{wanted}'; or keep '{stored}': "
            "FORETHOUGHT_MEMORY_EMBEDDER, or `embedder` in [memory] of forethought.toml",
        )
        self.stored = stored
        self.wanted = wanted


class JournalError(ForethoughtError):
    """A journal of runs cannot be used, or has not what is asked for."""

    def __init__(self, place: str, reason: str, hint: str = "") -> None:
        super().__init__(place, reason, hint)
        self.place = place
        self.reason = reason
        self.hint = hint

    def __str__(self) -> str:
        return f"the journal {self.place}: {self.reason}" + (f" ({self.hint})" if self.hint else "")


class EngineError(ForethoughtError):
    """What carries runs to workers cannot be used; `hint` says what to try, `gone` whether it may be back by itself."""

    def __init__(self, place: str, reason: str, hint: str = "", *, gone: bool = False) -> None:
        super().__init__(place, reason, hint)
        self.place = place
        self.reason = reason
        self.hint = hint
        self.gone = gone

    def __str__(self) -> str:
        return f"the workers of {self.place}: {self.reason}" + (f" ({self.hint})" if self.hint else "")


class DocumentError(ForethoughtError):
    """A document cannot be read as text."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(source, reason)
        self.source = source
        self.reason = reason

    def __str__(self) -> str:
        return f"'{self.source}': {self.reason}"


class TemplateError(ForethoughtError, ValueError):
    """A prompt template cannot be read or rendered; `line` counts from 1, None where no line is to blame."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason, line)
        self.reason = reason
        self.line = line

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}" if self.line else self.reason


class ConditionError(ForethoughtError):
    """A test in a plan cannot be worked out for the values of its variables; `hint` is the way out."""

    def __init__(self, test: str, reason: str, hint: str = "") -> None:
        super().__init__(test, reason, hint)
        self.test = test
        self.reason = reason
        self.hint = hint

    def __str__(self) -> str:
        shown = self.test if len(self.test) <= 60 else f"{self.test[:57]}..."
        return f"the test '{shown}' cannot be worked out: {self.reason}" + (f" ({self.hint})" if self.hint else "")


class PlanError(ForethoughtError):
    """A plan has problems: all of them, in document order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(tuple(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems)) or "the plan has problems"


class PlanningError(PlanError):
    """No valid plan could be made for a goal; `reason` says why in one sentence."""

    def __init__(self, goal: str, reason: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(problems)
        self.goal = goal
        self.reason = reason

    def __str__(self) -> str:
        listed = "".join(f"\n  {problem}" for problem in self.problems)
        return f"no plan for '{self.goal}': {self.reason}{listed}"
