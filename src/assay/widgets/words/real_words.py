"""Words that stand in a language's dictionary, so that none of them is taken for the misspelling of another."""

import gzip
import json
from functools import cache
from importlib.resources import files

_LISTED = ("de", "en", "es", "fr")


@cache
def real_words(code: str) -> frozenset[str]:
    """In small letters with their accents, as the lists of `pyspellchecker` have them; none for a language without one."""
    if code not in _LISTED:
        return frozenset()
    packed = files("spellchecker").joinpath(f"resources/{code}.json.gz").read_bytes()
    return frozenset(json.loads(gzip.decompress(packed)))
