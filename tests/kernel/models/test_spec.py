"""Model specs: every form is read and printed back; what is none is quoted with the reason and the forms."""

from __future__ import annotations

import pytest

from forethought.kernel.errors import SettingsError
from forethought.kernel.models.spec import FORMS, ModelSpec


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("openai:gpt-5-mini", ModelSpec("openai", "gpt-5-mini")),
        ("azure:my-deployment", ModelSpec("azure", "my-deployment")),
        ("anthropic:claude-x", ModelSpec("anthropic", "claude-x")),
        ("google:gemini-x", ModelSpec("google", "gemini-x")),
        ("mistral:small", ModelSpec("mistral", "small")),
        ("ollama:llama3.2:3b", ModelSpec("ollama", "llama3.2:3b")),
        ("http://localhost:8080/v1#qwen", ModelSpec("http", "qwen", "http://localhost:8080/v1")),
        ("https://[::1]:8080/v1", ModelSpec("http", "", "https://[::1]:8080/v1")),
        ("local", ModelSpec("local")),
        ("local:models/a b.gguf", ModelSpec("local", "models/a b.gguf")),
        ("local:hf:owner/repo/file.gguf", ModelSpec("local", "hf:owner/repo/file.gguf")),
    ],
)
def test_every_form_is_read_and_printed_back(text: str, spec: ModelSpec) -> None:
    assert ModelSpec.parse(text) == spec
    assert str(spec) == text


def test_the_providers_name_ignores_case_and_blanks_and_an_address_its_last_slash() -> None:
    assert ModelSpec.parse(" OpenAI: gpt-5 ") == ModelSpec("openai", "gpt-5")
    assert ModelSpec.parse("http://host:1/v1/#m") == ModelSpec("http", "m", "http://host:1/v1")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it does not say who serves the model"),
        ("gpt-5", "it does not say who serves the model"),
        ("opnai:gpt-5", "there is no 'opnai'; did you mean 'openai'?"),
        ("wizard:gpt-5", "there is no 'wizard'"),
        ("openai", "no model is named: write openai:NAME"),
        ("azure:", "no model is named: write azure:DEPLOYMENT"),
        ("local:", "no file is named after 'local:'"),
        ("http://#m", "no host is named"),
        ("http:gpt", "there is no 'http'"),
        ("http://host:port/v1#m", "'http://host:port/v1' is not an address"),
        ("http://host/v1?key=1#m", "the address has a query '?key=1'"),
    ],
)
def test_what_is_no_spec_is_quoted_with_the_reason_and_the_forms(text: str, reason: str) -> None:
    with pytest.raises(SettingsError) as caught:
        ModelSpec.parse(text)
    assert str(caught.value) == f"'{text}' is not a model: {reason} (models are {FORMS})"


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(SettingsError) as caught:
        ModelSpec.parse("http://me:secret@host/v1#m")
    assert "secret" not in str(caught.value)
