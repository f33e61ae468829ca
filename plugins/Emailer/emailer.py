"""Mail to people in the contacts: addresses are looked up, mails are really sent."""

from __future__ import annotations

from typing import Annotated

from forethought.kernel import skill
from forethought.plugins.contacts import address_of
from forethought.plugins.mail import send


@skill(name="getEmailAddress", effect="reads:contacts", idempotent=True, open_world=False)
def get_email_address(input: Annotated[str, "the person's name"]) -> Annotated[str, "the email address"]:
    """Look up the email address of a person."""
    return address_of(input)


@skill(name="sendEmail", effect="writes:mail", idempotent=False, destructive=False, open_world=True)
async def send_email(
    emailaddress: Annotated[str, "the reader's email address"],
    message: Annotated[str, "the text of the email"],
    subject: Annotated[str, "the subject line"] = "",
) -> Annotated[str, "to whom it was sent"]:
    """Send an email."""
    return await send(to=emailaddress, subject=subject, text=message)
