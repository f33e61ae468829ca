"""Signatures and effects: what is known of a function before it runs."""

from __future__ import annotations

import dataclasses

import pytest

from forethought.kernel.functions import EVERYTHING, PURE, Effect, FunctionSignature, Parameter, Usage, skill
from forethought.kernel.values import STRING, ValueType

BARRIER = Effect(writes=frozenset({EVERYTHING}))


@pytest.mark.parametrize(
    ("written", "effect"),
    [
        ("pure", PURE),
        ("reads", Effect(reads=frozenset({"mail"}))),
        ("reads:Mail,MAIL", Effect(reads=frozenset({"mail"}))),
        ("writes:a,b", Effect(writes=frozenset({"a", "b"}))),
        ("reads:a writes", Effect(reads=frozenset({"a"}), writes=frozenset({"mail"}))),
        ("writes:*", BARRIER),
    ],
)
def test_an_effect_is_read_from_its_text(written: str, effect: Effect) -> None:
    assert Effect.parse(written, "Mail") == effect
    assert Effect.parse(str(effect), "Mail") == effect


@pytest.mark.parametrize("said", ["deletes:mail", "pure:mail", "", " "])
def test_what_is_not_an_effect_is_refused_in_words(said: str) -> None:
    with pytest.raises(ValueError, match=f"'{said}' is not an effect"):
        Effect.parse(said, "Mail")


@pytest.mark.parametrize(
    ("one", "other", "conflict"),
    [
        ("reads:a", "reads:a", False),
        ("reads:a", "writes:a", True),
        ("writes:a", "writes:a", True),
        ("writes:a", "writes:b", False),
        ("writes:*", "reads:a", True),
        ("writes:*", "pure", False),
        ("pure", "pure", False),
    ],
)
def test_order_matters_where_one_writes_what_the_other_touches(one: str, other: str, conflict: bool) -> None:
    first, second = Effect.parse(one, "P"), Effect.parse(other, "P")
    assert first.conflicts(second) is conflict
    assert second.conflicts(first) is conflict


def test_a_digest_changes_with_the_signature_and_not_with_its_file() -> None:
    signature = FunctionSignature(plugin="P", name="f", parameters=(Parameter("input", STRING),))
    assert signature.digest() == dataclasses.replace(signature, source="elsewhere.py").digest()
    assert signature.digest() != dataclasses.replace(signature, effect=PURE).digest()
    optional = dataclasses.replace(signature, parameters=(Parameter("input", STRING, required=False),))
    assert signature.digest() != optional.digest()


def test_a_parameter_is_found_whatever_its_case() -> None:
    signature = FunctionSignature(plugin="P", name="f", parameters=(Parameter("emailAddress", STRING),))
    assert signature.parameter("EMAILADDRESS") == Parameter("emailAddress", STRING)
    assert signature.parameter("email") is None


def test_a_signature_as_json_is_what_the_command_line_documents() -> None:
    signature = FunctionSignature(
        plugin="Names",
        name="nick",
        description="Nickname",
        parameters=(Parameter("input", STRING, description="who"), Parameter("n", ValueType("integer"), False, 1)),
        returns=STRING,
        effect=PURE,
        idempotent=True,
    )
    assert signature.as_json() == {
        "name": "Names.nick",
        "kind": "native",
        "description": "Nickname",
        "parameters": [
            {"name": "input", "type": "string", "required": True, "default": None, "description": "who"},
            {"name": "n", "type": "integer", "required": False, "default": 1, "description": ""},
        ],
        "returns": "string",
        "effect": "pure",
        "idempotent": True,
        "destructive": False,
        "open_world": False,
    }


def test_skill_marks_a_function_and_leaves_it_as_it_is() -> None:
    @skill
    def plain(input: str) -> str:
        return input

    @skill(name="other", effect="pure", quick=True)
    def named(input: str) -> str:
        return input

    assert plain("x") == named("x") == "x"
    assert getattr(plain, "__forethought_skill__").name is None  # noqa: B009 - no attribute of a function's type
    assert getattr(named, "__forethought_skill__").effect == "pure"  # noqa: B009


def test_usage_adds_up() -> None:
    assert Usage(1, 2, 1) + Usage(10, 20, 1) == Usage(11, 22, 2)
