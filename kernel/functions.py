"""Function signatures: what a planner, a checker and a scheduler know about a function, without running any of it."""

from __future__ import annotations

import hashlib
import json
import keyword
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar, overload

from .values import ANY, ValueType, jsonable

__all__ = [
    "EVERYTHING",
    "PURE",
    "Callee",
    "Effect",
    "FunctionSignature",
    "Output",
    "Parameter",
    "SkillMark",
    "Usage",
    "plan_name",
    "skill",
]

EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Effect:
    """Which resources a function reads and writes; neither is *pure*; writing EVERYTHING is a barrier.

    In text: `pure`, `reads`, `writes`, `reads:mail`, `writes:mail,contacts`, `reads:mail writes:log`. Without a
    resource the plugin's own name is the resource. Resources ignore case, and are held in lower case.
    """

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()

    @property
    def pure(self) -> bool:
        """True when nothing is read or written."""
        return not self.reads and not self.writes

    def conflicts(self, other: Effect) -> bool:
        """Say whether the order of two calls with these effects matters."""
        return (
            _overlap(self.writes, other.writes)
            or _overlap(self.writes, other.reads)
            or _overlap(self.reads, other.writes)
        )

    @classmethod
    def parse(cls, text: str, plugin: str) -> Effect:
        """Read the text form; raises ValueError with the sentence a user reads."""
        reads: set[str] = set()
        writes: set[str] = set()
        for word in text.split() or [text]:
            verb, _, named = word.partition(":")
            resources = {resource for resource in named.lower().split(",") if resource} or {plugin.lower()}
            match verb:
                case "pure" if not named:
                    continue
                case "reads":
                    reads |= resources
                case "writes":
                    writes |= resources
                case _:
                    raise ValueError(f"'{word}' is not an effect: write pure, reads, writes, or reads:RESOURCE")
        return cls(frozenset(reads), frozenset(writes))

    def __str__(self) -> str:
        parts = [
            f"{verb}:{','.join(sorted(of))}" for verb, of in (("reads", self.reads), ("writes", self.writes)) if of
        ]
        return " ".join(parts) or "pure"


def _overlap(one: frozenset[str], other: frozenset[str]) -> bool:
    if not one or not other:
        return False
    return EVERYTHING in one or EVERYTHING in other or not one.isdisjoint(other)


PURE = Effect()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; a `default` means something only where the parameter is not required.

    What is given to a `secret` one is never kept or shown: its type is pydantic's `SecretStr` or `SecretBytes`, or its
    JSON Schema says `format: password` or `writeOnly`.
    """

    name: str
    type: ValueType = ANY
    required: bool = True
    default: object = None
    description: str = ""
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSignature:
    """What is known of a function before it runs.

    `kind` is what stands behind it: a prompt, Python code, a tool of an MCP server, an operation of an API, an agent, a
    plan.
    `effect` and the hints `idempotent`, `destructive`, `open_world` (MCP's words) tell what a call does to the world;
    `quick` promises that a synchronous function returns at once and needs no thread. `definition` is the digest of what
    stands behind a function that is no code of ours: a tool's description, a plan's text. `source` is the file it was
    read from and takes no part in comparison.
    """

    plugin: str
    name: str
    kind: Literal["prompt", "native", "tool", "operation", "agent", "recipe"] = "native"
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    returns: ValueType = ANY
    returns_description: str = ""
    effect: Effect = Effect(writes=frozenset({EVERYTHING}))
    idempotent: bool = False
    destructive: bool = False
    open_world: bool = False
    quick: bool = False
    definition: str = ""
    source: str = field(default="", compare=False)

    @property
    def full_name(self) -> str:
        """`Plugin.Function`, the canonical spelling; a function without a plugin is just its name."""
        return f"{self.plugin}.{self.name}" if self.plugin else self.name

    @property
    def has_effects(self) -> bool:
        """True where somebody should agree to a call: it writes, destroys, or reaches an open world."""
        return bool(self.effect.writes) or self.destructive or self.open_world

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of this name, whatever its case."""
        folded = name.lower()
        return next((each for each in self.parameters if each.name.lower() == folded), None)

    def as_json(self) -> dict[str, object]:
        """Return the signature as JSON data, in the shape that `skills list --json` documents."""
        return {
            "name": self.full_name,
            "kind": self.kind,
            "description": self.description,
            "parameters": [
                {
                    "name": each.name,
                    "type": str(each.type),
                    "required": each.required,
                    "default": jsonable(each.default),
                    "description": each.description,
                }
                for each in self.parameters
            ],
            "returns": str(self.returns),
            "effect": str(self.effect),
            "idempotent": self.idempotent,
            "destructive": self.destructive,
            "open_world": self.open_world,
        }

    def digest(self) -> str:
        """Return the SHA-256 of the signature: what an approval of a plan is bound to."""
        defined = {"definition": self.definition} if self.definition else {}
        canonical = json.dumps({**self.as_json(), **defined}, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that models spent; sums with `+`."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    calls: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.calls + other.calls,
        )


@dataclass(frozen=True, slots=True)
class Output:
    """What a call gave back: the value itself, and what models spent on it."""

    value: object
    usage: Usage = Usage()


class Callee(Protocol):
    """A function made ready to run: verified when it is bound, so that calling it checks nothing but values.

    `arguments` are keyed by canonical parameter name; values are coerced to the parameters' types. Raises
    CoercionError for a value that does not fit, FunctionError (with its cause) for what the function raised.
    Cancellation passes through.
    """

    @property
    def signature(self) -> FunctionSignature: ...

    async def __call__(self, arguments: Mapping[str, object], /) -> Output: ...


def plan_name(parameter: str) -> str:
    """Return a Python parameter's name as plans write it: `from_` is `from`, a word that Python keeps for itself."""
    bare = parameter.removesuffix("_")
    return bare if keyword.iskeyword(bare) else parameter


F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class SkillMark:
    """What `@skill` leaves on a function; None means *not said*."""

    name: str | None
    description: str | None
    effect: str | None
    idempotent: bool | None
    destructive: bool | None
    open_world: bool | None
    quick: bool


@overload
def skill(function: F, /) -> F: ...
@overload
def skill(
    *,
    name: str | None = None,
    description: str | None = None,
    effect: str | None = None,
    idempotent: bool | None = None,
    destructive: bool | None = None,
    open_world: bool | None = None,
    quick: bool = False,
) -> Callable[[F], F]: ...
def skill(
    function: F | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    effect: str | None = None,
    idempotent: bool | None = None,
    destructive: bool | None = None,
    open_world: bool | None = None,
    quick: bool = False,
) -> F | Callable[[F], F]:
    """Mark a native function as part of a skill pack; the function itself stays as it is.

    `name` defaults to the function's own, `description` to the first paragraph of its docstring. `effect` is read by
    `Effect.parse`; without it the function counts as writing everything, so nothing overlaps with it. `idempotent`,
    `destructive` and `open_world` are MCP's hints. `quick` promises that a synchronous function never waits: it then
    runs on the event loop instead of in a worker thread. A parameter `from_` is `from` to a plan, as `plan_name` says.
    """
    mark = SkillMark(name, description, effect, idempotent, destructive, open_world, quick)

    def decorate(target: F) -> F:
        plain = getattr(target, "__func__", target)  # of a staticmethod or classmethod
        vars(plain)["__forethought_skill__"] = mark
        return target

    return decorate if function is None else decorate(function)
