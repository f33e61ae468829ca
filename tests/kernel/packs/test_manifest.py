"""pack.yaml describes a pack and has the last word on its functions' effects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from forethought.kernel.functions import PURE, Effect, FunctionSignature
from forethought.kernel.packs.pack import Pack
from forethought.kernel.packs.reading import read_pack
from forethought.kernel.problems import Place, Severity

MakePack = Callable[[Mapping[str, str]], Path]

NATIVE = (
    "from forethought.kernel import skill\n"
    '@skill\ndef look(): "d"\n'
    '@skill(effect="writes", idempotent=True, quick=True)\ndef change(): "d"\n'
)


def signatures(pack: Pack) -> dict[str, FunctionSignature]:
    return {each.signature.name: each.signature for each in pack.functions}


def test_it_adds_description_version_and_effects(make_pack: MakePack) -> None:
    text = """\
description: 邮件
version: "1.10"
effects:
  Look: reads:mail
  change: {destructive: true}
"""
    pack = read_pack(make_pack({"pack.yaml": text, "f.py": NATIVE}))
    assert (pack.name, pack.description, pack.version, pack.problems) == ("Demo", "邮件", "1.10", ())
    look, change = signatures(pack)["look"], signatures(pack)["change"]
    assert look.effect == Effect(reads=frozenset({"mail"}))
    assert (look.destructive, look.open_world) == (False, False)
    assert change.effect == Effect(writes=frozenset({"demo"}))
    assert (change.destructive, change.idempotent, change.quick) == (True, True, True)


def test_an_effect_replaces_what_the_code_says(make_pack: MakePack) -> None:
    pack = read_pack(make_pack({"pack.yaml": "effects:\n  change: pure\n", "f.py": NATIVE}))
    change = signatures(pack)["change"]
    assert (change.effect, change.quick) == (PURE, True)


def test_what_it_says_wrongly_is_reported_with_its_place(make_pack: MakePack) -> None:
    text = """\
version: 1.10
colour: red
effects:
  lok: pure
  change: {effect: scribbles, loud: true}
"""
    pack = read_pack(make_pack({"pack.yaml": text, "f.py": NATIVE}))
    assert [(each.code, each.severity, each.message, each.place) for each in pack.problems] == [
        ("unknown-key", Severity.WARNING, "'colour' is not a key of pack.yaml", Place(2, 1, 6)),
        ("wrong-type", Severity.WARNING, "'version' must be a string, not 1.1", Place(1, 1, 7)),
        ("unknown-key", Severity.WARNING, "'loud' is not a hint", Place(5, 31, 4)),
        (
            "bad-effect",
            Severity.ERROR,
            "'scribbles' is not an effect: write pure, reads, writes, or reads:RESOURCE",
            Place(5, 12, 6),
        ),
        ("unknown-function", Severity.ERROR, "the pack has no function 'lok'", Place(4, 3, 3)),
    ]
    assert pack.problems[-1].hint == "did you mean 'look'?"
    assert str(signatures(pack)["change"].effect) == "writes:*"


def test_effects_that_are_no_mapping_are_an_error(make_pack: MakePack) -> None:
    pack = read_pack(make_pack({"pack.yaml": "effects: pure\n", "f.py": NATIVE}))
    assert [each.message for each in pack.problems] == ["'effects' must be a mapping"]
    assert len(pack.functions) == 2


def test_a_manifest_that_cannot_be_read_leaves_the_functions(make_pack: MakePack) -> None:
    pack = read_pack(make_pack({"pack.yaml": "- a\n- b\n", "f.py": NATIVE}))
    assert [(each.code, each.message) for each in pack.problems] == [("wrong-type", "it holds a list, not an object")]
    assert len(pack.functions) == 2


def test_a_plan_does_what_its_steps_do_whatever_the_manifest_says(make_pack: MakePack) -> None:
    pack = read_pack(make_pack({"pack.yaml": "effects:\n  Greet: pure\n", "plans/greet.xml": "<plan/>"}))
    assert [(each.code, each.message, each.place) for each in pack.problems] == [
        ("effect-of-recipe", "'Greet' is a plan, and does what its steps do", Place(2, 3, 5))
    ]
