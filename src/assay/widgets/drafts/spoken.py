"""The words of a draft cut into parts: measure, things of the dictionary, window, negations. Every word lands somewhere."""

from dataclasses import dataclass, field
from typing import Any

from assay.errors import DraftDeclined
from assay.widgets.drafts.vocabulary import Thing, Vocabulary, meant
from assay.widgets.words.cover import Span
from assay.widgets.words.language import Language
from assay.widgets.words.parts import BY
from assay.widgets.words.phrases import Found
from assay.widgets.words.text import Token, shown

_LONGEST = 8
_MEASURES: dict[tuple[str, ...], str] = {
    ("number", "of"): "count", ("count", "of"): "count", ("count",): "count", ("how", "many"): "count",
    ("sum", "of"): "sum", ("sum",): "sum", ("total",): "sum",
    ("average",): "average", ("avg",): "average", ("mean",): "average", ("median",): "median",
    ("maximum",): "highest", ("max",): "highest", ("highest",): "highest", ("longest",): "highest", ("largest",): "highest",
    ("minimum",): "lowest", ("min",): "lowest", ("lowest",): "lowest", ("shortest",): "lowest", ("smallest",): "lowest",
    ("distinct",): "distinct", ("unique",): "distinct", ("different",): "distinct",
}  # fmt: skip
_BEFORE_FLAG = {"are", "were", "was", "is", "that", "which", "marked", "flagged"}


@dataclass(frozen=True, slots=True)
class Said:
    """Words that stand for one of several things; `is_by`: after `by`; `is_not`: after `except` or `not`."""

    words: str
    things: tuple[Thing, ...]
    is_by: bool
    is_not: bool
    tie: str
    """`and` or `or` where one of them ties it to what was said before."""

    def of(self, *what: str) -> tuple[Thing, ...]:
        return tuple(each for each in self.things if each.what in what)


@dataclass
class Spoken:
    measures: list[str] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    windows: list[Span] = field(default_factory=list)
    grain: str | None = None
    unread: list[str] = field(default_factory=list)
    about_a_question: list[str] = field(default_factory=list)
    """Such as `top 5`: nothing that a definition could hold."""


def cut(given: tuple[Token, ...], language: Language, known: Vocabulary) -> Spoken:
    """From left to right, the longest reading first."""
    stems = tuple(language.stem(each) for each in given)
    spoken, at = Spoken(), 0
    is_by, is_not, tie = False, False, ""
    while at < len(given):
        end, kind, found = _longest(given, stems, at, language, known)
        words = shown(given[at:end])
        match kind:
            case "things":
                spoken.said.append(Said(words, found, is_by, is_not, tie))
                is_by, is_not, tie = False, False, ""
            case "measure":
                spoken.measures.append(found)
            case "phrase":
                if found.meaning in ("and", "or") and spoken.said:
                    # A list goes on as it began: `by region and channel`, `except phones and tablets`.
                    is_by, is_not, tie = spoken.said[-1].is_by, spoken.said[-1].is_not, found.meaning
                else:
                    is_by, is_not, tie = *_phrase(spoken, found, words, at, end), ""
            case "unread":
                spoken.unread.append(words)
        at = end
    return spoken


def _phrase(spoken: Spoken, found: Found, words: str, at: int, end: int) -> tuple[bool, bool]:
    """Whether what follows is what it is divided by, or what is left out."""
    head, _, rest = found.meaning.partition(".")
    match head:
        case "by":
            return True, False
        case "not":
            return False, True
        case "window":
            spoken.windows.append(Span(at, end, "phrase", words, meaning=found.meaning, slots=found.slots))
        case "grain":
            spoken.grain = rest or str(found.slots[0])
        case "count":
            spoken.measures.append("count")
        case "and" | "or" | "only" | "nothing" | "which":
            pass
        case _:
            spoken.about_a_question.append(words)
    return False, False


def _longest(
    given: tuple[Token, ...], stems: tuple[str, ...], at: int, language: Language, known: Vocabulary
) -> tuple[int, str, Any]:
    candidates: list[tuple[int, int, str, Any]] = []
    for end in range(at + 1, min(at + _LONGEST, len(given)) + 1):
        folded = tuple(each.folded for each in given[at:end])
        is_small = end == at + 1 and (given[at].folded in language.stop or given[at].folded in BY)
        if stems[at:end] in known and not is_small:
            candidates.append((end, 3, "things", meant(known[stems[at:end]], folded)))
        if folded in _MEASURES:
            candidates.append((end, 2, "measure", _MEASURES[folded]))
    for each in language.grammar.at(given, stems, at):
        if not each.meaning.startswith("edit."):
            candidates.append((each.end, 1, "phrase", each))
    if candidates:
        end, _, kind, found = max(candidates, key=lambda each: (each[0], each[1]))
        return end, kind, found
    token = given[at]
    is_small = token.folded in language.stop or token.folded in _BEFORE_FLAG
    return at + 1, "stop" if is_small else "unread", None


def checked(spoken: Spoken) -> Spoken:
    """Raises DraftDeclined for words that a definition cannot take up."""
    if spoken.unread:
        listed = ", ".join(f"“{each}”" for each in spoken.unread)
        raise DraftDeclined(f"Nothing in the dictionary is called {listed}.", mend="GET /v1/dictionary lists what there is")
    if spoken.about_a_question:
        words = spoken.about_a_question[0]
        raise DraftDeclined(
            f"“{words}” belongs to one question, not to the definition of a metric.",
            mend="leave it out, and ask it of the draft",
        )
    if len(spoken.windows) > 1:
        raise DraftDeclined("The words name two windows; a metric has one.")
    return spoken
