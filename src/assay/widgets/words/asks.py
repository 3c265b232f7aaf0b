"""The questions that several steps of the reader put, and how a question is called."""

from assay.widgets.words.cover import Span
from assay.widgets.words.outcome import LEAVE_OUT, Ask, Choice
from assay.widgets.words.text import cleaned, tokens


def ask_id(kind: str, words: str) -> str:
    return f"{kind}:{folded_words(words)}"


def folded_words(words: str) -> str:
    """The words as the cover looks them up when a person has said what they mean."""
    return " ".join(each.folded for each in tokens(cleaned(words)))


def leave_out(words: str) -> Choice:
    return Choice(f"Leave “{words}” out", LEAVE_OUT)


def ask_word(words: str, choices: tuple[Choice, ...] = ()) -> Ask:
    text = f"Which do you mean by “{words}”?"
    return Ask(ask_id("word", words), "word", text, words, (*choices, leave_out(words)))


def ask_what(span: Span) -> Ask:
    """Of a value that is known, and stands where it cannot be read as one."""
    only = tuple(Choice(f"only {one.value}", f"value:{one.key}={one.value}") for one in span.stands_for("value")[:1])
    text = f"What is meant by “{span.words}” here?"
    return Ask(ask_id("word", span.words), "word", text, span.words, (*only, leave_out(span.words)))


def ask_part(words: str, parts: tuple[str, ...], text: str) -> Ask:
    """Of several parts, which one is to go; `text` is a question without its last words."""
    choices = tuple(Choice(f"Leave “{each}” out", f"{LEAVE_OUT}:{each}") for each in parts)
    return Ask(ask_id("part", words), "word", f"{text} “{words}”?", words, choices)
