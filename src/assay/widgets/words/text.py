"""Words as they came, cut into tokens: folded, with their place kept. Nothing here knows a language's grammar."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

MAX_CHARACTERS = 600
MINUS = "\u2212"
_CUT = re.compile(
    r"(?P<date>\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)|\d{1,2}/\d{1,2}(?:/\d{4}|/\d{2})?(?![\d/])"
    r"|\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2}(?!\d))?|\d{1,2}-\d{1,2}-\d{4}(?!\d))"
    r"|(?P<decimal>\d+[.,]\d{1,2}(?![\d/.-])(?=\D|$))"
    r"|(?P<number>\d{1,3}(?:,\d{3})+(?!\d)|\d+)"
    r"|(?P<han>[\u3400-\u9fff\uf900-\ufaff])"
    r"|(?P<word>(?:(?![\u3400-\u9fff\uf900-\ufaff])[^\W\d_])+)"
    r"|(?P<minus>(?<!\S)[-!](?=[^\W\d_]))"
    r"|(?P<mark>!=|<>|[&+=<>≥≤%#/$€£]|(?<=[\s\d])[-–—~](?=[\s\d]))"
    r"|(?P<comma>[,;，、；])"
    r"|(?P<stop>[.!?。！？:：])"
)


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    folded: str
    kind: str
    """date, number, decimal, han, word or mark"""
    after_comma: bool
    mended_from: str | None = None


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """Without case, accents and width: `Région` and `region` are one word."""
    parts = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(each for each in parts if unicodedata.category(each) != "Mn")


def cleaned(words: str) -> str:
    """One line without control characters and halves of surrogate pairs; what cannot be seen cannot mean anything."""
    text = unicodedata.normalize("NFKC", words.encode("utf-8", "replace").decode())
    # What is printable has nothing to leave out, and is what nearly all is.
    seen = (
        text
        if text.isprintable()
        else "".join(each if unicodedata.category(each)[0] != "C" or each in "\t\n\r" else "" for each in text)
    )
    return " ".join(seen.replace("’", "'").replace("\u2260", "!=").replace("_", " ").split())


def tokens(words: str) -> tuple[Token, ...]:
    """What can carry meaning: words, numbers, dates, Chinese characters one by one, and a few marks."""
    found: list[Token] = []
    comma = False
    for match in _CUT.finditer(words):
        kind = match.lastgroup or ""
        if kind in ("comma", "stop"):
            comma = comma or kind == "comma"
            continue
        if kind == "minus":
            # `-West`, `!West`: a sign that leaves out, and no dash between words.
            found.append(Token(match[0], MINUS, "mark", comma))
        elif kind == "number":
            found.append(Token(match[0], fold(match[0]).replace(",", ""), kind, comma))
        else:
            found.append(Token(match[0], fold(match[0]), kind, comma))
        comma = False
    return tuple(found)


def shown(piece: "tuple[Token, ...] | list[Token]") -> str:
    """The tokens as a person reads them: Chinese without spaces."""
    text = ""
    for each in piece:
        text += ("" if not text or (each.kind == "han" and text[-1] > "\u3000") else " ") + each.text
    return text


@lru_cache(maxsize=50_000)
def stem(folded: str, language: str) -> str:
    """The word without its plural; light on purpose, so that two words become one only when they are one."""
    if len(folded) <= 3 or not folded.isalpha():
        return folded
    match language:
        case "en":
            return _english(folded)
        case "fr" | "es":
            if language == "es" and len(folded) > 5 and folded.endswith("es") and folded[-3] in "nrldz":
                return folded[:-2]
            if language == "fr" and folded.endswith("aux"):
                return folded[:-3] + "al"
            return folded[:-1] if folded[-1] in "sx" else folded
        case "de":
            return _german(folded.replace("ae", "a").replace("oe", "o").replace("ue", "u"))
        case _:
            return folded


def _german(word: str) -> str:
    for ending in ("en", "er", "es", "em", "n", "e", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            # `abgeschlossene` and `abgeschlossen` end in the same.
            return _german(word[: -len(ending)])
    return word


def _english(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
