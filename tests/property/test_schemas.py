"""Laws of schemas: the short form means what it says, and nothing that is given breaks the reading of it."""

from __future__ import annotations

import contextlib
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from forethought.kernel.errors import CoercionError
from forethought.kernel.schemas import checked, misfit, schema_of, with_way_out

VALUES = {
    "string": st.text(),
    "integer": st.integers(),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "date": st.dates().map(str),
    "null": st.none(),
}
NAMES = st.text(alphabet="abc_é1", min_size=1, max_size=4)
SCALARS = st.sampled_from(sorted(VALUES))
SHORT = st.dictionaries(
    NAMES,
    st.recursive(
        SCALARS | SCALARS.map(lambda name: f"{name}?"),
        lambda inner: st.tuples(inner).map(list) | st.dictionaries(NAMES, inner, min_size=1, max_size=3),
        max_leaves=6,
    ),
    min_size=1,
    max_size=4,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES | st.sampled_from(["type", "items", "enum", "properties", "$ref"]), inner, max_size=3)
    ),
    max_leaves=10,
)


def fitting(short: object) -> st.SearchStrategy[object]:
    """Values of a short form; what may be missing is missing, null or there."""
    match short:
        case str():
            name = short.removesuffix("?")
            return st.none() | VALUES[name] if short.endswith("?") else VALUES[name]
        case list():
            return st.lists(fitting(cast("list[object]", short)[0]), max_size=3)
        case _:
            fields = cast("dict[str, object]", short)
            optional = {name for name, each in fields.items() if isinstance(each, str) and each.endswith("?")}
            return st.fixed_dictionaries(
                {name: fitting(each) for name, each in fields.items() if name not in optional},
                optional={name: fitting(fields[name]) for name in optional},
            )


@given(st.data(), SHORT)
def test_what_is_of_the_short_form_fits_its_schema(data: st.DataObject, short: dict[str, object]) -> None:
    schema = checked(schema_of(short))
    value = data.draw(fitting(short))
    assert misfit(value, schema) == ""
    assert misfit([value], schema) != ""
    held = with_way_out(schema, "why")
    assert held is not None
    assert misfit(value, held) == ""


@given(SHORT)
def test_a_schema_that_was_read_is_read_as_itself(short: dict[str, object]) -> None:
    assert schema_of(schema_of(short)) == schema_of(short)


@given(JSON, JSON)
def test_whatever_is_given_is_a_schema_that_can_be_held_against_anything_or_a_clear_error(
    written: object, value: object
) -> None:
    with contextlib.suppress(CoercionError):
        misfit(value, schema_of(written))
