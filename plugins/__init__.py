"""The skill packs that come with forethought: each folder is one. Nothing here is imported to list them."""

from pathlib import Path

__all__ = ["SHIPPED"]

SHIPPED = Path(__file__).resolve().parent
"""The folder of the packs, as `Kernel.from_packs` takes it: the real one, where files are linked into place."""
