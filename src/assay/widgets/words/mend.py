"""Misspellings: a word nobody knows is mended only where one known word is clearly nearest."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from assay.widgets.words.language import Language
from assay.widgets.words.lexicon import Lexicon
from assay.widgets.words.text import Token, stem

_LEAST = 4
_LONG = 8
_PLURAL_S = ("en", "es", "fr")


@dataclass(frozen=True)
class Known:
    """All words that a request in one language may use."""

    language: Language
    stems: frozenset[str]
    mendable: tuple[str, ...]
    primary: frozenset[str]

    @classmethod
    def of(cls, language: Language, lexicon: Lexicon) -> "Known":
        code = language.code
        stems = {stem(word, code) for word in lexicon.words} | language.known
        small = {*language.vocabulary, *language.units, *language.months, *language.weekdays}
        mendable = {*lexicon.mendable, *(each for each in (*small, *language.stop) if len(each) >= _LEAST)}
        # The plural that the catalog does not write may be misspelt too.
        mendable |= {
            f"{word}s" for word in lexicon.primary if len(word) > 3 and code in _PLURAL_S and not word.endswith("s")
        }
        return cls(language, frozenset(stems), tuple(sorted(mendable)), lexicon.primary)

    def knows(self, folded: str) -> bool:
        return stem(folded, self.language.code) in self.stems


def mend(given: tuple[Token, ...], known: Known) -> tuple[Token, ...]:
    """The tokens with each misspelt one replaced by the known word it stands for; two run together are cut apart."""
    found: list[Token] = []
    at = 0
    while at < len(given):
        token = given[at]
        at += 1
        long = known.language.short.get(token.folded)
        if long and token.kind == "word":
            found.append(replace(token, folded=long, mended_from=token.text))
            continue
        if token.kind != "word" or known.knows(token.folded):
            found.append(token)
            continue
        follows = given[at] if at < len(given) else None
        if follows and follows.kind == "word" and not known.knows(follows.folded):
            joined = token.folded + follows.folded
            if known.knows(joined):
                found.append(replace(token, text=f"{token.text} {follows.text}", folded=joined, mended_from=token.text))
                at += 1
                continue
        found += _cut_apart(token, known) or [_mended(token, known)]
    return tuple(found)


def _cut_apart(token: Token, known: Known) -> list[Token]:
    """`lastmonth` is two known words, where there is one way only to cut it so."""
    word = token.folded
    ways = [
        (word[:at], word[at:]) for at in range(2, len(word) - 2)
        if all(len(part) > 3 or part in known.language.written for part in (word[:at], word[at:]))
        and known.knows(word[:at]) and known.knows(word[at:]) and max(at, len(word) - at) > 3
    ]  # fmt: skip
    if len(word) < 6 or len(ways) != 1:
        return []
    one, two = ways[0]
    return [replace(token, text=one, folded=one, mended_from=token.text),
            replace(token, text=two, folded=two, after_comma=False, mended_from=token.text)]  # fmt: skip


def _mended(token: Token, known: Known) -> Token:
    near = nearest_words(token.folded, known.mendable)
    best = [word for word, distance in near if distance == near[0][1]]
    allowed = [word for word in best if near[0][1] <= _allowed(token.folded, word)]
    # A short word of no weight is too easily near to anything.
    weightless = [word for word in best if word in known.language.stop and len(word) < 6]
    allowed = [word for word in allowed if word not in weightless or sorted(word) == sorted(token.folded)]
    # Two different words equally near: which was meant is for the person to say.
    # The same letters in another order, then the catalog's own names, are nearer than the rest.
    own = [word for word in best if sorted(word) == sorted(token.folded)] or best
    own = [word for word in own if word in known.primary] or own
    allowed = [word for word in allowed if word in own]
    if not allowed or len({stem(word, known.language.code) for word in own}) != 1:
        return token
    return replace(token, folded=allowed[0], mended_from=token.text)


def nearest_words(folded: str, among: Iterable[str]) -> list[tuple[str, int]]:
    """Known words within two slips of the pen, nearest first; none for a word of three letters."""
    if len(folded) < _LEAST or not folded.isalpha():
        return []
    found = extract(folded, list(among), scorer=OSA.distance, score_cutoff=2, limit=8)
    return [(word, int(distance)) for word, distance, _ in found]


def _without_doubles(word: str) -> str:
    return "".join(each for at, each in enumerate(word) if at == 0 or each != word[at - 1])


def _allowed(wrong: str, right: str) -> int:
    """How many slips this word may have: one; two in a long word, or where only the order of letters is wrong."""
    if wrong[0] != right[0] and wrong[:2] != right[1::-1]:
        return 1 if len(wrong) >= 6 else 0
    if len(wrong) >= _LONG - 1 and _without_doubles(wrong) == _without_doubles(right):
        return 2
    if len(wrong) >= _LONG or (len(wrong) >= 6 and sorted(wrong) == sorted(right)):
        return 2
    return 1
