"""Agents of Semantic Kernel are functions, and a plan makes several of them reach one goal."""

from __future__ import annotations

import pytest
from semantic_kernel.agents import ChatCompletionAgent
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.connectors.ai.completion_usage import CompletionUsage
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings
from semantic_kernel.contents import AuthorRole, ChatHistory, ChatMessageContent
from semantic_kernel.functions import kernel_function

from forethought.kernel import Kernel, Usage
from forethought.kernel.errors import FunctionError, PackError
from forethought.planners import add_plan, parse, run


class Service(ChatCompletionClientBase):
    """Answers with the agent's instructions and what it was told."""

    async def _inner_get_chat_message_contents(
        self, chat_history: ChatHistory, settings: PromptExecutionSettings
    ) -> list[ChatMessageContent]:
        told = [str(each) for each in chat_history.messages]
        if "fail" in told[-1]:
            raise RuntimeError("the service is down")
        usage = CompletionUsage(prompt_tokens=3, completion_tokens=2)
        text = f"<{' | '.join(told)}>"
        return [ChatMessageContent(role=AuthorRole.ASSISTANT, content=text, metadata={"usage": usage})]


class Files:
    """What an agent may do."""

    @kernel_function
    def wipe(self) -> str:
        return "wiped"


def agent(name: str, instructions: str, *plugins: object) -> ChatCompletionAgent:
    service = Service(ai_model_id="m", service_id="s")
    return ChatCompletionAgent(
        service=service, name=name, instructions=instructions, description=f"A {name}", plugins=[*plugins]
    )


def test_an_agent_alone_is_pure_and_one_with_functions_may_do_anything() -> None:
    kernel = Kernel()
    alone = kernel.add_agent(agent("poet", "Rhyme."), "Staff.poet")
    armed = kernel.add_agent(agent("clerk", "File.", Files()), "Staff.clerk")
    said = kernel.add_agent(
        agent("reader", "Read.", Files()), "Staff.reader", effect="reads:files", description="Reads"
    )
    assert (alone.kind, alone.description, str(alone.returns)) == ("agent", "A poet", "string")
    assert [(each.name, str(each.type), each.required) for each in alone.parameters] == [("input", "string", True)]
    assert [str(each.effect) for each in (alone, armed, said)] == ["pure", "writes:*", "reads:files"]
    assert [each.destructive for each in (alone, armed, said)] == [False, True, False]
    assert said.description == "Reads"


async def test_agents_and_plans_of_agents_are_steps_of_a_plan() -> None:
    kernel = Kernel()
    kernel.add_agent(agent("poet", "Rhyme."), "Staff.poet")
    kernel.add_agent(agent("critic", "Judge."), "Staff.critic")
    add_plan(kernel, parse('<plan><input name="X"/><function.Staff.critic input="of $X"/></plan>'), "Team.review")
    plan = parse(
        '<plan><function.Staff.poet input="love" setContextVariable="P"/><function.Team.review X="$P"/></plan>'
    )
    result = await run(plan, kernel)
    assert (result.value, result.error) == ("<Judge. | of <Rhyme. | love>>", None)
    assert result.usage == Usage(6, 4, 2)


async def test_an_agent_remembers_nothing_from_call_to_call() -> None:
    kernel = Kernel()
    kernel.add_agent(agent("poet", "Rhyme."), "Staff.poet")
    assert await kernel.invoke("Staff.poet", input="a") == "<Rhyme. | a>"
    assert await kernel.invoke("Staff.poet", input="b") == "<Rhyme. | b>"


async def test_an_agent_that_fails_says_why() -> None:
    kernel = Kernel()
    kernel.add_agent(agent("poet", "Rhyme."), "Staff.poet")
    with pytest.raises(FunctionError, match=r"Staff\.poet failed: .*the service is down"):
        await kernel.invoke("Staff.poet", input="fail")


def test_an_instruction_is_in_the_digest_of_the_agent() -> None:
    one = Kernel().add_agent(agent("poet", "Rhyme."), "Staff.poet")
    other = Kernel().add_agent(agent("poet", "Never rhyme."), "Staff.poet")
    assert one.digest() != other.digest()


def test_what_is_no_agent_or_has_no_name_is_refused() -> None:
    with pytest.raises(PackError, match=r"poet: an agent is named 'Plugin\.Function'"):
        Kernel().add_agent(agent("poet", "Rhyme."), "poet")
    with pytest.raises(TypeError, match="add_agent needs an agent of Semantic Kernel, not a str"):
        Kernel().add_agent("poet", "Staff.poet")
