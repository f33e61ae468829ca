"""The doubles we ship are models, and keep what they were asked."""

from __future__ import annotations

import pytest

from forethought.kernel.errors import ModelError
from forethought.kernel.functions import Usage
from forethought.kernel.models.chat import ChatModel, Completion, Message, Request
from forethought.kernel.testing import RecordingModel, ScriptedModel

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
