"""A real model over HTTP: Semantic Kernel's OpenAI connector against llama.cpp's own server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, cast

import pytest

from forethought.kernel.models.chat import Message, Request
from forethought.kernel.models.local import local_candidate
from forethought.kernel.models.opening import open_model
from forethought.kernel.settings import Settings

llama = pytest.importorskip("xllamacpp")
available, weights = local_candidate()
pytestmark = pytest.mark.skipif(not available, reason=weights)


class _Server(Protocol):
    listening_address: str


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    params = llama.CommonParams()
    params.model.path = weights
    params.n_ctx = 1024
    params.n_parallel = 1
    params.warmup = False
    params.verbosity = -1
    server = cast("_Server", llama.Server(params))
    yield f"{server.listening_address}/v1"  # noqa: PT022 - the server stops when nothing refers to it


async def test_it_answers_and_counts_its_tokens(address: str) -> None:
    request = Request((Message("user", "Say hello."),), {"temperature": 0, "max_tokens": 4})
    completion = await open_model(f"{address}#smollm", Settings()).complete(request)
    assert completion.text
    assert (completion.finish, completion.usage.completion_tokens, completion.usage.calls) == ("length", 4, 1)


async def test_it_is_recognised_and_decodes_under_a_grammar_from_a_given_beginning(address: str) -> None:
    model = open_model(address, Settings())
    assert model.constrained
    request = Request(
        (Message("user", "What is the capital of France?"),),
        {"temperature": 0, "max_tokens": 10},
        prefix="The capital of France is",
        grammar='root ::= " " ("Paris" | "Rome" | "Berlin") "."',
    )
    assert (await model.complete(request)).text == " Paris."
