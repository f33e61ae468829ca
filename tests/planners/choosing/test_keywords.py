"""Keywords: what a word is, and how much of a goal's wording a function shares."""

from __future__ import annotations

import pytest

from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.planners.choosing.keywords import Keywords, spoken, words


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("getNickName", {"get", "nick", "name"}),
        ("HTTPServer2 send_mails", {"http", "serve", "send", "mails"}),
        ("an ox", set[str]()),
        ("请翻译", {"请翻", "翻译"}),
        ("メール", {"メー", "ール"}),
        ("Письмо Élan", {"письм", "élan"}),
        ("البريد", {"البري"}),
        ("", set[str]()),
    ],
)
def test_a_word_is_its_beginning_or_a_pair_of_neighbours(written: str, found: set[str]) -> None:
    assert words(written) == found


def test_a_name_is_read_out_word_by_word() -> None:
    assert [spoken(name) for name in ("getNickName", "send_email", "HTTPGet", "翻译")] == [
        "get nick name",
        "send email",
        "http get",
        "翻译",
    ]


def test_a_rare_word_counts_more_and_a_word_of_the_name_twice() -> None:
    parameter = Parameter("subject", description="what the mail is about")
    functions = [
        FunctionSignature(plugin="Post", name="Mail", description="Send a letter", parameters=(parameter,)),
        FunctionSignature(plugin="Post", name="Collect", description="Get each letter of today"),
        FunctionSignature(plugin="Fun", name="Joke", description="Tell a joke"),
    ]
    keywords = Keywords(functions)
    assert keywords.shares("a mail") == [1.0, 0.0, 0.0]
    assert keywords.shares("the subject") == [0.5, 0.0, 0.0]
    mail, collect, joke = keywords.shares("a letter of today")
    assert collect == pytest.approx(0.5)
    assert 0.25 > mail > joke == 0.0  # two of the three have the one word, one has the other
    assert keywords.shares("xyz") == [0.0, 0.0, 0.0]


def test_chinese_goals_find_chinese_descriptions() -> None:
    functions = [
        FunctionSignature(plugin="Fun", name="Joke", description="讲一个笑话"),
        FunctionSignature(plugin="Writer", name="Translate", description="把文字翻译成另一种语言"),
    ]
    joke, translate = Keywords(functions).shares("请翻译这段文字")
    assert translate > joke == 0.0
