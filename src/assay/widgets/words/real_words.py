"""Words that stand in a language's dictionary: none of them is the misspelling of another, or names a company by itself."""

import gzip
import json
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LISTED = ("de", "en", "es", "fr")


@cache
def real_words(code: str) -> frozenset[str]:
    """In small letters with their accents, as the lists of `pyspellchecker` have them; none for a language without one."""
    if code not in LISTED:
        return frozenset()
    packed = files("spellchecker").joinpath(f"resources/{code}.json.gz").read_bytes()
    return frozenset(json.loads(gzip.decompress(packed)))


def short_names(values: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """How many names begin so: `Delta` of *Delta Air Lines Inc.*, which is called so for short. `values`: their words.

    Of *Walnut Desk* the first word tells less: it names one only where it is no word of a dictionary, or where others have
    the rest of the name too.
    """
    named = [words for value, words in values.items() if len(words) > 1 and _is_proper(value)]
    rests = Counter(word for words in named for word in set(words[1:]))
    firsts = Counter(words[0] for words in values.values() if words)
    return {
        words[0]: firsts[words[0]] for words in named
        if len(words[0]) > 3 and (any(rests[word] > 1 for word in words[1:]) or words[0] not in real_words("en"))
    }  # fmt: skip


def _is_proper(value: str) -> bool:
    return all(not word[0].isalpha() or word[0].isupper() for word in value.split())
