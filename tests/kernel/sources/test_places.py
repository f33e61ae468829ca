"""A place refers to secrets and never holds them."""

from __future__ import annotations

import pytest

from forethought.kernel.errors import SettingsError
from forethought.kernel.sources.places import expand


def test_references_become_the_values_of_the_environment() -> None:
    pairs = (("Authorization", "Bearer ${env:TOKEN}"), ("X", "$TOKEN {env:TOKEN} ${TOKEN}"))
    assert expand(pairs, {"TOKEN": "${env:OTHER}"}, "'x'") == {
        "Authorization": "Bearer ${env:OTHER}",
        "X": "$TOKEN {env:TOKEN} ${TOKEN}",
    }


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(SettingsError, match="the environment variable 'TOKEN' is not set, and 'serve' needs it"):
        expand((("A", "${env:TOKEN}"),), {}, "'serve'")
