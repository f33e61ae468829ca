"""How a text is divided, and what a query asks for."""

from __future__ import annotations

import pytest

from forethought.kernel.memory.words import divided, phrases


@pytest.mark.parametrize("text", ["", "plain words, as they are", "snake_case and camelCase"])
def test_a_text_that_has_its_spaces_is_as_it_was(text: str) -> None:
    assert divided(text) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("喝咖啡", ["喝", "咖", "啡"]),
        ("咖啡cafe咖啡", ["咖", "啡", "cafe", "咖", "啡"]),
        ("Ｆｕｌｌ ﾀﾜｰ", ["full", "タ", "ワ", "ー"]),
        ("กาแฟ", ["ก", "า", "แ", "ฟ"]),
        ("น้ำ", ["น้\u0e4d", "า"]),
        ("الكِتاب", ["ال", "كتاب"]),
        ("والمَدرسة", ["وال", "مدرسه"]),
        ("إلى أحمد", ["الي", "احمد"]),
        ("Straße", ["strasse"]),
        ("हिन्दी", ["हिन्दी"]),
        ("hi🙂there", ["hi", "🙂", "there"]),
        ("a\0b", ["a", "b"]),
    ],
)
def test_a_text_of_another_script_is_divided(text: str, words: list[str]) -> None:
    assert divided(text).split() == words


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("", []),
        ("  ?! - \0", []),
        ("Fox fox FOX", ["fox"]),
        ("a b a", ["a", "b"]),
        ("茶", ["茶"]),
        ("喝咖啡", ["喝 咖", "咖 啡"]),
        ("喝 tea 咖啡", ["喝", "tea", "咖 啡"]),
        ("الكتاب", ["كتاب"]),
        ('say "x"', ["say", '"x"']),
    ],
)
def test_a_query_asks_for_words_and_pairs_of_characters(query: str, asked: list[str]) -> None:
    assert phrases(query) == asked


def test_a_query_of_any_length_asks_for_64_phrases_at_most() -> None:
    assert phrases(" ".join(f"w{number}" for number in range(1000))) == [f"w{number}" for number in range(64)]
