"""Misspellings: a word nobody knows is mended only where one known word is clearly nearest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from assay.catalog.vocabulary import meant
from assay.widgets.words.language import Language
from assay.widgets.words.lexicon import Lexicon
from assay.widgets.words.real_words import real_words
from assay.widgets.words.text import Token, stem

_LEAST = 4
"""Letters of a word that may have any slip; words of one letter less are mended by rules of their own."""
_LONG = 8
_PLURAL_S = ("en", "es", "fr")


@dataclass(frozen=True)
class Known:
    """All words that a request in one language may use."""

    language: Language
    stems: frozenset[str]
    mendable: tuple[str, ...]
    primary: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    """Stems that follow each other in a term of the catalog."""
    meanings: dict[str, frozenset[tuple[str, str, str | None]]]
    """Of single words: what they stand for in the catalog."""
    named: frozenset[str]
    """Words of the catalog that are no small words of the language."""
    joining: frozenset[str]
    """Small words that are a phrase of their own, such as `by`."""

    @cached_property
    def longer(self) -> tuple[str, ...]:
        """Those that a word of four letters or more may be a misspelling of."""
        return tuple(word for word in self.mendable if len(word) >= _LEAST)

    @classmethod
    def of(cls, language: Language, lexicon: Lexicon) -> "Known":
        code = language.code
        stems = {stem(word, code) for word in lexicon.words} | language.vocabulary
        small = {*language.vocabulary, *language.units, *language.months, *language.weekdays}
        mendable = {*lexicon.mendable, *(each for each in (*small, *language.stop) if len(each) >= _LEAST - 1)}
        # The plural that the catalog does not write may be misspelt too.
        mendable |= {
            f"{word}s" for word in lexicon.primary if len(word) > 3 and code in _PLURAL_S and not word.endswith("s")
        }
        named = frozenset(lexicon.words - language.stop)
        index = lexicon.index(code)
        meanings: dict[str, frozenset[tuple[str, str, str | None]]] = {}
        for term in lexicon.terms:
            if len(term.words) == 1:
                one = (term.meant.what, term.meant.key, term.meant.value)
                meanings[term.words[0]] = meanings.get(term.words[0], frozenset()) | {one}
        return cls(
            language, frozenset(stems), tuple(sorted(mendable)), lexicon.primary,
            frozenset(pair for words in index for pair in pairwise(words)), meanings, named,
            frozenset(language.grammar.single_words()),
        )  # fmt: skip

    def told_apart(self, words: list[str], beside: tuple[str, str]) -> list[str]:
        """The one of these words that makes a term with its neighbour, or any where all stand for the same."""
        code = self.language.code
        before, after = (stem(each, code) for each in beside)
        fitting = [each for each in words if {(before, stem(each, code)), (stem(each, code), after)} & self.pairs]
        if len({stem(each, code) for each in fitting}) == 1:
            return fitting[:1]
        meant = {self.meanings.get(each, frozenset()) for each in words}
        return words[:1] if len(meant) == 1 and meant != {frozenset()} else []

    def knows(self, folded: str, text: str = "") -> bool:
        """Whether it is said in requests, or is a word at all: `coast` is no misspelt cost."""
        if stem(folded, self.language.code) in self.stems:
            return True
        return any(
            word in real_words(code) for code in {self.language.code, "en"} for word in {folded, text.casefold() or folded}
        )

    def written_out(self, folded: str) -> str | None:
        """`dep` for departure, `qty` for quantity, where the catalog knows the long word; and the language's short forms."""
        long = self.language.short.get(folded)
        if long or folded in self.primary:
            return long
        several = meant(folded)
        return several[0] if len(several) == 1 and several[0] != folded and several[0] in self.named else None

    def may_stand_beside(self, folded: str) -> bool:
        """Whether it may be half of two words that ran together; a short one only if it says something by itself."""
        code = self.language.code
        if len(folded) < _LEAST:
            return stem(folded, code) in self.joining
        return folded in self.named or stem(folded, code) in self.language.vocabulary


def mend(given: tuple[Token, ...], known: Known) -> tuple[Token, ...]:
    """The tokens with each misspelt one replaced by the known word it stands for; two run together are cut apart."""
    found: list[Token] = []
    at = 0
    while at < len(given):
        token = given[at]
        at += 1
        long = known.written_out(token.folded) if token.kind == "word" else None
        if long:
            found.append(replace(token, folded=long, mended_from=token.text))
            continue
        if token.kind != "word" or known.knows(token.folded, token.text):
            found.append(token)
            continue
        follows = given[at] if at < len(given) else None
        if follows and follows.kind == "word" and not known.knows(follows.folded, follows.text):
            joined = token.folded + follows.folded
            if stem(joined, known.language.code) in known.stems:
                found.append(replace(token, text=f"{token.text} {follows.text}", folded=joined, mended_from=token.text))
                at += 1
                continue
        participle = _participle(token, found, known)
        beside = (found[-1].folded if found else "", follows.folded if follows else "")
        found += participle or _cut_apart(token, known) or [_mended(token, known, beside)]
    return tuple(found)


