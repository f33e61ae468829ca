"""A cache of embeddings: what was made once is not made again, by whatever program of the user's.

It is addressed by content (the SHA-256 of the model's name and the text), so nothing in it is ever out of date. It
holds no texts. Where it cannot be read or written, everything works without it.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forethought.kernel.threads import run_in_thread

if TYPE_CHECKING:
    from forethought.kernel.memory.embedder import Embedder, FloatMatrix

__all__ = ["MOST", "CachedEmbedder", "cache_file"]

MOST = 50_000
"""How many embeddings are kept; the oldest go first."""

_TABLE = "CREATE TABLE IF NOT EXISTS embeddings (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, vector BLOB)"
_logger = logging.getLogger(__name__)


def cache_file(environment: Mapping[str, str] | None = None) -> Path | None:
    """Return where the user's cache is: under `XDG_CACHE_HOME`, else where the system keeps caches.

    None where no home folder is known.
    """
    environment = os.environ if environment is None else environment
    if configured := environment.get("XDG_CACHE_HOME"):
        folder = Path(configured)
    elif sys.platform == "win32" and (local := environment.get("LOCALAPPDATA")):
        folder = Path(local)
    else:
        try:
            folder = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
        except RuntimeError:
            return None
    return folder / "forethought" / "embeddings-1.sqlite3" if folder.is_absolute() else None


class CachedEmbedder:
    """An embedder that asks another one only for texts that are not in the cache; each of them once."""

    __slots__ = ("_file", "_inner")

    def __init__(self, inner: Embedder, file: Path | None) -> None:
        self._inner = inner
        self._file = file

    def __repr__(self) -> str:
        return f"CachedEmbedder({self._inner!r})"

    @property
    def name(self) -> str:
        """The other embedder's name."""
        return self._inner.name

    @property
    def dimension(self) -> int:
        """The other embedder's dimension."""
        return self._inner.dimension

    async def embed(self, texts: Sequence[str], /) -> FloatMatrix:
        """Return what the other embedder does, or did."""
        if self._file is None or not texts:
            return await self._inner.embed(texts)
        file, digests = self._file, [self._digest(text) for text in texts]
        wanted = dict(zip(digests, texts, strict=True))
        known = await run_in_thread(lambda: _recall(file, wanted))
        missing = {digest: text for digest, text in wanted.items() if digest not in known}
        if missing:
            made = dict(zip(missing, await self._inner.embed([*missing.values()]), strict=True))
            known |= made
            await run_in_thread(lambda: _keep(file, made))
        return np.stack([known[digest] for digest in digests])

    def _digest(self, text: str) -> bytes:
        return hashlib.sha256(f"{self.name}\0{text}".encode(errors="surrogatepass")).digest()


def _recall(file: Path, wanted: Mapping[bytes, str]) -> dict[bytes, FloatMatrix]:
    """Return what is kept of `wanted`; nothing where there is no cache, or it cannot be read."""
    found: dict[bytes, FloatMatrix] = {}
    try:
        if file.is_file():
            with contextlib.closing(sqlite3.connect(file)) as connection:
                for digest in wanted:
                    row = connection.execute("SELECT vector FROM embeddings WHERE digest = ?", (digest,)).fetchone()
                    if row:
                        found[digest] = np.frombuffer(row[0], dtype="<f4")
    except (OSError, sqlite3.Error) as error:
        _give_up(file, error)
    return found


def _keep(file: Path, made: Mapping[bytes, FloatMatrix]) -> None:
    """Add `made`, and let go of the oldest where there are too many."""
    rows = [(digest, vector.astype("<f4").tobytes()) for digest, vector in made.items()]
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("PRAGMA synchronous = OFF")  # what a power failure takes is made again
            connection.execute(_TABLE)
            connection.executemany("INSERT OR IGNORE INTO embeddings (digest, vector) VALUES (?, ?)", rows)
            connection.execute("DELETE FROM embeddings WHERE id <= (SELECT max(id) FROM embeddings) - ?", (MOST,))
    except (OSError, sqlite3.Error) as error:
        _give_up(file, error)


def _give_up(file: Path, error: Exception) -> None:
    """Go on without the cache; a file that is damaged is removed, so that the next one starts afresh."""
    _logger.debug("the cache of embeddings %s is not used: %s", file, error)
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        with contextlib.suppress(OSError):
            file.unlink()
