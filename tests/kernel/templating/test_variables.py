"""variables_of: the names a template needs from outside, in order of first use, without running any of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from forethought.kernel.errors import TemplateError
from forethought.kernel.templating.formats import TemplateFormat
from forethought.kernel.templating.variables import variables_of


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("no variables at all", ()),
        ("Tell a joke about {{$topic}}.", ("topic",)),
        ("{{ $b }}{{$a}}{{$b}}", ("b", "a")),
        ("{{$INPUT}} and {{$input}}", ("INPUT",)),
        ("{{Plugin.fn $x}}", ("x",)),
        ("{{Plugin.fn 'lit' to=$name by=\"$none\"}}", ("name",)),
        ('{{Plugin.fn "literal"}}{{fn}}', ()),
        ('{{"text with }} and {{$no}}"}}', ()),
        ("{{ {{$x}}", ("x",)),
        ('{"a": {{$z}}}', ("z",)),
        ("{{}} {{ }} }} {{ $unclosed", ()),
    ],
)
def test_semantic_kernel(template: str, names: tuple[str, ...]) -> None:
    assert variables_of(template, "semantic-kernel") == names


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("Hello {{name}} {{{raw}}} {{&bare}}", ("name", "raw", "bare")),
        ("{{Name}} {{name}}", ("Name",)),
        ("{{#each items}}{{this.name}} {{title}} {{@index}} {{.}}{{/each}}", ("items",)),
        ("{{#each items}}{{../who}}{{#each tags}}{{../../deep}}{{../no}}{{/each}}{{/each}}", ("items", "who", "deep")),
        ("{{#each items as |item n|}}{{item.name}}{{n}}{{/each}}{{n}}", ("items", "n")),
        ("{{#if a}}{{b}}{{else if c}}{{d}}{{else}}{{e}}{{/if}}", ("a", "b", "c", "d", "e")),
        ("{{#unless a}}{{b}}{{/unless}}{{^c}}x{{/c}}", ("a", "b", "c")),
        ("{{#with person}}{{name}}{{/with}}", ("person",)),
        ("{{#with a}}{{@root.b}}{{/with}}", ("a", "b")),
        ('{{#message role="user"}}{{question}}{{/message}}', ("question",)),
        ('{{concat a "b" (json c) 4 true}}', ("a", "c")),
        ("{{Plugin-fn x}}{{Plugin-other to=y}}{{Plugin-none}}", ("x", "y")),
        ('{{set "t" x}}{{t}}{{get "t"}}{{get "u"}}', ("x", "u")),
        ("{{! {x} }}{{!-- {{y}} --}}\\{{z}}", ()),
        ("{{a.b}} {{c/d}} {{e.[f g].h}}", ("a", "c", "e")),
        ("{{姓名}}", ("姓名",)),
    ],
)
def test_handlebars(template: str, names: tuple[str, ...]) -> None:
    assert variables_of(template, "handlebars") == names


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("Hello {{ name }}", ("name",)),
        ("{{ b.c }}{{ a[0] }}{{ b }}", ("b", "a")),
        ("{% for row in rows %}{{ row.a }}{{ loop.index }}{% endfor %}", ("rows",)),
        ("{% set x = y %}{{ x }}{{ range(3) }}", ("y",)),
        ("{{ Plugin_fn(x) }}", ("x",)),
        ("{% if z is defined %}{{ z | upper }}{% endif %}{# {{ c }} #}{% raw %}{{ r }}{% endraw %}", ("z",)),
    ],
)
def test_jinja2(template: str, names: tuple[str, ...]) -> None:
    assert variables_of(template, "jinja2") == names


@pytest.mark.parametrize(
    ("template", "template_format", "message"),
    [
        ("a\n{{$a-b}}", "semantic-kernel", "line 2: '{{$a-b}}' cannot be read at '-b'"),
        ("{{$x $y}}", "semantic-kernel", "line 1: '{{$x $y}}' says more than one value"),
        ("{{$}}", "semantic-kernel", "line 1: '{{$}}': a variable needs a name after '$'"),
        ("{{f $x $y}}", "semantic-kernel", "line 1: '{{f $x $y}}': only the first argument may go without a name"),
        ("{{f g}}", "semantic-kernel", "line 1: '{{f g}}': 'g' is neither $variable, 'text' nor name=value"),
        ("{{a.b.c}}", "semantic-kernel", "line 1: 'a.b.c' is not the name of a function"),
        ("{{x=$y}}", "semantic-kernel", "line 1: '{{x=$y}}' names the argument 'x' of no function"),
        ("{{f a=$y A=$z}}", "semantic-kernel", "line 1: '{{f a=$y A=$z}}': the argument 'A' is given twice"),
        ("\n\n{{#if x}}", "handlebars", "line 3: '{{#if x}}' has no '{{/if}}'"),
        ("{{/if}}", "handlebars", "line 1: '{{/if}}' ends no block"),
        (
            "{{#if a}}\n{{/unless}}",
            "handlebars",
            "line 2: '{{/unless}}' stands where '{{/if}}' of line 1 should",
        ),
        ("{{> header}}", "handlebars", "line 1: the partial 'header' cannot be used: a prompt is one file"),
        ("{{a b=}}", "handlebars", "line 1: '{{a b=}}': 'b=' has no value"),
        ("{{a (b}}", "handlebars", "line 1: '{{a (b}}' has a '(' without its ')'"),
        ("{{x", "handlebars", "line 1: '{{' is not closed by '}}'"),
        ("{{}}", "handlebars", "line 1: '{{}}' names nothing"),
        ("\n{% if %}", "jinja2", "line 2: Expected an expression, got 'end of statement block'"),
        ("{{ x | nosuch }}", "jinja2", "line 1: No filter named 'nosuch'."),
    ],
)
def test_a_template_that_cannot_be_read_says_where(
    template: str, template_format: TemplateFormat, message: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        variables_of(template, template_format)
    assert isinstance(caught.value, ValueError)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("template", "template_format"),
    [
        ("{{#if x}}" * 5_000, "handlebars"),
        ("{{" + "(a " * 5_000, "handlebars"),
        ("{{a " + "(a " * 5_000 + ")" * 5_000 + "}}", "handlebars"),
        ("{{ " + "(" * 5_000 + "}}", "jinja2"),
    ],
)
def test_a_template_nested_without_end_is_refused(template: str, template_format: TemplateFormat) -> None:
    with pytest.raises(TemplateError):
        variables_of(template, template_format)


def test_semantic_kernels_own_language_needs_no_template_library() -> None:
    code = (
        "import sys; from forethought.kernel.templating.variables import variables_of;"
        "variables_of('{{$x}}', 'semantic-kernel'); variables_of('{{x}}', 'handlebars');"
        "print([m for m in ('jinja2', 'pybars', 'semantic_kernel', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
