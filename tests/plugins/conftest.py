"""The shipped packs in a working directory of their own, with contacts and a real mail server on loopback."""

from __future__ import annotations

import asyncio
import email
import email.policy
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

import forethought.plugins
from forethought.kernel import Kernel

PACKS = Path(next(iter(forethought.plugins.__path__)))
CONTACTS = """
["Steven Fisher"]
nickname = "Steve"
email = "steven@example.org"

["John Doe"]
email = "john.doe@example.org"

["John Smith"]
nickname = "Smithy"

["王小明"]
nickname = "小明"
email = "xiaoming@example.org"
"""


@dataclass
class Mailbox:
    """What a mail server took: the envelope's addresses and the mail itself, in order."""

    mails: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list[tuple[str, list[str], EmailMessage]])
    refuse: bool = False

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse:
            return "554 no room for it"
        mail = email.message_from_bytes(cast("bytes", envelope.content), policy=email.policy.default)
        self.mails.append((str(envelope.mail_from), list(map(str, envelope.rcpt_tos)), mail))
        return "250 taken"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and no setting from outside."""
    for name in [each for each in os.environ if each.startswith("FORETHOUGHT_") or each.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "forethought.toml").write_text("", encoding="utf-8")
    return tmp_path


@pytest.fixture
def contacts(home: Path) -> Path:
    """The contacts of the working directory."""
    file = home / "contacts.toml"
    file.write_text(CONTACTS, encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def packs() -> Kernel:
    """A kernel with the shipped packs; what their functions do depends on the settings when they are called."""
    return Kernel.from_packs(PACKS)


@pytest.fixture
def kernel(home: Path, packs: Kernel) -> Kernel:
    """The shipped packs, in an empty working directory."""
    return packs


@pytest.fixture
async def mailbox(home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Mailbox]:
    """A mail server on loopback, and settings that lead to it."""
    box = Mailbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box), "127.0.0.1", 0)
    async with server:
        host, port = cast("tuple[str, int]", server.sockets[0].getsockname())
        for name, value in {"HOST": host, "PORT": str(port), "SECURITY": "none", "FROM": "me@example.org"}.items():
            monkeypatch.setenv(f"FORETHOUGHT_EMAILER_{name}", value)
        yield box
