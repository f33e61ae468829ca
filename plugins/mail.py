"""Sending mail by SMTP, as `[emailer]` of forethought.toml or FORETHOUGHT_EMAILER_… say.

| setting    | meaning                                                              | default                  |
|------------|----------------------------------------------------------------------|--------------------------|
| `host`     | the SMTP server                                                      |                          |
| `port`     | its port                                                             | 587, with `tls` 465, 25  |
| `security` | `starttls`, `tls` from the first byte, or `none`                     | `starttls`               |
| `user`     | the account, where the server asks for one                           |                          |
| `password` | its password; better in the environment than in a file               |                          |
| `from`     | the sender's address                                                 | `user`                   |
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import cast

from forethought.kernel.errors import ForethoughtError, SettingsError
from forethought.kernel.settings import load_settings

__all__ = ["MailError", "Server", "read_server", "send"]

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_SECONDS = 30.0


class MailError(ForethoughtError):
    """A mail cannot be sent; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """The SMTP server that takes our mail."""

    host: str
    port: int
    security: str
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)


def read_server() -> Server:
    """Return the server that the settings name; raises SettingsError that says what to set."""
    section = load_settings().section("emailer")
    values = {key: str(value) for key, value in section.items() if value not in (None, "")}
    sender = values.get("from", values.get("user", ""))
    missing = [key for key, found in (("host", values.get("host")), ("from", sender)) if not found]
    if missing:
        variables = " and ".join(f"FORETHOUGHT_EMAILER_{key.upper()}" for key in missing)
        keys = " and ".join(f"'{key}'" for key in missing)
        raise SettingsError(f"no mail was sent: set {variables}, or {keys} in [emailer] of forethought.toml")
    security = values.get("security", "starttls").lower()
    if security not in _PORTS:
        raise SettingsError(f"'security' in [emailer] must be starttls, tls or none, not '{security}'")
    server = Server(
        values["host"], _port(values, security), security, sender, values.get("user", ""), values.get("password", "")
    )
    if server.user and security == "none" and not _is_loopback(server.host):
        raise SettingsError(f"no mail was sent: a password would travel to '{server.host}' unencrypted; set 'security'")
    return server


async def send(*, to: str, subject: str, text: str) -> str:
    """Send one mail and say to whom. Raises SettingsError, or MailError where the server or an address is at fault."""
    import aiosmtplib

    server = read_server()
    message = _compose(sender=server.sender, to=to, subject=subject, text=text)
    try:
        await aiosmtplib.send(
            message,
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            timeout=_SECONDS,
        )
    except (aiosmtplib.SMTPException, OSError) as error:  # OSError: a certificate that does not fit
        raise MailError(f"'{server.host}:{server.port}' did not take the mail to '{to}': {error}") from error
    return f"sent to {to.strip()}"


def _compose(*, sender: str, to: str, subject: str, text: str) -> EmailMessage:
    """Return the mail; a line break in an address or a subject is refused, for it would start a header of its own."""
    message = EmailMessage()
    message["From"] = _address(sender)
    message["To"] = _address(to)
    message["Subject"] = _header("subject", subject)
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=sender.strip(" >").rpartition("@")[2])
    message.set_content(text, cte=None if text.isascii() else "base64")
    return message


def _header(name: str, value: str) -> str:
    value = value.strip()
    if any(character in value for character in "\r\n\0\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"):
        raise MailError(f"no mail was sent: the {name} has more than one line: {value!r}")
    return value


def _address(value: str) -> str:
    """Return the address; it must be exactly one, for a comma would add readers that nobody approved."""
    value = _header("address", value)
    probe = EmailMessage()
    try:
        probe["To"] = value
        addresses = cast("tuple[object, ...]", probe["To"].addresses)
        spec = str(getattr(addresses[0], "addr_spec", "")) if len(addresses) == 1 else ""
        defects = bool(probe["To"].defects)
    except (ValueError, IndexError, MessageError):
        spec, defects = "", True
    local, _, domain = spec.rpartition("@")
    if defects or not local or not domain or any(character.isspace() for character in spec):
        raise MailError(f"no mail was sent: '{value}' is not one email address")
    return value


def _port(values: Mapping[str, str], security: str) -> int:
    written = values.get("port", str(_PORTS[security]))
    if not written.isdecimal() or not 0 < int(written) < 65536:
        raise SettingsError(f"'port' in [emailer] must be a number, not '{written}'")
    return int(written)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
