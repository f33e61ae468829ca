"""Any text is a model spec that prints back, or a SettingsError; nothing else."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from forethought.kernel.errors import SettingsError
from forethought.kernel.models.spec import ModelSpec

TEXTS = st.one_of(
    st.text(),
    st.builds("{}:{}".format, st.sampled_from(["openai", "azure", "local", "http", "ollama", "wrapped"]), st.text()),
    st.builds("http://{}#{}".format, st.text(), st.text()),
)


@given(TEXTS)
@example("http://[::1")
@example("http://a\u2100b/v1#m")
@example("https://host:99999/v1")
@example("http://host\x85#m")
@example("http:// host/v1")
@example("wrapped:chat")
def test_a_text_is_a_spec_that_prints_back_or_a_settings_error(text: str) -> None:
    try:
        spec = ModelSpec.parse(text)
    except SettingsError:
        return
    assert spec.provider != "wrapped"
    assert ModelSpec.parse(str(spec)) == spec
