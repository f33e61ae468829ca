"""Names, Emailer and EmailPlugin: people are looked up, and mail is really sent, to a server on loopback."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from forethought.kernel import Kernel
from forethought.kernel.errors import FunctionError

from .conftest import CONTACTS, Mailbox


def overwrite(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


@pytest.mark.usefixtures("contacts")
@pytest.mark.parametrize(
    ("name", "nickname"),
    [
        ("Steven Fisher", "Steve"),
        (" steven ", "Steve"),
        ("Steve", "Steve"),
        ("John Doe", "John Doe"),
        ("John", "John"),
        ("Nobody", "Nobody"),
        ("王小明", "小明"),
    ],
)
async def test_a_nickname_is_the_name_itself_where_none_is_known(kernel: Kernel, name: str, nickname: str) -> None:
    assert await kernel.invoke("Names.getNickName", input=name) == nickname


@pytest.mark.usefixtures("contacts")
@pytest.mark.parametrize("function", ["Emailer.getEmailAddress", "EmailPlugin.GetEmailAddress"])
async def test_an_address_is_looked_up_by_name_or_part_of_it(kernel: Kernel, function: str) -> None:
    assert await kernel.invoke(function, input="Steven") == "steven@example.org"
    assert await kernel.invoke(function, input="JOHN DOE") == "john.doe@example.org"
    assert await kernel.invoke(function, input="小明") == "xiaoming@example.org"


@pytest.mark.usefixtures("contacts")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("John", "'John' may be John Doe or John Smith: give the full name"),
        ("John Smith", "'John Smith' has no email address in the contacts"),
        ("Stephen Fisher", "did you mean 'Steven Fisher'?"),
        ("Nobody", "(there are Steven Fisher, John Doe, John Smith, 王小明)"),
    ],
)
async def test_an_address_that_is_not_known_is_no_address(kernel: Kernel, name: str, message: str) -> None:
    with pytest.raises(FunctionError) as caught:
        await kernel.invoke("Emailer.getEmailAddress", input=name)
    assert message in str(caught.value)


async def test_without_contacts_the_error_says_what_to_write(kernel: Kernel, home: Path) -> None:
    with pytest.raises(FunctionError) as caught:
        await kernel.invoke("Emailer.getEmailAddress", input="Steven")
    assert f"there is no contact 'Steven': write '{home / 'contacts.toml'}'" in str(caught.value)
    assert await kernel.invoke("Names.getNickName", input="Steven") == "Steven"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[Steven\n", "cannot be read: "),
        ('[Steven]\nmail = "x"\n', "'mail' of 'Steven' in "),
        ('Steven = "x"\n', "'Steven' of 'Steven' in "),
        ("[Steven]\nemail = 3\n", "'email' of 'Steven' in "),
    ],
)
async def test_contacts_that_cannot_be_read_say_where(kernel: Kernel, contacts: Path, text: str, message: str) -> None:
    overwrite(contacts, text)
    with pytest.raises(FunctionError) as caught:
        await kernel.invoke("Names.getNickName", input="Steven")
    assert message in str(caught.value)


async def test_the_contacts_are_a_setting(kernel: Kernel, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    overwrite(home / "people.toml", CONTACTS)
    assert await kernel.invoke("Names.getNickName", input="Steven") == "Steven"
    monkeypatch.setenv("FORETHOUGHT_CONTACTS_FILE", "people.toml")
    assert await kernel.invoke("Names.getNickName", input="Steven") == "Steve"
    monkeypatch.setenv("FORETHOUGHT_CONTACTS_FILE", "nowhere.toml")
    with pytest.raises(FunctionError, match="cannot be read: No such file or directory"):
        await kernel.invoke("Names.getNickName", input="Steven")


@pytest.mark.parametrize(
    ("function", "address", "text"),
    [("Emailer.sendEmail", "emailaddress", "message"), ("EmailPlugin.SendEmail", "email_address", "input")],
)
async def test_a_mail_arrives_as_it_was_written(
    kernel: Kernel, mailbox: Mailbox, function: str, address: str, text: str
) -> None:
    body = "亲爱的小明：\n\n你好 & <再见>\n.\nFrom me"
    arguments = {address: "xiaoming@example.org", text: body, "subject": "问候 <1>"}
    assert await kernel.invoke(function, **arguments) == "sent to xiaoming@example.org"
    [(sender, readers, mail)] = mailbox.mails
    assert (sender, readers) == ("me@example.org", ["xiaoming@example.org"])
    assert mail["Subject"] == "问候 <1>"
    assert (mail["From"], mail["To"]) == ("me@example.org", "xiaoming@example.org")
    assert mail.get_content() == f"{body}\n"
    assert mail["Date"]
    assert mail["Message-ID"].endswith("@example.org>")


async def test_long_lines_and_an_empty_subject_arrive_too(kernel: Kernel, mailbox: Mailbox) -> None:
    await kernel.invoke("Emailer.sendEmail", emailaddress="a@example.org", message="x" * 5_000)
    [(_, _, mail)] = mailbox.mails
    assert mail.get_content().splitlines() == ["x" * 5_000]
    assert mail["Subject"] == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"emailaddress": "a@b.org", "subject": "x\r\nBcc: evil@x.org"}, "the subject has more than one line"),
        ({"emailaddress": "a@b.org", "subject": "x\nBcc: evil@x.org"}, "the subject has more than one line"),
        ({"emailaddress": "a@b.org\r\nBcc: evil@x.org"}, "the address has more than one line"),
        ({"emailaddress": "a@b.org, evil@x.org"}, "is not one email address"),
        ({"emailaddress": "a@b.org evil@x.org"}, "is not one email address"),
        ({"emailaddress": "Hello, this is the text."}, "is not one email address"),
        ({"emailaddress": ""}, "'' is not one email address"),
        ({"emailaddress": "nobody"}, "'nobody' is not one email address"),
    ],
)
async def test_a_header_cannot_be_forged_and_a_reader_not_smuggled_in(
    kernel: Kernel, mailbox: Mailbox, arguments: dict[str, str], message: str
) -> None:
    with pytest.raises(FunctionError) as caught:
        await kernel.invoke("Emailer.sendEmail", message="hi", **arguments)
    assert message in str(caught.value)
    assert "no mail was sent" in str(caught.value)
    assert mailbox.mails == []


async def test_headers_in_a_text_stay_text(kernel: Kernel, mailbox: Mailbox) -> None:
    await kernel.invoke("Emailer.sendEmail", emailaddress="a@b.org", message="Bcc: evil@x.org\n\nhi")
    [(_, readers, mail)] = mailbox.mails
    assert readers == ["a@b.org"]
    assert mail["Bcc"] is None
    assert mail.get_content().splitlines() == ["Bcc: evil@x.org", "", "hi"]


async def test_without_settings_nothing_is_sent_and_the_error_says_what_to_set(
    kernel: Kernel, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FunctionError) as caught:
        await kernel.invoke("Emailer.sendEmail", emailaddress="a@b.org", message="hi")
    assert str(caught.value) == (
        "Emailer.sendEmail failed: no mail was sent: set FORETHOUGHT_EMAILER_HOST and FORETHOUGHT_EMAILER_FROM, "
        "or 'host' and 'from' in [emailer] of forethought.toml"
    )
    overwrite(home / "forethought.toml", '[emailer]\nhost = "127.0.0.1"\nuser = "me@x.org"\nsecurity = "ssl"\n')
    with pytest.raises(FunctionError, match=r"'security' in \[emailer\] must be starttls, tls or none, not 'ssl'"):
        await kernel.invoke("Emailer.sendEmail", emailaddress="a@b.org", message="hi")
    monkeypatch.setenv("FORETHOUGHT_EMAILER_SECURITY", "none")
    monkeypatch.setenv("FORETHOUGHT_EMAILER_PORT", "many")
    with pytest.raises(FunctionError, match=r"'port' in \[emailer\] must be a number, not 'many'"):
        await kernel.invoke("Emailer.sendEmail", emailaddress="a@b.org", message="hi")


async def test_a_password_is_not_sent_unencrypted(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"HOST": "mail.example.org", "SECURITY": "none", "USER": "me@example.org", "PASSWORD": "secret"}
    for name, value in settings.items():
        monkeypatch.setenv(f"FORETHOUGHT_EMAILER_{name}", value)
    with pytest.raises(FunctionError) as caught:
        await kernel.invoke("Emailer.sendEmail", emailaddress="a@b.org", message="hi")
    assert "a password would travel to 'mail.example.org' unencrypted" in str(caught.value)
    assert "secret" not in str(caught.value)


async def test_an_account_signs_in_with_its_password(
    kernel: Kernel, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Mailbox()

    def authenticate(_server: SMTP, _session: object, _envelope: object, _mechanism: str, data: object) -> AuthResult:
        right = data == LoginPassword(b"me@example.org", b"secret")
        return AuthResult(success=right, handled=False)

    def protocol() -> SMTP:
        return SMTP(box, authenticator=authenticate, auth_require_tls=False)

    async with await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0) as server:
        port = str(server.sockets[0].getsockname()[1])
        overwrite(home / "forethought.toml", f'[emailer]\nhost = "127.0.0.1"\nport = {port}\nuser = "me@example.org"\n')
        monkeypatch.setenv("FORETHOUGHT_EMAILER_SECURITY", "none")
        monkeypatch.setenv("FORETHOUGHT_EMAILER_PASSWORD", "wrong")
        with pytest.raises(FunctionError, match="Authentication credentials invalid") as caught:
            await kernel.invoke("Emailer.sendEmail", emailaddress="a@b.org", message="hi")
        assert "wrong" not in str(caught.value)
        assert box.mails == []
        monkeypatch.setenv("FORETHOUGHT_EMAILER_PASSWORD", "secret")
        await kernel.invoke("Emailer.sendEmail", emailaddress="a@b.org", message="hi")
    [(sender, readers, _)] = box.mails
    assert (sender, readers) == ("me@example.org", ["a@b.org"])


async def test_without_encryption_where_it_is_wanted_nothing_is_sent(
    kernel: Kernel, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORETHOUGHT_EMAILER_SECURITY", "starttls")
    with pytest.raises(FunctionError, match="did not take the mail"):
        await kernel.invoke("Emailer.sendEmail", emailaddress="a@b.org", message="hi")
    assert mailbox.mails == []


async def test_a_server_that_refuses_is_an_error(kernel: Kernel, mailbox: Mailbox) -> None:
    mailbox.refuse = True
    with pytest.raises(FunctionError, match=r"did not take the mail to 'a@b.org': .*no room for it"):
        await kernel.invoke("Emailer.sendEmail", emailaddress="a@b.org", message="hi")


async def test_a_server_that_is_not_there_is_an_error(
    kernel: Kernel, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORETHOUGHT_EMAILER_PORT", "1")
    with pytest.raises(FunctionError, match=r"'127\.0\.0\.1:1' did not take the mail to 'a@b.org'"):
        await kernel.invoke("Emailer.sendEmail", emailaddress="a@b.org", message="hi")
    assert mailbox.mails == []
