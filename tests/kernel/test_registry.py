"""SkillRegistry: every way to write a function's name leads to one function, or to a sentence that says why not."""

from __future__ import annotations

import pytest

from forethought.kernel.errors import AmbiguousFunctionError, UnknownFunctionError
from forethought.kernel.functions import FunctionSignature
from forethought.kernel.registry import SkillRegistry

NICK = FunctionSignature(plugin="Names", name="getNickName")
SEND = FunctionSignature(plugin="Emailer", name="sendEmail")
DASHED = FunctionSignature(plugin="Web", name="get-page")
SPLIT = (FunctionSignature(plugin="X-Y", name="Z"), FunctionSignature(plugin="X", name="Y-Z"))
SAME = (FunctionSignature(plugin="A", name="trim"), FunctionSignature(plugin="B", name="trim"))
SKILLS = SkillRegistry([NICK, SEND, DASHED, *SAME, *SPLIT])


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Names.getNickName", NICK),
        ("names.GETNICKNAME", NICK),
        ("Names-getNickName", NICK),
        ("getNickName", NICK),
        ("Web.get-page", DASHED),
        ("Web-get-page", DASHED),
        ("get-page", DASHED),
        ("B.trim", SAME[1]),
        ("X-Y-Z", SPLIT[1]),
        ("X-Y.Z", SPLIT[0]),
    ],
)
def test_a_function_is_found_however_it_is_written(written: str, found: FunctionSignature) -> None:
    assert SKILLS.find(written) is found


def test_an_unknown_name_brings_the_nearest_ones() -> None:
    with pytest.raises(UnknownFunctionError) as caught:
        SKILLS.find("Names.getNickname2")
    assert str(caught.value) == "there is no function 'Names.getNickname2'; did you mean 'Names.getNickName'?"
    with pytest.raises(UnknownFunctionError) as caught:
        SKILLS.find("Mailer.sendMail")
    assert caught.value.suggestions == ("Emailer.sendEmail",)
    with pytest.raises(UnknownFunctionError) as caught:
        SKILLS.find("Xyz.qqq")
    assert str(caught.value) == "there is no function 'Xyz.qqq'"


def test_a_function_of_the_right_plugin_and_another_name_is_not_suggested() -> None:
    registry = SkillRegistry([FunctionSignature(plugin="StringFunctions", name="upper")])
    assert registry.suggest("StringFunctions.nope") == ()
    assert registry.suggest("StringFunction.uper") == registry.suggest("uper") == ("StringFunctions.upper",)


def test_a_bare_name_of_several_plugins_is_ambiguous() -> None:
    with pytest.raises(AmbiguousFunctionError) as caught:
        SKILLS.find("trim")
    assert str(caught.value) == "'trim' is a function of several plugins: A.trim, B.trim"


def test_two_functions_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match=r"two functions are named 'NAMES\.getnickname'"):
        SkillRegistry([NICK, FunctionSignature(plugin="NAMES", name="getnickname")])


def test_adding_gives_a_new_registry_and_replaces_by_name() -> None:
    better = FunctionSignature(plugin="Names", name="getNickName", description="better")
    changed = SKILLS.with_functions([better, FunctionSignature(plugin="C", name="new")])
    assert SKILLS.find("getNickName") is NICK
    assert changed.find("getNickName") is better
    assert next(iter(changed)).full_name == "Names.getNickName"
    assert len(changed) == len(SKILLS) + 1


def test_the_digest_does_not_depend_on_order() -> None:
    assert SkillRegistry([NICK, SEND]).digest() == SkillRegistry([SEND, NICK]).digest()
    assert SkillRegistry([NICK]).digest() != SkillRegistry([SEND]).digest()


def test_suggestions_can_be_left_out() -> None:
    registry = SkillRegistry([FunctionSignature(plugin="Text", name="upper")])
    with pytest.raises(UnknownFunctionError) as caught:
        registry.find("Text.uper", suggest=False)
    assert caught.value.suggestions == ()
