"""What went wrong with a model is told by the errors' attributes, in one sentence with the way out."""

from __future__ import annotations

import itertools

import pytest

from forethought.kernel.models.failures import explain
from forethought.kernel.models.spec import ModelSpec

OPENAI = ModelSpec("openai", "m")
OLLAMA = ModelSpec("ollama", "m")


class Status(Exception):  # noqa: N818 - what SDKs raise
    """An error as OpenAI, Anthropic, Ollama and Mistral raise them."""

    def __init__(self, status: int, body: object = None) -> None:
        super().__init__("a long text with many lines")
        self.status_code = status
        self.body = body


class Code(Exception):  # noqa: N818 - what SDKs raise
    """An error as Google raises them."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class APITimeoutError(Exception):
    """An error as SDKs call it when nobody answers."""


def caused(*chain: Exception) -> Exception:
    """Return the first error, each caused by the next."""
    for error, cause in itertools.pairwise(chain):
        error.__cause__ = cause
    return chain[0]


@pytest.mark.parametrize(
    ("spec", "error", "sentence"),
    [
        (
            OPENAI,
            caused(RuntimeError("wrapped"), Status(401, {"message": "Incorrect key."}), OSError("lower")),
            "model openai:m: the server refuses the key: Incorrect key (check OPENAI_API_KEY)",
        ),
        (
            ModelSpec("azure", "d"),
            Status(404),
            "model azure:d: the server has no such deployment: a long text with many lines (check its name)",
        ),
        (
            OLLAMA,
            Status(404, {"error": "model 'm' not found"}),
            "model ollama:m: the server does not know the model 'm': model 'm' not found (try `ollama pull m`)",
        ),
        (
            ModelSpec("google", "g"),
            Code(429, "Quota\n  exceeded."),
            "model google:g: a limit of rate or quota is reached: Quota exceeded (wait, or use another model)",
        ),
        (OPENAI, Code(503, "Busy"), "model openai:m: the server failed with status 503: Busy (try again later)"),
        (
            OPENAI,
            caused(RuntimeError("x"), APITimeoutError("y")),
            "model openai:m: the server did not answer in time (try again, or use a faster model)",
        ),
        (
            OLLAMA,
            ConnectionError("Failed to connect"),
            "model ollama:m: cannot connect to the Ollama server: Failed to connect (is it running?)",
        ),
        (OPENAI, OSError("no route"), "model openai:m: cannot connect to the server: no route (is there a network?)"),
        (OPENAI, ValueError("a\x1b[2Jb\nc\u202ed"), "model openai:m: a [2Jb c d"),
        (OPENAI, ValueError("anything else"), "model openai:m: anything else"),
        (OPENAI, ValueError(), "model openai:m: ValueError"),
    ],
)
def test_each_failure_has_its_sentence(spec: ModelSpec, error: Exception, sentence: str) -> None:
    assert str(explain(spec, error)) == sentence


def test_errors_that_cause_each_other_in_a_circle_end() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert str(explain(OPENAI, one)) == "model openai:m: other"