def _participle(token: Token, before: list[Token], known: Known) -> list[Token]:
    """`how many replacements did we avoid` names replacements avoided."""
    asks = len(before) > 1 and before[-2].folded in known.language.auxiliaries
    endings = {f"{token.folded}ed", f"{token.folded}d", f"{token.folded.removesuffix('y')}ied"} if asks else set()
    return [replace(token, folded=word, mended_from=token.text) for word in endings if word in known.named][:1]


def _cut_apart(token: Token, known: Known) -> list[Token]:
    """`lastmonth` is two known words and `claimsbyregion` three, where there is one way only to cut it so."""
    word = token.folded
    ways = [(word[:at], word[at:]) for at in range(2, len(word) - 1) if _are_two(word[:at], word[at:], known)]
    ways = ways or [
        (one, joiner, word[at + len(joiner) :])
        for at in range(_LEAST, len(word) - _LEAST)
        for one in (word[:at],) if one in known.named
        for joiner in known.joining if word.startswith(joiner, at) and word[at + len(joiner) :] in known.named
    ]  # fmt: skip
    if len(word) < 6 or len(ways) != 1:
        return []
    return [
        replace(
            token,
            text=token.text[word.index(part) :][: len(part)] if len(token.text) == len(word) else part,
            folded=part,
            after_comma=token.after_comma and at == 0,
            mended_from=token.text,
        )
        for at, part in enumerate(ways[0])
    ]


def _are_two(one: str, two: str, known: Known) -> bool:
    """Whether two words may have run together: one of the catalog or of time, and one that is said beside such a word.

    `timeout` and `however` are words of their own, and `weekday` is no `week` and no `day`.
    """
    units = known.language.units
    if {one, two} <= units.keys() or not any(
        len(each) >= _LEAST and (each in known.named or each in units) for each in (one, two)
    ):
        return False
    return all(known.may_stand_beside(each) for each in (one, two))


def _mended(token: Token, known: Known, beside: tuple[str, str]) -> Token:
    """`beside`: the words before and after it, which may tell which of two near words was meant."""
    if len(token.folded) == _LEAST - 1:
        return _short_mended(token, known)
    near = nearest_words(token.folded, known.longer)
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
    if len({stem(word, known.language.code) for word in own}) != 1:
        own = allowed = known.told_apart(allowed, beside)
    if not allowed or not own:
        return token
    return replace(token, folded=allowed[0], mended_from=token.text)


def nearest_words(folded: str, among: Sequence[str]) -> list[tuple[str, int]]:
    """Known words within two slips of the pen, nearest first; none for a word of three letters."""
    if len(folded) < _LEAST or not folded.isalpha():
        return []
    found = extract(folded, among, scorer=OSA.distance, score_cutoff=2, limit=8)
    return [(word, int(distance)) for word, distance, _ in found]


def _short_mended(token: Token, known: Known) -> Token:
    """A word of three letters: one that lacks a letter, or has two changed places, and only where one word is so near."""
    wrong = token.folded
    alike = [word for word in known.mendable if word[0] == wrong[0]]
    near = {word for word in alike if word != wrong and sorted(word) == sorted(wrong)}
    near = near or {word for word in alike if _lacks_one(wrong, word)}
    if len({stem(word, known.language.code) for word in near}) != 1:
        return token
    return replace(token, folded=near.pop(), mended_from=token.text)


def _lacks_one(wrong: str, right: str) -> bool:
    return len(right) == len(wrong) + 1 and any(right[:at] + right[at + 1 :] == wrong for at in range(1, len(right)))


def _without_doubles(word: str) -> str:
    return "".join(each for at, each in enumerate(word) if at == 0 or each != word[at - 1])


def _allowed(wrong: str, right: str) -> int:
    """How many slips this word may have: one; two in a long word, or where only the order of letters is wrong.

    Another letter in place of the first is no slip unless the two keys are neighbours, and neither are two other
    consonants: `newest` is not `fewest`, and `required` is not `repaired`.
    """
    if wrong[0] != right[0] and wrong[:2] != right[1::-1]:
        if len(wrong) == len(right) and not _are_neighbours(wrong[0], right[0]):
            return 0
        return 1 if len(wrong) >= 6 else 0
    if len(wrong) >= _LONG - 1 and _without_doubles(wrong) == _without_doubles(right):
        return 2
    if len(wrong) >= 6 and sorted(wrong) == sorted(right):
        return 2
    if len(wrong) < _LONG or _other_consonants(wrong, right) > 1:
        return 1
    return 2


def _other_consonants(wrong: str, right: str) -> int:
    """How many letters stand in place of others, vowels for vowels and neighbouring keys left aside."""
    if len(wrong) != len(right):
        return 0
    pairs = [(one, other) for one, other in zip(wrong, right, strict=True) if one != other]
    return sum(not ({one, other} <= _VOWELS or _are_neighbours(one, other)) for one, other in pairs)


_VOWELS = frozenset("aeiouy")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _are_neighbours(one: str, other: str) -> bool:
    places = {key: (row, at) for row, keys in enumerate(_KEYS) for at, key in enumerate(keys)}
    if one not in places or other not in places:
        return False
    (row, at), (other_row, other_at) = places[one], places[other]
    return abs(row - other_row) <= 1 and abs(at - other_at) <= 1
