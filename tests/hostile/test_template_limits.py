"""Templates do no more than they may: none runs for ever, fills the memory, or calls what is not for it to call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from forethought.kernel.templating.formats import TemplateError, TemplateFormat
from forethought.kernel.templating.rendering import render

FOREVER = "more than 100,000 rounds and calls"
HUGE = "more than 10,000,000 characters"


class Account:
    """A value of a foreign class."""

    owner = "Steven"

    def close(self) -> str:
        """What no template may do."""
        raise AssertionError("the account is closed")

    def __str__(self) -> str:
        return "an account"


VALUES: Mapping[str, object] = {
    "v": "text",
    "long": "x" * 5_000,
    "rows": list(range(1_000)),
    "n": 1_000_000_000,
    "day": date(2030, 1, 31),
    "account": Account(),
    "pick": {"a": 1}.get,
    "call": open,
}


async def _rendered(template: str, language: TemplateFormat = "jinja2") -> str:
    async def unknown(name: str, arguments: Mapping[str, object]) -> object:
        raise TemplateError(f"there is no function '{name}'")

    return "".join(message.content for message in await render(template, language, VALUES, unknown))


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{% for a in rows %}{% for b in rows %}{% endfor %}{% endfor %}", FOREVER),
        ("{% for a in long %}{% for b in long %}{% for c in long %}{% endfor %}{% endfor %}{% endfor %}", FOREVER),
        (
            "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(30) }}",
            FOREVER,
        ),
        ("{% for a in rows recursive %}{{ loop(rows) }}{% endfor %}", "RecursionError"),
        ("{% for a in rows %}{{ long }}{{ long }}{{ long }}{% endfor %}", HUGE),
        ("{% for a in rows %}" + "x" * 20_000 + "{% endfor %}", HUGE),
        ("{% macro m() %}" + "x" * 20_000 + "{% endmacro %}{% for a in rows %}{{ m() }}{% endfor %}", HUGE),
        ("{{ 'a' * n }}", HUGE),
        ("{{ n * 'a' }}", HUGE),
        ("{{ [0] * n }}", HUGE),
        ("{{ 2 ** n }}", "more than 10,000 bits"),
        ("{{ n ** n }}", "more than 10,000 bits"),
        ("{{ (n ** 300) * (n ** 300) }}", "more than 10,000 bits"),
        ("{{ '%1000000000d' % 1 }}", "a width in"),
        ("{{ '%1000000000d' | format(1) }}", "a width in"),
        ("{{ '%*d' | format(n, 1) }}", "a width in"),
        ("{{ v | center(n) }}", "'center' is asked for 1,000,000,000, and 10,000 is the most"),
        ("{{ v | center(width=n) }}", "'center' is asked for"),
        ("{{ v | indent(n) }}", "'indent' is asked for"),
        ("{{ rows | batch(n, 0) | list }}", "'batch' is asked for"),
        ("{{ rows | slice(n) | list }}", "'slice' is asked for"),
        ("{{ 2.5 | round(n) }}", "'round' is asked for"),
        ("{{ rows | tojson(indent=n) }}", "'tojson' is asked for"),
        ("{{ long | replace('x', long) }}", HUGE),
        ("{{ long.replace('x', long) }}", HUGE),
        ("{{ long.replace('', long) }}", HUGE),
        ("{{ long.join(long) }}", HUGE),
        ("{{ long | join(long) }}", HUGE),
        (
            "{% set s = [long] %}" + "{% set s = [s[0] ~ s[0]] %}" * 30,
            HUGE,
        ),
        ("{% set s = long %}" + "{% set s = s + s %}" * 30, HUGE),
        ("{% for a in rows %}{{ (long | upper)[0] }}{{ (long ~ 'x')[0] }}{{ long[1:][0] }}{% endfor %}", HUGE),
    ],
)
async def test_a_template_that_does_too_much_is_ended(template: str, why: str) -> None:
    with pytest.raises(TemplateError) as caught:
        await _rendered(template)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{{ account.close() }}", "close"),
        ("{{ (account.close)() }}", "close"),
        ("{{ call('/etc/passwd') }}", "open"),
        ("{{ v.format(account) }}", "format"),
        ("{{ '{0.close}'.format(account) }}", "format"),
        ("{{ '{a.close}'.format_map({'a': account}) }}", "format_map"),
        ("{{ v.ljust(n) }}", "ljust"),
        ("{{ v.zfill(n) }}", "zfill"),
        ("{{ v.expandtabs(n) }}", "expandtabs"),
        ("{{ v.encode() }}", "encode"),
        ("{{ day.strftime('%1000000000Y') }}", "strftime"),
        ("{{ n.to_bytes(4) }}", "to_bytes"),
        (
            "{{ pick('a') }}{{ ([account] | map(attribute='close') | first)() }}",
            "close",
        ),
    ],
)
async def test_a_template_calls_functions_and_harmless_methods_only(template: str, name: str) -> None:
    with pytest.raises(TemplateError, match=f"'{name}' is not for templates to call"):
        await _rendered(template)


@pytest.mark.parametrize("name", ["lipsum", "cycler", "joiner", "namespace", "range", "dict"])
async def test_what_jinja_has_of_its_own_is_not_there(name: str) -> None:
    with pytest.raises(TemplateError):
        await _rendered("{{ " + name + " }}")
    with pytest.raises(TemplateError, match=f"there is no function '{name}'"):
        await _rendered("{{ " + name + "(3) }}")


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (
            "{% for a in rows[:3] %}{{ loop.index }}/{{ loop.length }}:{{ a }}{{ ' ' if not loop.last }}{% endfor %}",
            "1/3:0 2/3:1 3/3:2",
        ),
        ("{% for k, x in {'a': 1}.items() %}{{ k }}={{ x }}{% else %}none{% endfor %}", "a=1"),
        ("{% for a in [] %}{{ a }}{% else %}none{% endfor %}", "none"),
        ("{% for a in rows if a > 997 %}{{ loop.cycle('odd', 'even') }} {{ a }} {% endfor %}", "odd 998 even 999 "),
        ("{% for a in [[1, [2]], [3]] recursive %}{{ loop(a) if a is iterable else a }}{% endfor %}", "123"),
        ("{% macro m(x) %}<{{ x }}{{ caller() }}>{% endmacro %}{% call m(1) %}!{% endcall %}", "<1!>"),
        (
            "{{ v.upper() }} {{ v.replace('t', 'T') }} {{ ', '.join(['a', 'b']) }} {{ v.startswith('te') }}",
            "TEXT TexT a, b true",
        ),
        (
            "{{ 2 ** 10 }} {{ 'ab' * 2 }} {{ '%05.1f' % 2.5 }} {{ v ~ 1 ~ none }} {{ [1] + [2] }}",
            "1024 abab 002.5 text1None [1, 2]",
        ),
        ("{{ v | center(8) | trim | upper | replace('T', 't') }} {{ rows | batch(400) | list | length }}", "tEXt 3"),
        ("{{ day.isoformat() }} {{ day.weekday() }} {{ account.owner }}", "2030-01-31 3 Steven"),
    ],
)
async def test_what_templates_are_for_works(template: str, text: str) -> None:
    assert await _rendered(template) == text


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{#each rows}}{{#each ../rows}}{{/each}}{{/each}}", FOREVER),
        ("{{#each rows}}{{../long}}{{../long}}{{../long}}{{/each}}", HUGE),
    ],
)
async def test_handlebars_has_the_same_bounds(template: str, why: str) -> None:
    with pytest.raises(TemplateError, match=why):
        await _rendered(template, "handlebars")


async def test_the_first_language_has_the_same_bound() -> None:
    with pytest.raises(TemplateError, match=HUGE):
        await _rendered("{{$long}}" * 2_001, "semantic-kernel")
