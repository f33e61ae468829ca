"""Names of functions and parameters from elsewhere: theirs, as far as a plan can write them."""

from __future__ import annotations

from collections.abc import Collection

from forethought.kernel.packs.pack import is_name

__all__ = ["plan_safe", "unused"]

_LONGEST = 100


def plan_safe(name: str) -> str:
    """Return `name` with an underscore for each character that no name has; what begins with a digit gets one more."""
    kept = (each if each == "-" or f"a{each}".isidentifier() else "_" for each in name[:_LONGEST])
    bare = "".join(kept).lstrip("-") or "_"
    return bare if is_name(bare) else f"_{bare}"


def unused(name: str, taken: Collection[str]) -> str:
    """Return `name`, or with the first number that makes it differ, whatever the case, from all `taken`."""
    folded = {each.lower() for each in taken}
    found, number = name, 2
    while found.lower() in folded:
        found, number = f"{name}_{number}", number + 1
    return found
