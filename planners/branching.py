"""Branching: the grammar of the tags that open blocks, and of their tests, over the variables that are known.

A test compares a variable with what its type has, in the ways that can be worked out for every value of the type. What
is not known may be text or a list. The rules are GBNF, as those of a step are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from forethought.kernel.values import ANY, ValueType

from .grammar import UNSAFE, escaped, quoted

__all__ = ["RULES", "may_be_list", "openings"]

_LONGEST = 100  # characters of a variable's name that a test may have, so that no test is too long
_LISTS = frozenset({"any", "array", "string"})

_TICK = '"\'"'  # what text in a test stands in
_QUIET = rf"'\\{{}}${UNSAFE}"  # never in it
RULES: Mapping[str, str] = {
    "order": '"==" | "!=" | "&lt;" | "&lt;=" | ">" | ">="',
    "same": '"==" | "!="',
    "inside": '"in" | "not in"',
    "said": f"{_TICK} [^{_QUIET}]{{1,40}} {_TICK}",
    "low": f"{_TICK} [^A-Z{_QUIET}]{{1,40}} {_TICK}",
    "count": '"0" | [1-9] [0-9]{0,3}',
    "rounds": '[1-9] | "1" [0-9] | "20"',
    "also": '" and " | " or "',
}
"""The rules of tests that do not depend on what is known."""

_SIZE = '@ "|length " order " " count'
_NUMBERS = ('@ " " order " " number',)
_EQUAL = ('@ " " same " " said', '@ " " same " " boolean')
_READ = ('@ "|float(0) " order " " number',)
_CLAUSES: Mapping[str, tuple[str, ...]] = {
    "any": (
        *_EQUAL,
        '@ "|string|lower " same " " low',
        'low " " inside " " @ "|string|lower"',
        _SIZE,
        *_READ,
    ),
    "array": (_SIZE, 'said " " inside " " @', 'number " " inside " " @'),
    "boolean": ("@", '@ " " same " " boolean'),
    "date": (f'@ " " order " " {_TICK} date {_TICK}',),
    "date-time": (f'@ " " order " " {_TICK} date-time {_TICK}',),
    "duration": (f'@ " " same " " {_TICK} duration {_TICK}',),
    "integer": _NUMBERS,
    "number": _NUMBERS,
    "object": (_SIZE, 'said " " inside " " @'),
    "string": (
        *_EQUAL,
        '@ " " inside " [" said (", " said){0,3} "]"',
        '@ "|lower " same " " low',
        'said " " inside " " @',
        'low " " inside " " @ "|lower"',
        _SIZE,
        *_READ,
    ),
    "time": (f'@ " " order " " {_TICK} time {_TICK}',),
}
_NULLABLE: Mapping[str, tuple[str, ...]] = {
    "boolean": ('@ " " same " " boolean',),
    "integer": ('@ " " same " " number', *_READ),
    "number": ('@ " " same " " number', *_READ),
    "string": _EQUAL,
}
_NOTHING = ('@ " is none"', '@ " is not none"')


def openings(
    known: Mapping[str, ValueType], *, items: Mapping[str, str], changing: Collection[str]
) -> tuple[list[str], dict[str, str]]:
    """Return the ways to open a block, and the rules they need.

    `items` are the lists that a foreach may go over, each with the name of its item; the test of a while begins with
    one of the variables that are `changing`, since a step inside can set them.
    """
    ways, rules = list[str](), dict(RULES)
    if clauses := list(_clauses(known)):
        rules["clause"] = _either_or_not(clauses)
        rules["steady"] = _either_or_not(_clauses(known, steady=True))
        ways.append(r'"<if test=\"" clause (also clause){0,2} "\">"')
        if first := list(_clauses({name: known[name] for name in known if name in changing}, steady=True)):
            rules["changing"] = _either_or_not(first)
            ways.append(r'"<while test=\"" changing (also steady){0,2} "\" max=\"" rounds "\">"')
    if items:
        lists = (quoted(f'{item}" in="${name}') for name, item in items.items())
        ways.append(rf'"<foreach item=\"" ({" | ".join(lists)}) "\">"')
    return ways, rules


def may_be_list(kind: ValueType) -> bool:
    """Say whether a foreach may go over a value of this type: text may be the JSON of a list."""
    return kind.kind in _LISTS and not kind.choices


def _either_or_not(clauses: Iterable[str]) -> str:
    return f'"not "? ({" | ".join(clauses)})'


def _clauses(known: Mapping[str, ValueType], *, steady: bool = False) -> Iterator[str]:
    """Yield what can be asked of variables, those of one form together; `steady` asks no size of what is not known."""
    forms: dict[str, list[str]] = {}
    for name, kind in known.items():
        for form in _forms(kind) if len(name) <= _LONGEST else ():
            if not (steady and kind == ANY and form == _SIZE):
                forms.setdefault(form, []).append(name)
    for form, names in forms.items():
        yield form.replace("@", f"({' | '.join(map(quoted, names))})", 1)


def _forms(kind: ValueType) -> Iterator[str]:
    """Yield the forms of the clauses for a type, in which `@` stands for a variable of it."""
    if kind.kind == "null":
        return
    if kind.choices:
        if literals := [quoted(escaped(each)) for each in map(_literal, kind.choices) if each]:
            yield f'@ " " same " " ({" | ".join(literals)})'
    else:
        yield from (_NULLABLE if kind.nullable else _CLAUSES).get(kind.kind, ())
    if kind.nullable:
        yield from _NOTHING


def _literal(value: object) -> str | None:
    """Return a choice as a test writes it; None where it would have to be escaped."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value) if abs(value) < 10**15 else None
    if isinstance(value, str) and len(value) <= _LONGEST and not set(value) & set("'\\{}$") and value.isprintable():
        return f"'{value}'"
    return None
