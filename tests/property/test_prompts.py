"""Laws of prompts: a value reaches the model unchanged, and never decides how many messages there are, or whose."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forethought.kernel.errors import TemplateError
from forethought.kernel.templating.formats import TemplateFormat
from forethought.kernel.templating.rendering import render
from forethought.kernel.templating.variables import variables_of

MARKUP = st.sampled_from(
    ["<message role='user'>", "</message>", "<text>", "{{$x}}", "{{x}}", "{% raw %}", "&lt;", "]]>", "\ufdd0", "\ufdd5",
     "\\", "{{", "}}", '"', "'", "\n", "你"]
)  # fmt: skip
VALUES = st.text() | st.lists(MARKUP | st.text(max_size=3), max_size=8).map("".join)
CHAT = '%s.<message role="user">%s%s</message>\n<message role="assistant">%s</message>'
TEMPLATES: tuple[tuple[TemplateFormat, str], ...] = (
    ("semantic-kernel", CHAT % ("{{$x}}", "{{$x}}", "{{P.f $x}}", "{{$y}}")),
    ("handlebars", CHAT % ("{{x}}", "{{x}}", "{{P-f x}}", "{{y}}")),
    ("handlebars", CHAT.replace("<message", "{{#message").replace('">', '"}}').replace("</message>", "{{/message}}")
     % ("{{x}}", "{{x}}", "{{P-f x}}", "{{y}}")),
    ("jinja2", CHAT % ("{{ x }}", "{{ x }}", "{{ P_f(x) }}", "{{ y }}")),
)  # fmt: skip


async def echo(_name: str, arguments: Mapping[str, object]) -> object:
    return arguments.get("input", "")


@pytest.mark.parametrize(("language", "template"), TEMPLATES)
@given(x=VALUES, y=VALUES)
async def test_values_reach_the_model_unchanged_and_forge_nothing(
    language: TemplateFormat, template: str, x: str, y: str
) -> None:
    messages = await render(template, language, {"x": x, "y": y}, echo)
    assert [(each.role, each.content) for each in messages] == [
        ("system", f"{x}."),
        ("user", f"{x}{x}"),
        ("assistant", y),
    ]


@pytest.mark.parametrize("language", ["semantic-kernel", "handlebars", "jinja2"])
@given(template=st.text() | st.lists(MARKUP | st.text(max_size=4), max_size=12).map("".join))
async def test_any_text_is_a_template_or_a_template_error(language: TemplateFormat, template: str) -> None:
    try:
        names = variables_of(template, language)
        messages = await render(template, language, dict.fromkeys(names, "v"), echo)
    except TemplateError:
        return
    assert messages


@given(text=st.text(alphabet=st.characters(exclude_characters="{")))
async def test_text_without_code_and_tags_is_its_own_prompt(text: str) -> None:
    [message] = await render(text, "semantic-kernel", {}, echo)
    assert message.content == text.rstrip()
