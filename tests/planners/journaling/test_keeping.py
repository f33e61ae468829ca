"""Keeping: what comes back is what was there, or is known not to be; secrets are not kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import JournalError, PlanError, SettingsError
from forethought.kernel.redacting import Redaction, is_secret_name
from forethought.kernel.values import ANY, ValueType
from forethought.planners import Journal, parse, resume, run
from forethought.planners.journaling.keeping import Keeping, bring_back, is_plain

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


def kept_and_back(value: object, expected: ValueType = ANY, large: int = 4096) -> tuple[object, bool]:
    blobs: dict[str, str] = {}
    keeping = Keeping(lambda digest, text: blobs.__setitem__(digest.hex(), text), lambda text: text)
    kept = json.loads(keeping.keep(value))
    return bring_back(kept, lambda digest: json.loads(blobs[digest]), expected)


@given(PLAIN)
def test_what_comes_back_whole_is_equal_and_of_the_same_types(value: object) -> None:
    back, whole = kept_and_back(value)
    assert whole is is_plain(value)
    if whole:
        assert repr(back) == repr(value)


def test_a_large_text_is_kept_by_its_digest() -> None:
    text = "lorem ipsum " * 1000
    assert kept_and_back(text) == (text, True)
    assert kept_and_back({"blob": "0" * 64, "value": text}) == ({"blob": "0" * 64, "value": text}, True)


def test_a_value_of_another_type_comes_back_where_its_type_is_known() -> None:
    assert kept_and_back(date(2026, 11, 22), ValueType("date")) == (date(2026, 11, 22), True)
    assert kept_and_back(date(2026, 11, 22)) == ("2026-11-22", False)
    assert kept_and_back(("a", 1)) == (["a", 1], False)
    held: list[object] = []
    held.append(held)
    assert kept_and_back(held)[1] is False


@pytest.mark.parametrize(
    "secret",
    [
        "sk-abcdefghijklmnopqrstuvwxyz012345",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "AKIAIOSFODNN7EXAMPLE",
        "xoxb-123456789012-abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
        "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_secret_is_hidden_wherever_it_stands(secret: str) -> None:
    shown = Redaction().hide(json.dumps({"note": f"use {secret} for it"}))
    assert json.loads(shown) == {"note": "use [redacted] for it"}


def test_the_rest_of_an_address_stays() -> None:
    shown = Redaction().hide(json.dumps("postgres://ada:hunter2@db.example.org/x and https://example.org/a@b"))
    assert json.loads(shown) == "postgres://[redacted]@db.example.org/x and https://example.org/a@b"


def test_members_are_hidden_by_their_names() -> None:
    shown = Redaction().hide('{"smtp_password":"a \\"b\\"","token":"page-2","api_key":"k","user":"ada"}')
    assert json.loads(shown) == {
        "smtp_password": "[redacted]",
        "token": "page-2",
        "api_key": "[redacted]",
        "user": "ada",
    }


def test_members_are_hidden_in_json_that_is_a_text_and_in_addresses() -> None:
    inner = json.dumps({"access_token": "abc", "user": "ada"})
    shown = json.loads(Redaction().hide(json.dumps({"body": inner, "at": "https://x.org/?q=1&api_key=abc&n=2"})))
    assert shown == {
        "body": '{"access_token": "[redacted]", "user": "ada"}',
        "at": "https://x.org/?q=1&api_key=[redacted]&n=2",
    }
    assert Redaction().text(inner) == shown["body"]


def test_what_was_learned_is_hidden_in_all_its_forms_and_a_short_text_where_it_stands_alone() -> None:
    redaction = Redaction()
    redaction.learn({"pin": "1234", "key": "first line of the key\nsecond line of the key"})
    redaction.learn(SecretStr("lion rampant"))
    assert redaction.text("1234") == "[redacted]"
    assert redaction.text("in 1234 days") == "in 1234 days"
    assert redaction.value({"a": ["1234", 5, "a lion rampant"]}) == {"a": ["[redacted]", 5, "a [redacted]"]}
    assert redaction.text("  | second line of the key") == "  | [redacted]"
    assert json.loads(redaction.hide(json.dumps("1234"))) == "[redacted]"


@pytest.mark.parametrize("name", ["password", "API_KEY", "smtp_password", "access_token", "client-secret"])
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["token", "next_page_token", "key", "passage", "secretary"])
def test_names_that_only_read_like_one(name: str) -> None:
    assert not is_secret_name(name)


def test_a_pattern_of_ones_own_is_hidden_too_and_must_be_one() -> None:
    assert json.loads(Redaction(["K-\\d+"]).hide('"K-123 and K"')) == "[redacted] and K"
    with pytest.raises(SettingsError, match="is no regular expression"):
        Redaction(["("])


async def test_what_a_secret_parameter_is_given_is_nowhere_in_the_file(
    journal: Journal, kept: Callable[[], bytes]
) -> None:
    @skill(effect="pure")
    async def sign(text: str, stamp: SecretStr) -> str:
        """Sign a text."""
        return f"{text}, signed with {stamp.get_secret_value()}"

    sign.__annotations__["stamp"] = SecretStr
    kernel = Kernel()
    kernel.add_functions(sign, "Pen")
    plan = parse('<plan><input name="MARK"/><function.Pen.sign text="hello" stamp="$MARK"/></plan>')
    result = await run(plan, kernel, inputs={"MARK": "lion rampant"}, journal=journal)
    assert result.value == "hello, signed with lion rampant"
    journal.close()
    assert b"lion rampant" not in kept()


async def test_what_a_step_gives_to_a_secret_parameter_is_nowhere_in_the_file_and_is_fetched_again(
    journal: Journal,
    kept: Callable[[], bytes],
) -> None:
    down = True

    @skill(effect="reads:vault")
    async def take() -> str:
        """Take the key out of the vault."""
        return "lion rampant"

    @skill(effect="writes:door")
    async def open_door(password: str) -> str:
        """Open the door."""
        if down:
            raise SettingsError("not now")
        return f"opened with {password}"

    kernel = Kernel()
    kernel.add_functions(take, "Vault")
    kernel.add_functions(open_door, "House")
    plan = parse('<plan><function.Vault.take setContextVariable="K"/><function.House.open_door password="$K"/></plan>')
    assert (await run(plan, kernel, journal=journal)).status == "failed"
    down = False
    assert (await resume("last", kernel, journal=journal)).value == "opened with lion rampant"
    journal.close()
    assert b"lion rampant" not in kept()


async def test_a_plan_with_a_secret_in_its_text_is_asked_for_again(journal: Journal, kept: Callable[[], bytes]) -> None:
    down = True

    @skill(effect="pure")
    async def sign(text: str, password: str) -> str:
        """Sign a text."""
        if down:
            raise SettingsError("not now")
        return f"{text}, signed with {password}"

    kernel = Kernel()
    kernel.add_functions(sign, "Pen")
    plan = parse('<plan><function.Pen.sign text="hello" password="lion rampant"/></plan>')
    await run(plan, kernel, journal=journal)
    down = False
    with pytest.raises(JournalError, match="has secrets in its text, which are not kept"):
        await resume("last", kernel, journal=journal)
    assert (await resume("last", kernel, journal=journal, plan=plan)).value == "hello, signed with lion rampant"
    journal.close()
    assert b"lion rampant" not in kept()


async def test_a_secret_is_nowhere_in_the_file_and_is_asked_for_again(
    journal: Journal, kept: Callable[[], bytes]
) -> None:
    seen: list[tuple[str, str]] = []

    @skill(effect="writes:mail")
    async def send(to: str, password: str) -> str:
        """Send something."""
        seen.append((to, password))
        if len(seen) == 1:
            raise ConnectionRefusedError(f"wrong: {password}")
        return f"sent with {password}"

    kernel = Kernel()
    kernel.add_functions(send, "Mail")
    plan = parse(
        '<plan><input name="PASSWORD"/><function.Mail.send to="Ada" password="$PASSWORD" appendToResult="R"/></plan>'
    )
    await run(plan, kernel, inputs={"PASSWORD": "correct horse"}, journal=journal)
    with pytest.raises(PlanError, match="the journal does not have the value of 'PASSWORD'"):
        await resume("last", kernel, journal=journal)
    result = await resume("last", kernel, journal=journal, inputs={"PASSWORD": "battery staple"})
    assert result.value == "sent with battery staple"
    journal.close()
    assert seen == [("Ada", "correct horse"), ("Ada", "battery staple")]
    found = kept()
    assert b"correct horse" not in found
    assert b"battery staple" not in found
