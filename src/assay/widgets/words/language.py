"""A language: one YAML file with its phrases, numbers, months and refusals, made ready for reading."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from assay.catalog.windows import WINDOW_NAMES
from assay.widgets.words.days import Written, numeric
from assay.widgets.words.phrases import Phrases
from assay.widgets.words.text import Token, fold, stem, tokens

FOLDER = Path(__file__).parent / "languages"
MOST_DIGITS = 12
REFUSALS = ("instructions", "sql", "change", "pii")
"""In the order in which they are looked for."""
_REFUSE = (*REFUSALS, "change_edit", "counted", "averaged")
SLOT = re.compile(r"\{(?:person|party|worker|thing|division)\}")
"""What a pattern of refusals leaves to the words of a workspace."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with what it is said in: `percent`, a currency, a unit of time, or nothing."""

    number: Decimal
    unit: str | None = None


@dataclass(frozen=True)
class Language:
    code: str
    name: str
    day_first: bool | None
    units: dict[str, str]
    months: dict[str, int]
    weekdays: dict[str, int]
    numbers: dict[str, int]
    dates: dict[str, list[str]]
    phrases: dict[str, list[str]]
    stop: frozenset[str]
    measures: dict[str, frozenset[str]]
    """Words such as `average` and `rate`, by what they say of a number: a metric must bear them out."""
    skipped: frozenset[str]
    """Small words that may stand inside the name of a metric: `repairs that were completed`."""
    refusals: dict[str, list[re.Pattern[str] | str]]
    """Patterns. Text are those in which `{person}`, `{party}`, `{worker}` or `{thing}` stands for the language's words
    and the workspace's own."""
    people: tuple[str, ...]
    workers: tuple[str, ...]
    quantifiers: frozenset[str]
    """Words such as `every`, after which `but` leaves out."""
    belonging: frozenset[str]
    """Words such as `of`: what stands behind them only says of what a metric is."""
    time_nouns: frozenset[str]
    """Words such as `period`, of no weight beside a window and of unknown meaning elsewhere."""
    short: dict[str, str]
    """Short forms that are no words of their own: `typ` for `type`."""
    against: frozenset[str]
    """Words such as `with`, behind which stands what something is compared with."""
    unfinished: frozenset[str]
    """Words such as `the`, with which no sentence ends."""
    totals: frozenset[str]
    """Words such as `total`: no average and no share has one."""
    judging: frozenset[str]
    """Words such as `high`: a value of a dimension, or what somebody thinks of a number."""
    pointing: frozenset[str]
    """Words such as `in my`: a dimension behind them means one of its values, and does not divide."""
    auxiliaries: frozenset[str]
    """Words such as `did`, after which a verb may be asked for by its participle: `did we avoid`, of what was avoided."""
    kin: dict[str, frozenset[str]]
    """Words of no metric, by the unit of the metrics that come nearest: `revenue` is money."""
    directions: dict[str, str]
    """Small words that say which end of a way is meant: `from`, `into`."""
    ends: dict[str, str]
    """Words by which dimensions are the ends of a way: `origin`, `destination`."""
    participles: frozenset[str]
    """Those that do not end as the others do: units *sold*."""
    restricting: frozenset[str]
    """Words such as `first`: the first response is another than any."""
    naming: frozenset[str]
    """Words such as `name`, by which a dimension is the thing itself: `by product` is by the product's name."""
    amounts: dict[str, str]
    """Signs and words beside a number: a currency's code, `percent`, or by how much it is multiplied."""

    def stem(self, token: Token) -> str:
        return stem(token.folded, self.code)

    @cached_property
    def grammar(self) -> Phrases:
        return Phrases(self.phrases, self.code, {
            "n": self.number, "unit": self._unit, "date": self._date, "day": self._day, "month": self._month,
            "weekday": self._weekday, "year": self._year, "month_number": self._upto(12), "amount": self._amount,
        })  # fmt: skip

    @cached_property
    def _days(self) -> Phrases:
        return Phrases(self.dates, self.code, {
            "day": self._day, "month": self._month, "year": self._year, "weekday": self._weekday,
            "one_to_four": self._upto(4), "one_or_two": self._upto(2), "month_number": self._upto(12),
            "week_number": self._upto(53),
        })  # fmt: skip

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Stems of every word that this language's file knows."""
        listed = (
            *self.units,
            *self.months,
            *self.weekdays,
            *self.numbers,
            *self.stop,
            *self.time_nouns,
            *self.amounts,
            *(word for words in self.measures.values() for word in words),
        )
        return frozenset({stem(each, self.code) for each in listed} | set(self.grammar.words()) | set(self._days.words()))

    @cached_property
    def grammatical(self) -> frozenset[str]:
        """Stems of the words of phrases, dates and numbers."""
        numbers = {stem(each, self.code) for each in self.numbers}
        return frozenset(numbers | set(self.grammar.words()) | set(self._days.words()))

    @cached_property
    def written(self) -> frozenset[str]:
        """The words of the file as they stand there: by them a request's language is known."""
        listed = {*self.units, *self.months, *self.weekdays, *self.numbers, *self.stop, *self.time_nouns}
        listed |= {word for words in self.measures.values() for word in words}
        for patterns in (*self.phrases.values(), *self.dates.values()):
            listed |= {token.folded for each in patterns for token in tokens(re.sub(r"\{\w+\}", " ", each))}
        return frozenset(listed)

    def end_of(self, name: str) -> str | None:
        """Which end of a way a dimension is by its name, if it is one."""
        listed = {**english().ends, **self.ends}
        found = {listed[token.folded] for token in tokens(name.replace("_", " ")) if token.folded in listed}
        return found.pop() if len(found) == 1 else None

    # -- slots ----------------------------------------------------------------------------------

    def number(self, given: tuple[Token, ...], at: int) -> Iterator[tuple[int, int]]:
        token = given[at]
        if token.kind == "number" and len(token.folded) <= 5:
            yield at + 1, int(token.folded)
            return
        # Chinese counts in several characters; the longest reading first.
        for end in range(min(at + 3, len(given)), at, -1):
            value = self.numbers.get("".join(each.folded for each in given[at:end]))
            if value is not None:
                yield end, value
                return

    def _amount(self, given: tuple[Token, ...], at: int) -> Iterator[tuple[int, Amount]]:
        """`500`, `$1.5 million`, `10 %`, `2 hours`. Not `1,500` where a comma stands before decimals: it may be either."""

        def said(place: int) -> str:
            return self.amounts.get(given[place].folded, "") if place < len(given) and not given[place].after_comma else ""

        before = said(at) if given[at].kind == "mark" else ""
        at += bool(before)
        if at == len(given) or (given[at].after_comma and before):
            return
        token = given[at]
        if token.kind == "decimal":
            numbers = [(at + 1, Decimal(token.folded.replace(",", ".")))]
        elif token.kind == "number":
            is_plain = "," not in token.text or self.code in ("en", "zh")
            numbers = [(at + 1, Decimal(token.folded))] if is_plain and len(token.folded) <= MOST_DIGITS else []
        else:
            numbers = [(end, Decimal(number)) for end, number in self.number(given, at)]
        for end, number in numbers:
            while said(end).isdecimal():
                number, end = number * int(said(end)), end + 1
            yield end, Amount(number, before or None)
            units = [(end + 1, said(end))] if said(end) else list(self._unit(given, end)) if end < len(given) else []
            if not before and units and not given[end].after_comma:
                yield units[0][0], Amount(number, units[0][1])

    def _unit(self, given: tuple[Token, ...], at: int) -> Iterator[tuple[int, str]]:
        for end in range(min(at + 3, len(given)), at, -1):
            text = "".join(each.folded for each in given[at:end])
            unit = self.units.get(text)
            if unit is not None and (end == at + 1 or given[at].kind == "han"):
                yield end, unit
                return

    def _day(self, given: tuple[Token, ...], at: int) -> Iterator[tuple[int, int]]:
        token = given[at]
        if token.kind == "number" and len(token.folded) <= 2 and 1 <= int(token.folded) <= 31:
            follows = given[at + 1].folded if at + 1 < len(given) else ""
            yield (at + 2 if follows in self.numbers_endings else at + 1), int(token.folded)

    @cached_property
    def numbers_endings(self) -> frozenset[str]:
        return frozenset({"st", "nd", "rd", "th", "er", "º", "日", "号"})

    def _month(self, given: tuple[Token, ...], at: int) -> Iterator[tuple[int, int]]:
        if given[at].folded in self.months:
            yield at + 1, self.months[given[at].folded]

    def _weekday(self, given: tuple[Token, ...], at: int) -> Iterator[tuple[int, int]]:
        for end in range(min(at + 3, len(given)), at, -1):
            text = "".join(each.folded for each in given[at:end])
            if text in self.weekdays and (end == at + 1 or given[at].kind == "han"):
                yield end, self.weekdays[text]
                return

    def _year(self, given: tuple[Token, ...], at: int) -> Iterator[tuple[int, int]]:
        if given[at].kind == "number" and len(given[at].folded) == 4 and 1990 <= int(given[at].folded) <= 2099:
            yield at + 1, int(given[at].folded)

    def _upto(self, most: int) -> Any:
        def read(given: tuple[Token, ...], at: int) -> Iterator[tuple[int, int]]:
            yield from ((end, value) for end, value in self.number(given, at) if 1 <= value <= most)

        return read

    def _date(self, given: tuple[Token, ...], at: int) -> Iterator[tuple[int, Written]]:
        token = given[at]
        if token.kind == "date":
            written = numeric(token.folded, day_first=self.day_first)
            if written is not None:
                yield at + 1, written
            return
        stems = tuple(self.stem(each) for each in given)
        found = sorted(self._days.at(given, stems, at), key=lambda each: -each.end)
        seen: set[int] = set()
        for each in found:
            if each.end not in seen:
                seen.add(each.end)
                yield each.end, _written(each.meaning, each.slots)


