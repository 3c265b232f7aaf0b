"""A language's phrases: written `(last|past) {n} {unit}`, read over tokens.

`[...]` may be left out, `(a|b c)` is one of several, `{slot}` stands for a number, a unit of time, a date and so on.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from assay.widgets.words.text import Token, stem, tokens

Slot = Callable[[tuple[Token, ...], int], Iterator[tuple[int, Any]]]
"""From a place in the tokens: where the slot may end, and what it then means."""
_PIECE = re.compile(r"\{(\w+)\}|\[([^\]]*)\]|\(([^)]*)\)|([^\s\[\](){}]+)")
_Ends = Iterator[tuple[int, tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Found:
    meaning: str
    start: int
    end: int
    slots: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """A word by its stem, a slot by its name, or a choice of several runs of parts, the empty one too."""

    word: str | None = None
    slot: str | None = None
    choices: "tuple[tuple[_Part, ...], ...]" = ()


@dataclass(frozen=True, slots=True)
class _Phrase:
    meaning: str
    parts: tuple[_Part, ...]


class Phrases:
    """All phrases of one language, found by the word with which they may begin."""

    def __init__(self, written: dict[str, list[str]], language: str, slots: dict[str, Slot]) -> None:
        self._slots = slots
        self._all = [_Phrase(meaning, _read(each, language)) for meaning, listed in written.items() for each in listed]
        self._by_word: dict[str, list[_Phrase]] = {}
        self._by_slot: list[_Phrase] = []
        for phrase in self._all:
            words, begins_with_slot = _first(phrase.parts)
            for word in words:
                self._by_word.setdefault(word, []).append(phrase)
            if begins_with_slot:
                self._by_slot.append(phrase)

    def words(self, *heads: str) -> Iterator[str]:
        """Every word that stands in a phrase, by its stem; in those of these heads alone, where any are given."""
        for phrase in self._all:
            if not heads or phrase.meaning.split(".")[0] in heads:
                yield from _words(phrase.parts)

    def slots(self) -> dict[str, set[tuple[str, ...]]]:
        """The slots of each meaning, in every way in which its phrases may be said."""
        found: dict[str, set[tuple[str, ...]]] = {}
        for phrase in self._all:
            found.setdefault(phrase.meaning, set()).update(_slots(phrase.parts))
        return found

    def single_words(self, *heads: str) -> Iterator[str]:
        """Every word that is a phrase by itself, by its stem; of these heads alone, such as `not`, where any are given."""
        for phrase in self._all:
            if heads and phrase.meaning.split(".")[0] not in heads:
                continue
            match [part for part in phrase.parts if () not in part.choices]:
                case [_Part(word=str() as word)]:
                    yield word
                case [_Part(choices=choices)]:
                    yield from (run[0].word for run in choices if len(run) == 1 and run[0].word)
                case _:
                    pass

    def at(self, given: tuple[Token, ...], stems: tuple[str, ...], start: int) -> Iterator[Found]:
        """Every phrase that begins here, in each of its lengths."""
        for phrase in (*self._by_word.get(stems[start], ()), *self._by_slot):
            for end, slots in self._rest(phrase.parts, given, stems, start):
                if end > start:
                    yield Found(phrase.meaning, start, end, slots)

    def _rest(self, parts: tuple[_Part, ...], given: tuple[Token, ...], stems: tuple[str, ...], at: int) -> _Ends:
        if not parts:
            yield at, ()
            return
        part, rest = parts[0], parts[1:]
        for end, own in self._part(part, given, stems, at):
            for last, more in self._rest(rest, given, stems, end):
                yield last, (*own, *more)

    def _part(self, part: _Part, given: tuple[Token, ...], stems: tuple[str, ...], at: int) -> _Ends:
        if part.choices:
            for run in part.choices:
                yield from self._rest(run, given, stems, at)
        elif at < len(given):
            if part.word is not None:
                if stems[at] == part.word:
                    yield at + 1, ()
            else:
                for end, value in self._slots[part.slot or ""](given, at):
                    yield end, (value,)


def _read(pattern: str, language: str) -> tuple[_Part, ...]:
    parts: list[_Part] = []
    for slot, optional, several, word in _PIECE.findall(pattern):
        if slot:
            parts.append(_Part(slot=slot))
        elif several or optional:
            runs = tuple(_run(each, language) for each in (several or optional).split("|"))
            parts.append(_Part(choices=runs if several else (*runs, ())))
        else:
            parts += _run(word, language)
    return tuple(parts)


def _run(text: str, language: str) -> tuple[_Part, ...]:
    found: list[_Part] = []
    for piece in text.split():
        if piece.startswith("{"):
            found.append(_Part(slot=piece.strip("{}")))
        else:
            cut = [stem(token.folded, language) for token in tokens(piece)] or [piece]
            found += [_Part(word=each) for each in cut]
    return tuple(found)


def _first(parts: tuple[_Part, ...]) -> tuple[set[str], bool]:
    """The words with which these parts may begin, and whether a slot may."""
    words: set[str] = set()
    begins_with_slot = False
    for part in parts:
        if part.word is not None:
            return words | {part.word}, begins_with_slot
        if part.slot is not None:
            return words, True
        for run in part.choices:
            own, slot = _first(run)
            words |= own
            begins_with_slot = begins_with_slot or slot
        if () not in part.choices:
            return words, begins_with_slot
    return words, begins_with_slot


def _slots(parts: tuple[_Part, ...]) -> set[tuple[str, ...]]:
    ways: set[tuple[str, ...]] = {()}
    for part in parts:
        own = {(part.slot,)} if part.slot else {way for run in part.choices for way in _slots(run)} or {()}
        ways = {(*before, *way) for before in ways for way in own}
    return ways


def _words(parts: tuple[_Part, ...]) -> Iterator[str]:
    for part in parts:
        if part.word is not None:
            yield part.word
        for run in part.choices:
            yield from _words(run)
