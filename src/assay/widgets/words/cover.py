"""The cover: which run of tokens is read as what, so that as few words as possible are left unread."""

from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from assay.widgets.words.language import Language
from assay.widgets.words.lexicon import BY_STEM, PART, Lexicon, Meant
from assay.widgets.words.parts import BY
from assay.widgets.words.phrases import Found
from assay.widgets.words.text import MINUS, Token, fold, shown

_UNREAD = 1_000
_MOST_ROWS = 1_000
_MEANT = ("%", "<", ">", "≥", "≤", "!=", "<>", MINUS)
"""Marks that change what is asked, where no phrase takes them."""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of tokens. `what`: phrase, term, stop or unread; a term may still stand for several things."""

    start: int
    end: int
    what: str
    words: str
    meaning: str = ""
    slots: tuple[Any, ...] = ()
    meant: tuple[Meant, ...] = ()
    after_comma: bool = False
    mended: str | None = None
    folded: str = ""
    """The words as they were looked up: without case and accents, mended."""
    also: tuple[str, ...] = ()
    """Other meanings of the very same words."""

    def is_(self, *meanings: str) -> bool:
        return self.what == "phrase" and self.meaning.split(".")[0] in meanings

    def stands_for(self, what: str) -> tuple[Meant, ...]:
        return tuple(each for each in self.meant if each.what == what)


def cover(
    given: tuple[Token, ...], language: Language, lexicon: Lexicon, forced: dict[str, Span], *, is_edit: bool
) -> list[Span]:
    """The best reading of all tokens, from left to right. `forced` are words whose meaning a person has chosen."""
    stems = tuple(language.stem(each) for each in given)
    begun = [tuple(language.grammar.at(given, stems, at)) for at in range(len(given))]
    best: list[tuple[float, Span | None]] = [(float("inf"), None) for _ in range(len(given) + 1)]
    best[0] = (0.0, None)
    for start in range(len(given)):
        if best[start][0] == float("inf"):
            continue
        for cost, span in _candidates(given, stems, start, begun, language, lexicon, forced, is_edit):
            if best[start][0] + cost < best[span.end][0]:
                best[span.end] = (best[start][0] + cost, span)
    spans: list[Span] = []
    at = len(given)
    while at > 0:
        span = best[at][1]
        assert span is not None
        spans.append(span)
        at = span.start
    return _without_false_joiners(spans[::-1], given, stems, language, lexicon)


def _without_false_joiners(
    spans: list[Span], given: tuple[Token, ...], stems: tuple[str, ...], language: Language, lexicon: Lexicon
) -> list[Span]:
    """`claims for plus`: a word that joins nothing, and that the catalog knows, is what the catalog knows it as."""
    for at, span in enumerate(spans):
        if span.is_("and", "or") and span.end == span.start + 1:
            meant = next((each for end, each in lexicon.at(given, stems, span.start, language) if end == span.end), None)
            before, after = spans[at - 1] if at else None, spans[at + 1] if at + 1 < len(spans) else None
            joins = before is not None and before.what == "term"
            if meant and not (joins and after is not None and (after.what in ("term", "unread") or after.is_("by", "not"))):
                spans[at] = replace(span, what="term", meaning="", slots=(), meant=tuple(meant))
    return spans


def _candidates(
    given: tuple[Token, ...], stems: tuple[str, ...], start: int, begun: list[tuple[Found, ...]], language: Language,
    lexicon: Lexicon, forced: dict[str, Span], is_edit: bool,
) -> list[tuple[float, Span]]:  # fmt: skip
    found: list[tuple[float, Span]] = []

    def add(cost: float, end: int, what: str, **more: Any) -> None:
        own = given[start:end]
        mended = " ".join(token.folded for token in own) if any(token.mended_from for token in own) else None
        words = shown(own)
        found.append(
            (
                cost,
                Span(
                    start,
                    end,
                    what,
                    words,
                    folded=" ".join(each.folded for each in own),
                    after_comma=own[0].after_comma,
                    mended=mended,
                    **more,
                ),
            )
        )

    token = given[start]
    for end in range(start + 1, min(start + 9, len(given) + 1)):
        key = " ".join(fold(each.text) for each in given[start:end])
        if key in forced:
            chosen = forced[key]
            add(-50.0 * (end - start), end, chosen.what, meaning=chosen.meaning, slots=chosen.slots, meant=chosen.meant)
    phrases: dict[tuple[int, str], Found] = {}
    for each in begun[start]:
        if (is_edit or not each.meaning.startswith("edit.")) and _holds(each, given, begun, language):
            phrases.setdefault((each.end, each.meaning), each)
    terms = list(lexicon.at(given, stems, start, language))
    # `claims for table`, of a shop that sells tables, and `goals by forwards`: a kind, or talk, said by one word is not
    # meant where that word is a value.
    sold = {end for end, meant in terms if any(each.what == "value" and each.nearness > PART for each in meant)}
    # `sales in US`, `headcount in IT`: a small word that is written as the value is, and as nothing else here.
    is_name = token.text.isupper() and len(token.text) > 1 and any(any(map(str.islower, each.text)) for each in given)
    named = {end for end, meant in terms if is_name and any(each.value == token.text for each in meant)}
    ends = {end for end, _ in phrases}
    for end in ends:
        meanings = [each for each in phrases.values() if each.end == end]
        first = min(meanings, key=lambda each: _RANK.get(each.meaning.split(".")[0], 5))
        also = tuple(each.meaning for each in meanings if each is not first)
        size = end - start
        yields = end in named or (end in sold and first.meaning.startswith(("kind.", "nothing", "moved")))
        alone = 7.2 if yields else 6.2
        cost = 10.0 - 2.0 * size * size if size > 1 else alone
        add(cost, end, "phrase", meaning=first.meaning, slots=first.slots, also=also)
    for end, meant in terms:
        size = end - start
        kinds = {each.what for each in meant}
        # `de` is a language's code in the data, and a small word in two languages.
        if kinds == {"value"} and size == 1 and token.folded in language.stop and end not in named:
            continue
        weight = 3.0 if "metric" in kinds else 2.5
        exact = max(each.nearness for each in meant)
        divided = any(each.key in lexicon.heads[language.code] for each in meant)
        by = next((at for at in range(start + 1, end - 1) if stems[at] in BY), None) if divided else None
        # `claims by product` weighs as its parts do: `claims by product line` is about the product line.
        cost = 9.0 - weight * size * size if by is None else 23.2 - 3.0 * (by - start) ** 2 - 2.5 * (end - by - 1) ** 2
        add(cost + (2 - exact) * 0.5, end, "term", meant=tuple(meant))
    known = {span.end: at for at, (_, span) in enumerate(found) if span.what == "term" and span.meant}
    for end, count, meant in lexicon.parts_at(given, start, language):
        if end in known:
            # `status` of the invoices, where others have a dimension of that very name.
            cost, span = found[known[end]]
            more = tuple(each for each in meant if each.what == "dimension" and each not in span.meant)
            if not span.stands_for("metric"):
                found[known[end]] = (cost, replace(span, meant=(*span.meant, *more)))
        else:
            weight = 3.0 if any(each.what == "metric" for each in meant) else 2.5
            # What is not enough of a name is rather the words that it is made of: `cancelled flights`.
            part = 7.5 + 6.0 * (count - 1) + (0.0 if any(each.is_enough for each in meant) else 2.0)
            is_whole = any(each.nearness == BY_STEM for each in meant)
            add(10.0 - weight * count * count if is_whole else part, end, "term", meant=tuple(meant))
    for end, meant, count in lexicon.ranked_at(given, stems, start, language):
        if 1 <= count <= _MOST_ROWS:
            size = end - start
            add(9.0 - 3.0 * size * size, end, "term", meant=tuple(meant), slots=(count,), meaning="top.n")
    if (
        token.folded in language.stop
        or token.folded in language.time_nouns
        or (token.kind == "mark" and token.folded not in _MEANT)
    ):
        add(9.5, start + 1, "stop")
    else:
        add(_UNREAD, start + 1, "unread")
    return found


_RANK = {"edit": 0, "window": 1, "grain": 1, "compare": 2, "top": 2, "bottom": 2, "best": 2, "worst": 2, "not": 3}


_RANKED = ("top.n", "bottom.n", "best.n", "worst.n", "slow.n", "fast.n", "limit")
_NEAR_BUT = 3


def _counts_one_unit(found: Found, given: tuple[Token, ...], language: Language) -> bool:
    """`claims 4 last week` is a slip, or a number before a window: four weeks are `4 last weeks`."""
    leads = given[found.start].kind == "number" and found.slots[0] > 1
    return language.code == "en" and leads and not given[found.end - 1].folded.endswith("s")


def _holds(found: Found, given: tuple[Token, ...], begun: list[tuple[Found, ...]], language: Language) -> bool:
    """Whether a phrase is whole and its slots fit: `week over week`, not `days by week`; `top 5`, not `top 2025`.

    `begun`: the phrases that begin at each token."""
    for at in range(found.start + 1, found.end):
        # A comma ends a phrase (`top 15, last month`), save before a year: `March 3, 2026`.
        if given[at].after_comma and not (given[at].kind == "number" and len(given[at].text) == 4):
            return False
    match found.meaning:
        case "window.trailing" if _counts_one_unit(found, given, language):
            return False
        case "window.trailing" if found.start and given[found.start].kind == "number":
            # `top 5 last month`: the number belongs to the rank before it.
            before = begun[found.start - 1]
            return not any(each.meaning in _RANKED and each.end == found.start + 1 for each in before)
        case meaning if meaning.startswith("order") and given[found.start].folded.endswith("ers"):
            # `orders by country` are orders.
            return False
        case "moved":
            # `up` and `change` say nothing where nobody asks why.
            elsewhere = chain(*begun[: found.start], *begun[found.end :])
            return any(each.meaning == "explain" for each in elsewhere)
        case "nothing.first":
            return found.start == 0
        case "not.but":
            near = given[max(0, found.start - _NEAR_BUT) : found.start]
            return any(each.folded in language.quantifiers for each in near)
        case "grain" if len(found.slots) == 2:
            return found.slots[0] == found.slots[1]
        case "compare.over":
            return found.slots[0] == found.slots[1]
        case meaning if meaning in _RANKED:
            return 1 <= found.slots[0] <= _MOST_ROWS
        case _:
            return True
