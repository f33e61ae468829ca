"""Words: how a text is divided for keyword search, in any script.

SQLite's own tokenizer divides at spaces and punctuation. Where a script writes no spaces (Chinese, Japanese, Thai, ...)
each character becomes a word here, and a query asks for pairs of neighbours. Arabic loses its vowel signs, the forms of
one letter become one, and the article is a word of its own.
"""

from __future__ import annotations

import itertools
import re
import unicodedata

__all__ = ["TOKENIZER", "divided", "phrases"]

# `porter` finds "meetings" by "meeting"; marks belong to their letters, as Indic scripts need it.
TOKENIZER = "porter unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"

_SPACELESS = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # Japanese
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese characters
    "\uac00-\ud7a3"  # Korean, whose particles stick to the word before
    "\U0001f000-\U0001faff"  # pictures
)
_MARKS = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u1056-\u1059\u17b4-\u17d3"
_CHARACTER = re.compile(f"[{_SPACELESS}][{_MARKS}]*")
_RUN = re.compile(f"[{_SPACELESS}]+")
_ARABIC = re.compile("[\u0600-\u06ff]")
_SIGNS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")  # vowels, tatweel, marks of recitation
_FORMS = str.maketrans("\u0622\u0623\u0625\u0671\u0649\u0629", "\u0627\u0627\u0627\u0627\u064a\u0647")
_ARTICLES = frozenset(("\u0627\u0644", "\u0644\u0644", *(f"{each}\u0627\u0644" for each in "\u0648\u0641\u0628\u0643")))
_ARTICLE = re.compile(
    "(?<![\u0620-\u064a])([\u0648\u0641\u0628\u0643]?\u0627\u0644|\u0644\u0644)(?=[\u0620-\u064a]{2})"
)
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_MOST_PHRASES = 64  # of a query: a longer one is a document, and its first words say enough


def divided(text: str) -> str:
    """Return `text` with spaces where words end; a text that has them already comes back as it is."""
    text = text.replace("\0", " ")  # to SQLite a text ends there
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text).casefold()
    if _ARABIC.search(text):
        text = _ARTICLE.sub("\\1 ", _SIGNS.sub("", text).translate(_FORMS))
    return _CHARACTER.sub(" \\g<0> ", text) if _RUN.search(text) else text


def phrases(query: str) -> list[str]:
    """Return what to look for, each a word or several in a row, none twice.

    A run of a script without spaces becomes its pairs of neighbours: whoever has most of them is nearest.
    """
    found: dict[str, None] = {}
    position = 0
    plain = unicodedata.normalize("NFKC", query).replace("\0", " ")
    for run in _RUN.finditer(plain):
        _add_words(found, plain[position : run.start()])
        characters = _CHARACTER.findall(run.group()) or [run.group()]
        pairs = [" ".join(pair) for pair in itertools.pairwise(characters)]
        found.update(dict.fromkeys(pairs or characters))
        position = run.end()
    _add_words(found, plain[position:])
    return list(found)[:_MOST_PHRASES]


def _add_words(found: dict[str, None], text: str) -> None:
    for word in divided(text).split():
        if _WORD.search(word) and word not in _ARTICLES:
            found[word.lower()] = None
