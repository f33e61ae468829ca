"""The classic demo and Semantic Kernel's documentation example: a goal becomes a plan, and the plan one real mail."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from forethought.kernel import Kernel
from forethought.kernel.models.chat import Request
from forethought.kernel.problems import has_errors
from forethought.kernel.testing import ScriptedModel
from forethought.planners import SequentialPlanner, check, parse, run

from .conftest import PACKS, Mailbox

CLASSIC = """
<plan>
  <!-- Steven may prefer another name -->
  <function.Names.getNickName input="Steven" setContextVariable="NICKNAME"/>
  <function.StringFunctions.stringReplace input="$INPUT" from="USER_NAME" to="$NICKNAME" setContextVariable="MESSAGE"/>
  <function.Emailer.getEmailAddress input="Steven" setContextVariable="EMAIL"/>
  <function.Emailer.sendEmail emailaddress="$EMAIL" message="$MESSAGE" subject="Hello" appendToResult="RESULT__SENT"/>
</plan>
<!-- END -->
"""
DOCUMENTED = """
<plan>
  <function.SummarizeSkill.Summarize/>
  <function.WriterSkill.Translate language="French" setContextVariable="TRANSLATED_SUMMARY"/>
  <function.EmailPlugin.GetEmailAddress input="John Doe" setContextVariable="EMAIL_ADDRESS"/>
  <function.EmailPlugin.SendEmail input="$TRANSLATED_SUMMARY" email_address="$EMAIL_ADDRESS"/>
</plan>
"""
LETTER = "Dear USER_NAME,\n\nfish & chips at 5 < 6? Bring $20, USER_NAME. 你好"


def only(mailbox: Mailbox) -> tuple[list[str], EmailMessage]:
    [(_, readers, mail)] = mailbox.mails
    return readers, mail


@pytest.mark.usefixtures("contacts")
async def test_the_classic_demo_sends_one_mail_to_steven_by_his_nickname(kernel: Kernel, mailbox: Mailbox) -> None:
    plan = parse(CLASSIC)
    assert not has_errors(check(plan, kernel.skills, variables=["INPUT"]))
    result = await run(plan, kernel, inputs={"INPUT": LETTER})
    assert (result.status, result.error) == ("succeeded", None)
    assert result.results == {"RESULT__SENT": "sent to steven@example.org"}
    assert [step.function for step in result.steps] == [
        "Names.getNickName",
        "StringFunctions.stringReplace",
        "Emailer.getEmailAddress",
        "Emailer.sendEmail",
    ]
    readers, mail = only(mailbox)
    assert readers == ["steven@example.org"]
    assert mail["Subject"] == "Hello"
    assert mail.get_content() == "Dear Steve,\n\nfish & chips at 5 < 6? Bring $20, Steve. 你好\n"


@pytest.mark.usefixtures("contacts")
async def test_the_classic_demo_is_planned_from_its_goal(home: object, mailbox: Mailbox) -> None:
    planner_model = ScriptedModel([f"Here is the plan:\n```xml{CLASSIC}```"])
    kernel = Kernel.from_packs(PACKS, planner_model=planner_model)
    goal = "Send the input as an email to Steven and make sure I use his preferred name in the email"
    plan = await SequentialPlanner(kernel).create_plan(goal, inputs=["INPUT"])
    result = await run(plan, kernel, inputs={"INPUT": "Hello, USER_NAME."})
    assert result.status == "succeeded"
    readers, mail = only(mailbox)
    assert (readers, mail["Subject"]) == (["steven@example.org"], "Hello")
    assert mail.get_content().splitlines() == ["Hello, Steve."]


@pytest.mark.usefixtures("contacts")
async def test_the_documentation_example_mails_the_translated_summary(home: object, mailbox: Mailbox) -> None:
    def answer(request: Request) -> str:
        system, user = (each.content for each in request.messages)
        if system.startswith("Summarize"):
            assert user == "A long story about <cats> & dogs."
            return "Cats & dogs."
        assert "into French" in system
        assert user == "Cats & dogs."
        return "Des chats et des chiens à l'été."

    kernel = Kernel.from_packs(PACKS, model=ScriptedModel(answer))
    result = await run(parse(DOCUMENTED), kernel, inputs={"INPUT": "A long story about <cats> & dogs."})
    assert (result.status, result.error) == ("succeeded", None)
    readers, mail = only(mailbox)
    assert readers == ["john.doe@example.org"]
    assert mail.get_content() == "Des chats et des chiens à l'été.\n"


@pytest.mark.usefixtures("contacts")
async def test_running_the_same_plan_twice_sends_the_same_mail_twice(kernel: Kernel, mailbox: Mailbox) -> None:
    plan = parse(CLASSIC)
    first = await run(plan, kernel, inputs={"INPUT": LETTER})
    second = await run(plan, kernel, inputs={"INPUT": LETTER})
    assert first.value == second.value
    assert [mail.get_content() for _, _, mail in mailbox.mails] == [only_text(LETTER)] * 2


async def test_a_person_who_is_not_known_gets_no_mail(kernel: Kernel, mailbox: Mailbox) -> None:
    result = await run(parse(CLASSIC), kernel, inputs={"INPUT": LETTER})
    assert result.status == "failed"
    assert "there is no contact 'Steven'" in str(result.error)
    assert mailbox.mails == []


def only_text(letter: str) -> str:
    return letter.replace("USER_NAME", "Steve") + "\n"
