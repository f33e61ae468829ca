"""What people like to be called."""

from __future__ import annotations

from typing import Annotated

from forethought.kernel import skill
from forethought.plugins.contacts import find_contacts


@skill(name="getNickName", effect="reads:contacts", idempotent=True, open_world=False)
def get_nick_name(
    input: Annotated[str, "the person's name"],
) -> Annotated[str, "the nickname, or the name itself where none is known"]:
    """Get the nickname that a person prefers."""
    found = find_contacts(input)
    return found[0].nickname or input if len(found) == 1 else input