def _written(meaning: str, slots: tuple[Any, ...]) -> Written:
    """A meaning such as `day month year` names its slots in order; `ago 1` and `quarter 3` carry their number."""
    names = meaning.split()
    if len(names) >= 2 and names[1].isdigit():
        fixed = {names[0]: int(names[1])}
        return Written(**fixed, **dict(zip(names[2:], slots, strict=True)))
    return Written(**dict(zip(names, slots, strict=True)))


@cache
def read_language(path: Path) -> Language:
    """One file of `languages/`. Raises KeyError or yaml.YAMLError: these files are the program's own."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))

    def folded(listed: dict[Any, str]) -> dict[str, Any]:
        return {fold(word): meaning for meaning, words in listed.items() for word in words.split()}

    measures = {kind: _words(text) for kind, text in raw["measures"].items()}
    refusals = {
        kind: [each if SLOT.search(each) else re.compile(each) for each in raw["refuse"].get(kind, [])] for kind in _REFUSE
    }
    return Language(
        path.stem, raw["name"], raw.get("day_first"), folded(raw["units"]), folded(raw["months"]),
        folded(raw["weekdays"]), folded(raw["numbers"]), raw["dates"], raw["phrases"], _words(raw["stop"]), measures,
        _words(raw.get("skip", "")), refusals,
        tuple(raw.get("people", "").split()), tuple(raw.get("workers", "").split()),
        _words(raw.get("quantifiers", "")), _words(raw.get("belonging", "")), _words(raw.get("time_nouns", "")),
        {fold(short): fold(long) for short, long in raw.get("short", {}).items()},
        _words(raw.get("against", "")), _words(raw.get("unfinished", "")), _words(raw.get("totals", "")),
        _words(raw.get("judging", "")), _words(raw.get("pointing", "")), _words(raw.get("auxiliaries", "")),
        {unit: _words(text) for unit, text in raw.get("kin", {}).items()}, folded(raw.get("directions", {})),
        folded(raw.get("ends", {})), _words(raw.get("participles", "")),
        _words(raw.get("restricting", "")), _words(raw.get("naming", "")), {
            word: str(meaning) for word, meaning in folded(raw.get("amounts", {})).items()
        },
    )  # fmt: skip


def _words(text: str) -> frozenset[str]:
    return frozenset(token.folded for token in tokens(text))


def english() -> Language:
    """The names of a catalog are English wherever its people have not written others."""
    return read_language(FOLDER / "en.yaml")


def load_languages() -> dict[str, Language]:
    """All of them. Raises ValueError, with the file and the phrase, for one that the reader could not take."""
    found = {path.stem: read_language(path) for path in sorted(FOLDER.glob("??.yaml"))}
    for language in found.values():
        check_language(language, english())
    return found


_ELSEWHERE = {
    "window.last": {("weekday",)}, "window.month_days": {("month_number", "day", "day")}, "order.before": {()},
}  # fmt: skip
"""What may be said in other languages in ways that English has not."""


def check_language(language: Language, reference: Language) -> None:
    """Whether each phrase means something, and has the slots that its meaning needs, which are those it has in English."""
    known = {**{f"window.{name}": {()} for name in WINDOW_NAMES}, **reference.grammar.slots()}
    for meaning, ways in _ELSEWHERE.items():
        known[meaning] = known.get(meaning, set()) | ways
    for meaning, ways in language.grammar.slots().items():
        odd = sorted(ways - known.get(meaning, set()))
        if meaning not in known:
            raise ValueError(f"{language.code}.yaml: phrases.{meaning}: nothing is known by that name")
        if odd:
            told = " ".join(f"{{{each}}}" for each in odd[0]) or "none"
            raise ValueError(f"{language.code}.yaml: phrases.{meaning}: a phrase has other slots than in English: {told}")


def load_strangers() -> dict[str, frozenset[str]]:
    """Languages that cannot be read, by name, with the small words by which they are known."""
    raw = yaml.safe_load((FOLDER / "strangers.yaml").read_text(encoding="utf-8"))
    return {name: frozenset(fold(word) for word in words.split()) for name, words in raw.items()}
