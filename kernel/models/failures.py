"""What a server's refusal means to a user: the reason in one sentence, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import cast

from forethought.kernel.errors import ModelError

from .detection import KEYS
from .spec import ModelSpec

__all__ = ["explain", "failure_of"]

_LENGTH = re.compile(r"context (length|size|window)|prompt is too long|exceeds? the available context", re.IGNORECASE)


def explain(spec: ModelSpec, error: BaseException) -> ModelError:
    """Return `error`, and all that caused it, as a ModelError; SDKs are told apart by their errors' attributes.

    Another model may mend what is wrong with the server, the key, the name, a limit or the length of the question. What
    is wrong with the question itself it would refuse, too.
    """
    failure = failure_of(error)
    status, said = _status(failure), _said(failure)
    match status:
        case 401 | 403:
            return _error(spec, f"the server refuses the key: {said}", f"check {_key(spec)}")
        case 404:
            what = "has no such deployment" if spec.provider == "azure" else f"does not know the model '{spec.name}'"
            pull = f"try `ollama pull {spec.name}`" if spec.provider == "ollama" else "check its name"
            return _error(spec, f"the server {what}: {said}", pull)
        case 429:
            return _error(spec, f"a limit of rate or quota is reached: {said}", "wait, or use another model")
        case int() if status >= 500:
            return _error(spec, f"the server failed with status {status}: {said}", "try again later")
        case int():
            mended = status in (408, 413) or _too_long(failure, said)
            return _error(spec, f"the server refuses the request: {said}", "", another_may=mended)
        case None:
            return _unanswered(spec, failure, said)


def failure_of(error: BaseException) -> BaseException:
    """Return the error in the chain of causes that knows most: the first with a status, else the deepest."""
    chain = list(_causes(error))
    return next((each for each in chain if _status(each) is not None), chain[-1])


def _unanswered(spec: ModelSpec, failure: BaseException, said: str) -> ModelError:
    kinds = {kind.__name__ for each in _causes(failure) for kind in type(each).__mro__}
    where = spec.base_url or ("the Ollama server" if spec.provider == "ollama" else "the server")
    if any("Timeout" in kind for kind in kinds):
        return _error(spec, f"{where} did not answer in time", "try again, or use a faster model")
    if kinds & {"APIConnectionError", "ConnectError", "ConnectionError", "OSError", "TransportError"}:
        running = spec.provider in ("http", "ollama")
        return _error(
            spec, f"cannot connect to {where}: {said}", "is it running?" if running else "is there a network?"
        )
    return _error(spec, said, "", another_may=False)


def _too_long(failure: BaseException, said: str) -> bool:
    """Say whether a question was refused for its length: by OpenAI's code, else by the words that servers use."""
    return getattr(failure, "code", None) == "context_length_exceeded" or _LENGTH.search(said) is not None


def _key(spec: ModelSpec) -> str:
    if spec.provider == "wrapped":
        return "the key that its service was made with"
    return KEYS.get(spec.provider, ("FORETHOUGHT_API_KEY",))[0]


def _error(spec: ModelSpec, reason: str, hint: str, *, another_may: bool = True) -> ModelError:
    return ModelError(str(spec), reason.rstrip(" :"), hint, another_may=another_may)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield each
        each = each.__cause__ or each.__context__


def _status(error: BaseException) -> int | None:
    """Return the HTTP status of an error; OpenAI, Anthropic, Ollama and Mistral say `status_code`, Google `code`."""
    for name in ("status_code", "code"):
        status = getattr(error, name, None)
        if isinstance(status, int) and status >= 400:
            return status
    return None


def _said(error: BaseException) -> str:
    """Return the message that the server gave, else the error's own, on one line, without what a terminal obeys."""
    body = getattr(error, "body", None)
    said: object = None
    if isinstance(body, Mapping):
        inner = cast("Mapping[str, object]", body)
        said = inner.get("message") or inner.get("error")
    if not isinstance(said, str):
        said = getattr(error, "message", None)
    text = said if isinstance(said, str) and said else str(error) or type(error).__name__
    shown = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(shown.split())[:400].rstrip(".")
