"""In which language a request is written, and whether it is one that can be read."""

import unicodedata
from collections.abc import Mapping

from assay.widgets.words.language import Language
from assay.widgets.words.lexicon import Lexicon
from assay.widgets.words.text import Token

_SCRIPTS = {
    "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "HANGUL": "Korean", "CYRILLIC": "a language in Cyrillic letters",
    "ARABIC": "a language in Arabic letters", "HEBREW": "Hebrew", "GREEK": "Greek", "THAI": "Thai",
    "DEVANAGARI": "a language in Devanagari letters",
}  # fmt: skip


def tongues(given: tuple[Token, ...], languages: Mapping[str, Language], lexicon: Lexicon) -> list[tuple[Language, int]]:
    """The languages that know words of the request, the one that knows most first; English where none does more."""
    if any(each.kind == "han" for each in given):
        return [(languages["zh"], len(given))] if "zh" in languages else []
    words = {each.folded for each in given if each.kind == "word"}
    catalog = {each for each in words if each in lexicon.words}
    scored: list[tuple[int, int, Language]] = []
    for language in languages.values():
        own = words & language.written
        scored.append((len(own | catalog), len(own), language))
    ranked = sorted(scored, key=lambda each: (-each[0], -each[1], each[2].code != "en"))
    return [(language, score) for score, _, language in ranked]


def stranger(given: tuple[Token, ...], strangers: Mapping[str, frozenset[str]], best: int) -> str | None:
    """The name of the language that the request is in, where it is one without a file."""
    for each in given:
        for letter in each.text if each.kind == "word" else "":
            name = unicodedata.name(letter, "").split(" ")[0]
            if name not in ("LATIN", "FULLWIDTH", "MODIFIER", "MASCULINE", "FEMININE") and letter.isalpha():
                return _SCRIPTS.get(name, f"a language in {name.capitalize()} letters")
    words = {each.folded for each in given if each.kind == "word"}
    scored = [(len(words & own), name) for name, own in strangers.items()]
    most, name = max(scored, default=(0, ""), key=lambda pair: pair[0])
    return name if most >= 2 and most > best else None
