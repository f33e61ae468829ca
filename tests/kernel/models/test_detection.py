"""Detection: every way to get a model, with the reason; nothing that costs is chosen by itself."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from forethought.kernel.models.detection import Candidate, default_specs, detect
from forethought.kernel.settings import Settings, load_settings

QUIET = {"OLLAMA_HOST": "http://127.0.0.1:9"}


@pytest.fixture
def no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forethought.kernel.models.detection.local_candidate", lambda: (False, "no weights"))


@pytest.fixture
def weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forethought.kernel.models.detection.local_candidate", lambda: (True, "small.gguf"))


@pytest.mark.usefixtures("no_weights")
def test_nothing_is_found_where_nothing_is_and_each_says_why() -> None:
    assert detect(Settings(environment=QUIET)) == (
        Candidate("local", False, "no weights"),
        Candidate("openai:NAME", False, "OPENAI_API_KEY is not set"),
        Candidate("azure:DEPLOYMENT", False, "AZURE_OPENAI_API_KEY is not set"),
        Candidate("anthropic:NAME", False, "ANTHROPIC_API_KEY is not set"),
        Candidate("google:NAME", False, "GOOGLE_AI_API_KEY is not set"),
        Candidate("mistral:NAME", False, "MISTRALAI_API_KEY is not set"),
        Candidate("ollama:NAME", False, "nothing listens at http://127.0.0.1:9"),
    )


@pytest.mark.usefixtures("no_weights")
def test_a_key_is_a_candidate_and_chooses_nothing() -> None:
    settings = Settings(environment={**QUIET, "OPENAI_API_KEY": "secret", "GEMINI_API_KEY": "secret"})
    found = {each.spec: each for each in detect(settings)}
    assert found["openai:NAME"] == Candidate("openai:NAME", True, "OPENAI_API_KEY is set; name a model to use it")
    assert found["google:NAME"].reason == "GEMINI_API_KEY is set; name a model to use it"
    assert not any(each.chosen for each in found.values())
    assert default_specs(settings) == ()


@pytest.mark.usefixtures("no_weights")
def test_azure_needs_a_key_and_an_endpoint() -> None:
    found = {each.spec: each for each in detect(Settings(environment={**QUIET, "AZURE_OPENAI_API_KEY": "k"}))}
    assert found["azure:DEPLOYMENT"].reason == "AZURE_OPENAI_ENDPOINT is not set"


@pytest.mark.usefixtures("weights")
def test_local_weights_are_chosen_since_nothing_leaves_the_machine() -> None:
    settings = Settings(environment=QUIET)
    assert default_specs(settings) == ("local",)
    assert detect(settings)[0] == Candidate("local", True, "small.gguf", chosen=True)


@pytest.mark.usefixtures("weights")
def test_what_is_configured_comes_before_weights_and_says_where_it_is_configured(tmp_path: Path) -> None:
    file = tmp_path / "forethought.toml"
    file.write_text('model = "anthropic:m"\nplanner_model = "openai:big"\n', encoding="utf-8")
    first, second, local, *_ = detect(load_settings(tmp_path, environment={**QUIET, "ANTHROPIC_API_KEY": "k"}))
    assert first == Candidate("anthropic:m", True, f"'model' in {file}", chosen=True, order=1)
    assert second == Candidate(
        "openai:big", False, f"'planner_model' in {file}, but OPENAI_API_KEY is not set", chosen=False, order=1
    )
    assert (local.spec, local.chosen) == ("local", False)


@pytest.mark.usefixtures("no_weights")
def test_a_configured_text_that_is_no_model_says_so() -> None:
    first, *_ = detect(Settings(model=("gpt-5",), sources={"model": "FORETHOUGHT_MODEL"}, environment=QUIET))
    assert (first.available, first.chosen) == (False, True)
    assert first.reason.startswith("FORETHOUGHT_MODEL: 'gpt-5' is not a model: it does not say who serves the model")


@pytest.mark.usefixtures("no_weights")
def test_a_configured_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    missing = tmp_path / "missing.gguf"
    first, *_ = detect(Settings(model=(f"local:{missing}",), sources={"model": "FORETHOUGHT_MODEL"}, environment=QUIET))
    assert not first.available
    assert first.reason.startswith(f"FORETHOUGHT_MODEL, but model local:{missing}: ")


@pytest.mark.usefixtures("no_weights")
def test_a_server_at_ollamas_port_is_a_candidate() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"
        found = detect(Settings(environment={"OLLAMA_HOST": host}))[-1]
    assert found == Candidate("ollama:NAME", True, f"a server listens at http://{host}; name a model to use it")


@pytest.mark.usefixtures("no_weights")
@pytest.mark.parametrize("spec", ["ollama:m", "http://127.0.0.1:9#m"])
def test_a_configured_server_that_is_not_there_says_so(spec: str) -> None:
    first, *_ = detect(Settings(model=(spec,), sources={"model": "FORETHOUGHT_MODEL"}, environment=QUIET))
    reason = "FORETHOUGHT_MODEL, but nothing listens at http://127.0.0.1:9"
    assert first == Candidate(spec, False, reason, chosen=True, order=1)


@pytest.mark.usefixtures("weights")
def test_of_an_order_the_first_that_can_be_used_is_chosen(tmp_path: Path) -> None:
    file = tmp_path / "forethought.toml"
    file.write_text('model = ["ollama:m", "openai:a", "openai:b"]\n[models]\nFast = "openai:c"\n', encoding="utf-8")
    settings = load_settings(tmp_path, environment={**QUIET, "OPENAI_API_KEY": "k"})
    assert detect(settings)[:5] == (
        Candidate("ollama:m", False, f"'model' in {file}, but nothing listens at http://127.0.0.1:9", order=1),
        Candidate("openai:a", True, f"'model' in {file}", chosen=True, order=2),
        Candidate("openai:b", True, f"'model' in {file}", order=3),
        Candidate("openai:c", True, f"'Fast' in [models] of {file}", order=1),
        Candidate("local", True, "small.gguf"),
    )
    assert default_specs(settings) == ("ollama:m", "openai:a", "openai:b")
