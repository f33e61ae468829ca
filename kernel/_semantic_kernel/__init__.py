"""The one door to Semantic Kernel: its connectors as models and embedders, its kernels as functions.

Importing the package costs nothing; the first use of a name in it takes seconds, and everything else of ours reaches it
only when a call needs it. No type of Semantic Kernel leaves it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .agents import wrap_agent
    from .calling import bind_method
    from .embeddings import open_embedding
    from .opening import open_remote
    from .operations import send
    from .services import ServiceModel
    from .sessions import open_session
    from .stores import open_store
    from .wrapping import Wrapped, wrap

__all__ = [
    "ServiceModel",
    "Wrapped",
    "bind_method",
    "open_embedding",
    "open_remote",
    "open_session",
    "open_store",
    "send",
    "wrap",
    "wrap_agent",
]

_HOMES = {
    "ServiceModel": "services",
    "Wrapped": "wrapping",
    "bind_method": "calling",
    "open_embedding": "embeddings",
    "open_remote": "opening",
    "open_session": "sessions",
    "open_store": "stores",
    "send": "operations",
    "wrap": "wrapping",
    "wrap_agent": "agents",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{home}", __name__), name)
