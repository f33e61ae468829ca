"""Docstrings of the three common styles describe parameters."""

from __future__ import annotations

import pytest

from forethought.kernel.packs.docstrings import first_paragraph, parameter_descriptions

GOOGLE = """Do it.

Args:
    first (str, optional): The first one: with a colon
        on two lines.
    second: The second.

        With a paragraph.
    *rest: Others.

Returns:
    nothing: at all
"""

NUMPY = """Do it.

Parameters
----------
first : str
    The first one.
second, third : int, optional
    Both
    of them.

Returns
-------
result : str
    Not a parameter.
"""

SPHINX = """Do it.

:param first: The first one
    on two lines.
:param int second: The second.
:type first: str
:returns: nothing
"""


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        (
            GOOGLE,
            {
                "first": "The first one: with a colon on two lines.",
                "second": "The second. With a paragraph.",
                "rest": "Others.",
            },
        ),
        (NUMPY, {"first": "The first one.", "second": "Both of them.", "third": "Both of them."}),
        (SPHINX, {"first": "The first one on two lines.", "second": "The second."}),
        ("Do it: now.\n\nNote: nothing.", {}),
        ("", {}),
    ],
)
def test_parameters_are_described_in_each_style(docstring: str, expected: dict[str, str]) -> None:
    assert parameter_descriptions(docstring) == expected


def test_the_first_paragraph_is_one_line() -> None:
    assert first_paragraph("\n    Do\n    it.\n\n    More.\n    ") == "Do it."
