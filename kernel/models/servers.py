"""Servers of models: what one says about itself before it is asked anything."""

from __future__ import annotations

import http.client
import json
import socket
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import cast
from urllib.parse import urlsplit

__all__ = ["is_llama_cpp", "listens", "models_of"]

PATIENCE = 2.0  # seconds: a server that can be used answers this at once


def models_of(base_url: str, key: str = "") -> Sequence[Mapping[str, object]] | None:
    """Return the models that an OpenAI-compatible server lists; None where nobody answers.

    Another answer than a list, or a refusal, is a list of none.
    """
    request = urllib.request.Request(f"{base_url}/models")
    if key:
        request.add_unredirected_header("Authorization", f"Bearer {key}")  # another server is not told the key
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            answer = json.loads(response.read(1_000_000))
    except urllib.error.HTTPError as error:
        error.close()
        return ()
    except (ValueError, RecursionError):
        return ()
    except (OSError, http.client.HTTPException):
        return None
    listed: object = cast("dict[str, object]", answer).get("data") if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        return ()
    return [cast("Mapping[str, object]", each) for each in cast("list[object]", listed) if isinstance(each, Mapping)]


def is_llama_cpp(base_url: str, key: str = "") -> bool | None:
    """Say whether the server is llama.cpp's; None where it does not answer."""
    models = models_of(base_url, key)
    return None if models is None else any(each.get("owned_by") == "llamacpp" for each in models)


def listens(url: str, patience: float = 0.25) -> bool:
    """Say whether anybody takes connections at the host and port of `url`; sends nothing."""
    parts = urlsplit(url if "//" in url else f"//{url}")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with socket.create_connection((parts.hostname or "localhost", port), patience):
            return True
    except (OSError, ValueError):
        return False
