"""The people that packs know: names, nicknames and addresses from one file.

    ["Steven Fisher"]
    nickname = "Steve"
    email = "steven@example.org"

The file is `contacts.toml` in the working directory, or what `file` in `[contacts]` of forethought.toml says, or
`FORETHOUGHT_CONTACTS_FILE`.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from forethought.kernel.errors import SettingsError
from forethought.kernel.settings import load_settings

__all__ = ["Contact", "address_of", "find_contact", "find_contacts", "read_contacts"]


@dataclass(frozen=True, slots=True)
class Contact:
    """One person; empty where nothing is known."""

    name: str
    nickname: str = ""
    email: str = ""


def read_contacts() -> tuple[Contact, ...]:
    """Return everyone in the contacts file; nobody, where there is none and none is named.

    Raises SettingsError for a file that cannot be read.
    """
    file, named = _file()
    if not named and not file.is_file():
        return ()
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SettingsError(f"the contacts in '{file}' cannot be read: {reason}") from error
    return tuple(_contact(name, entry, file) for name, entry in table.items())


def find_contacts(name: str) -> tuple[Contact, ...]:
    """Return whoever has this name, nickname, or else this first or last name; upper and lower case are the same."""
    wanted = name.strip().casefold()
    people = read_contacts()
    exact = tuple(each for each in people if wanted in (each.name.casefold(), each.nickname.casefold()))
    return exact or tuple(each for each in people if wanted in each.name.casefold().split())


def find_contact(name: str) -> Contact:
    """Return the one person of this name; raises LookupError with who there is."""
    found = find_contacts(name)
    if len(found) == 1:
        return found[0]
    if found:
        raise LookupError(f"'{name}' may be {' or '.join(each.name for each in found)}: give the full name")
    people = read_contacts()
    if not people:
        raise LookupError(f"there is no contact '{name}': write '{_file()[0]}', with a table for each person")
    near = difflib.get_close_matches(name.casefold(), [each.name.casefold() for each in people], 1, 0.6)
    meant = next((each.name for each in people if each.name.casefold() in near), "")
    hint = f"; did you mean '{meant}'?" if meant else f" (there are {', '.join(each.name for each in people[:8])})"
    raise LookupError(f"there is no contact '{name}' in '{_file()[0]}'{hint}")


def address_of(name: str) -> str:
    """Return the email address of the one person of this name; raises LookupError."""
    found = find_contact(name)
    if not found.email:
        raise LookupError(f"'{found.name}' has no email address in the contacts")
    return found.email


def _file() -> tuple[Path, bool]:
    """Return the file of contacts, and whether a setting names it; a path in forethought.toml starts at its folder."""
    settings = load_settings()
    said = settings.section("contacts").get("file")
    if said is not None and not isinstance(said, str):
        raise SettingsError(f"'file' in [contacts] must be a path, not {said!r}")
    base = settings.file.parent if settings.file else Path()
    return base / Path(said or "contacts.toml").expanduser(), said is not None


def _contact(name: str, entry: object, file: Path) -> Contact:
    fields = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
    known = {key: value for key, value in fields.items() if key in ("nickname", "email") and isinstance(value, str)}
    if not isinstance(entry, dict) or len(known) < len(fields):
        wrong = next((key for key in fields if key not in known), name)
        raise SettingsError(f"'{wrong}' of '{name}' in '{file}' is not a contact's: write nickname and email as text")
    return Contact(name, **known)
