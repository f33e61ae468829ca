"""The doubles we ship are models, and keep what they were asked."""

from __future__ import annotations

import numpy as np
import pytest

from forethought.kernel.errors import ModelError
from forethought.kernel.functions import Usage
from forethought.kernel.memory.embedder import Embedder
from forethought.kernel.models.chat import ChatModel, Completion, Message, Request
from forethought.kernel.testing import HashEmbedder, RecordingModel, ScriptedModel

ASK = Request((Message("user", "two words"),))


async def test_a_script_is_followed_in_order_and_its_end_is_an_error() -> None:
    model: ChatModel = ScriptedModel(["one", Completion("two"), ModelError("scripted", "it is tired")])
    assert await model.complete(ASK) == Completion("one", Usage(2, 1, 1))
    assert await model.complete(ASK) == Completion("two")
    with pytest.raises(ModelError, match="model scripted: it is tired"):
        await model.complete(ASK)
    with pytest.raises(ModelError, match="the script has 3 replies, and this is request 4"):
        await model.complete(ASK)


async def test_a_script_may_be_a_function_of_the_request() -> None:
    model = ScriptedModel(lambda request: request.messages[-1].content.upper(), spec="loud", constrained=True)
    assert (await model.complete(ASK)).text == "TWO WORDS"
    assert (model.requests, model.spec, model.constrained) == ([ASK], "loud", True)


async def test_a_recording_keeps_pairs_and_only_of_what_was_answered() -> None:
    model = RecordingModel(ScriptedModel(["one"]))
    completion = await model.complete(ASK)
    with pytest.raises(ModelError):
        await model.complete(ASK)
    assert (model.requests, model.completions) == ([ASK], [completion])
    assert (model.spec, model.constrained) == ("scripted", False)


async def test_hashes_embed_alike_what_shares_words_and_keep_what_they_were_given() -> None:
    embedder: Embedder = HashEmbedder(256)
    fox, dog, order, nothing = await embedder.embed(["a Fox!", "a dog", "fox, a", ""])
    assert (embedder.name, embedder.dimension, fox.dtype) == ("hash:256", 256, np.float32)
    assert fox @ order == pytest.approx(1)
    assert fox @ dog == pytest.approx(0.5)
    assert not nothing.any()
    assert isinstance(embedder, HashEmbedder)
    assert embedder.texts == ["a Fox!", "a dog", "fox, a", ""]
