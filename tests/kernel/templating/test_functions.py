"""The functions a template calls are known without rendering it, in all three languages."""

from __future__ import annotations

import pytest

from forethought.kernel.errors import TemplateError
from forethought.kernel.templating.formats import TemplateFormat
from forethought.kernel.templating.functions import functions_of


@pytest.mark.parametrize(
    ("format", "template", "expected"),
    [
        ("semantic-kernel", "{{$x}} {{Mail.read $x}} {{now}} {{Mail.read 'a'}}", ("Mail.read", "now")),
        ("semantic-kernel", "{{$x}} {{'text'}}", ()),
        ("handlebars", "{{x}} {{a.b}} {{concat x 'y'}} {{#each xs}}{{this}}{{/each}}", ()),
        (
            "handlebars",
            "{{#if (Mail-count box=x)}}{{Mail-read}}{{else}}{{upper (Text-trim x)}}{{/if}}",
            ("Mail-count", "Mail-read", "upper", "Text-trim"),
        ),
        ("jinja2", "{{ x }} {{ x.lower() }} {{ x | upper }} {% macro m() %}{% endmacro %}{{ m() }} {{ array(1) }}", ()),
        (
            "jinja2",
            "{% if Mail_count() %}{{ Mail_read(Text_trim(x)) }}{% endif %}",
            ("Mail_count", "Mail_read", "Text_trim"),
        ),
    ],
)
def test_functions_are_named_as_written(format: TemplateFormat, template: str, expected: tuple[str, ...]) -> None:
    assert functions_of(template, format) == expected


@pytest.mark.parametrize(
    ("format", "template"), [("semantic-kernel", "{{f g}}"), ("handlebars", "{{#if x}}"), ("jinja2", "{{ x")]
)
def test_a_template_that_cannot_be_read_is_a_template_error(format: TemplateFormat, template: str) -> None:
    with pytest.raises(TemplateError):
        functions_of(template, format)
