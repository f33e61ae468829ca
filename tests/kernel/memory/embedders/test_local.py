"""Word vectors in this process: what they are, what they say of texts, and what a folder of them must hold."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from forethought.kernel.errors import EmbedderError, SettingsError
from forethought.kernel.memory.embedder import Embedder
from forethought.kernel.memory.embedders.local import is_installed
from forethought.kernel.memory.embedders.opening import open_embedder

needs_vectors = pytest.mark.skipif(not is_installed(), reason="no word vectors: pip install 'forethought[memory]'")


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return open_embedder("local")


@needs_vectors
async def test_a_vector_is_of_float32_and_of_length_one(embedder: Embedder) -> None:
    vectors = await embedder.embed(["Send an email to Ada", "猫が好き", "x"])
    assert vectors.shape == (3, 256)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-6)
    assert (embedder.name, embedder.dimension) == ("local:wordllama-l2-256", 256)


@needs_vectors
async def test_no_texts_are_no_vectors_and_an_empty_text_is_zero(embedder: Embedder) -> None:
    assert (await embedder.embed([])).shape == (0, 256)
    assert not (await embedder.embed([""])).any()


@needs_vectors
async def test_what_means_the_same_is_nearer_than_what_does_not(embedder: Embedder) -> None:
    mail, letter, fruit = await embedder.embed(["send an email", "mail a letter", "ripe bananas"])
    assert mail @ letter > 0.4
    assert mail @ fruit < 0.1


@needs_vectors
async def test_a_text_has_one_vector_in_whatever_company_and_length(embedder: Embedder) -> None:
    texts = [f"number {number} of many" for number in range(2_500)]
    alone = await embedder.embed(texts[:1])
    among = await embedder.embed(texts)
    np.testing.assert_array_equal(alone[0], among[0])
    long, longer = await embedder.embed(["so it is " * 4_000, "so it is " * 20_000])  # more tokens than vectors
    np.testing.assert_allclose(long, longer, atol=1e-3)


@needs_vectors
async def test_a_vector_is_the_mean_of_the_vectors_of_its_tokens(embedder: Embedder) -> None:
    from safetensors.numpy import load
    from tokenizers import Tokenizer

    package = Path(find_spec("wordllama").submodule_search_locations[0])  # type: ignore[union-attr,index]
    tokenizer = Tokenizer.from_file(str(package / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    weights = load((package / "weights" / "l2_supercat_256.safetensors").read_bytes())["embedding.weight"].astype(
        np.float32
    )
    for text in ("Find the invoice", "你好，世界", "a", "the quick brown fox " * 30):
        mean = weights[tokenizer.encode(text, add_special_tokens=False).ids].mean(axis=0)
        np.testing.assert_allclose((await embedder.embed([text]))[0], mean / np.linalg.norm(mean), atol=1e-6)


@needs_vectors
async def test_half_of_a_character_is_no_reason_to_fail(embedder: Embedder) -> None:
    half, mark = await embedder.embed(["a \ud83d b", "a ? b"])
    np.testing.assert_array_equal(half, mark)


@needs_vectors
async def test_one_text_is_no_list_of_texts(embedder: Embedder) -> None:
    with pytest.raises(TypeError, match="embed takes several texts"):
        await embedder.embed("Hello")


@needs_vectors
def test_the_package_of_the_vectors_is_not_imported() -> None:
    code = (
        "import asyncio, sys\n"
        "from forethought.kernel.memory.embedders.opening import open_embedder\n"
        "asyncio.run(open_embedder().embed(['x']))\n"
        "print([name for name in ('wordllama', 'requests', 'pydantic', 'semantic_kernel') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def folder_of(path: Path, vectors: list[list[float]], **more: tuple[str, list[float]]) -> Path:
    """Write word vectors as Model2Vec does: those of `[UNK]`, `cat` and `dog`."""
    words = {"[UNK]": 0, "cat": 1, "dog": 2}
    tokenizer: dict[str, object] = {
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": {"type": "Whitespace"},
        "model": {"type": "WordLevel", "vocab": words, "unk_token": "[UNK]"},
    }
    (path / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    tensors = {"embeddings": np.array(vectors, dtype="<f4")}
    tensors |= {
        name: np.array(values, dtype={"I64": "<i8", "F32": "<f4"}[kind]) for name, (kind, values) in more.items()
    }
    kinds = {"embeddings": "F32"} | {name: kind for name, (kind, _) in more.items()}
    header: dict[str, object] = {"__metadata__": {"from": "a test"}}
    data = b""
    for name, tensor in tensors.items():
        offsets = [len(data), len(data) + tensor.nbytes]
        header[name] = {"dtype": kinds[name], "shape": list(tensor.shape), "data_offsets": offsets}
        data += tensor.tobytes()
    written = json.dumps(header).encode()
    (path / "model.safetensors").write_bytes(len(written).to_bytes(8, "little") + written + data)
    return path


async def test_a_folder_of_model2vec_is_an_embedder_and_unknown_words_count_for_nothing(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    embedder = open_embedder(f"local:{folder_of(tmp_path, [[9, 9], [1, 0], [0, 1]])}")
    vectors = await embedder.embed(["cat", "cat dog", "cat unicorn", "unicorn"])
    half = 0.5**0.5
    np.testing.assert_allclose(vectors, [[1, 0], [half, half], [1, 0], [0, 0]], rtol=1e-6)
    assert embedder.dimension == 2


def test_the_name_of_a_folder_is_that_of_its_vectors(tmp_path: Path) -> None:
    names: list[str] = []
    for place, numbers in (("here", [1.0, 0.0]), ("there/here", [1.0, 0.0]), ("other/here", [1.0, 1.0])):
        (tmp_path / place).mkdir(parents=True)
        names.append(open_embedder(f"local:{folder_of(tmp_path / place, [numbers] * 3)}").name)
    assert names[0] == names[1] != names[2]
    assert all(name.startswith("local:here@") for name in names)


async def test_tokens_of_model2vec_may_share_a_vector_and_weigh_more(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    shared = folder_of(tmp_path, [[1, 0], [0, 1]], mapping=("I64", [0, 0, 1]), weights=("F32", [1, 3, 4]))
    vectors = await open_embedder(f"local:{shared}").embed(["cat dog"])
    np.testing.assert_allclose(vectors, [[0.6, 0.8]], rtol=1e-6)


async def test_a_folder_without_the_files_or_with_others_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    with pytest.raises(EmbedderError, match=r"embedder local:.*: there is no file '.*model\.safetensors'"):
        open_embedder(f"local:{tmp_path}")
    folder_of(tmp_path, [[1, 0]])
    with pytest.raises(EmbedderError, match="it has 1 vectors for 3 tokens"):
        await open_embedder(f"local:{tmp_path}").embed(["cat"])
    for damaged in (b"", b"\xff" * 40, b"\x02\0\0\0\0\0\0\0{}", (tmp_path / "model.safetensors").read_bytes()[:-4]):
        (tmp_path / "model.safetensors").write_bytes(damaged)
        with pytest.raises(EmbedderError, match=r"its files cannot be read: .*they are damaged, or of another kind"):
            await open_embedder(f"local:{tmp_path}").embed(["cat"])


def test_without_the_package_the_error_says_how_to_get_it() -> None:
    code = (
        "import importlib.machinery as machinery\n"
        "find = machinery.PathFinder.find_spec\n"
        "machinery.PathFinder.find_spec = lambda name, *rest: None if name == 'wordllama' else find(name, *rest)\n"
        "from forethought.kernel.errors import EmbedderError\n"
        "from forethought.kernel.memory.embedders.opening import open_embedder\n"
        "try:\n"
        "    open_embedder()\n"
        "except EmbedderError as error:\n"
        "    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    sentence = "embedder local: its word vectors are not installed (pip install 'forethought[memory]')\n"
    assert (done.stdout, done.stderr) == (sentence, "")


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("anthropic:claude", "'anthropic:claude' is not an embedder: anthropic has none"),
        ("openai", "no model is named"),
        ("", "it does not say who serves the model"),
    ],
)
def test_a_spec_of_no_embedder_is_refused(spec: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        open_embedder(spec)
