"""How engines look for a regular expression, and why one may take too long there: an engine's reading names one of these."""

import re

_MOST_TIMES = 50
_MOST_QUANTIFIERS = 3
_BACK_REFERENCE = re.compile(r"\\[1-9]|\(\?<?[=!]")
_ATOM = re.compile(r"\\[dDwWsSbB.+*?()\[\]{}|^$/\\-]|\[\^?(?:\\.|[^\\\[\]&])+\]|[^\\\[\](){}*+?|^$]")
_QUANTIFIER = re.compile(r"(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})[?+]?")


def always_linear(text: str) -> str | None:
    """RE2: in time proportional to the text, whatever the pattern."""
    return None


def linear_without_back_references(text: str) -> str | None:
    """PostgreSQL's."""
    if _BACK_REFERENCE.search(text):
        return "a regular expression with back references or lookaround may take very long; write it without"
    return None


def one_way_after_the_other(text: str) -> str | None:
    """Java's, and most others: only patterns may stand of which it is known from how they look."""
    if not _is_plain(text):
        return (
            "this regular expression may take very long on this engine; use LIKE or split_part, or a pattern without nested"
            " or repeated * and +, whose only * or + stands at its end or behind ^"
        )
    return None


def _is_plain(text: str) -> bool:
    """At most one unbounded repetition, of a single letter or class, where it cannot be tried from many places."""
    is_anchored = text.startswith("^")
    place, depth, quantifiers, unbounded_end = int(is_anchored), 0, 0, -1
    has_choice, may_repeat = False, False
    while place < len(text):
        if text.startswith("(?:", place) or (text[place] == "(" and not text.startswith("(?", place)):
            place, depth, may_repeat = place + (3 if text.startswith("(?:", place) else 1), depth + 1, False
            continue
        if text[place] == ")":
            place, depth, may_repeat = place + 1, depth - 1, False
        elif text[place] in "|$^":
            has_choice = has_choice or text[place] == "|"
            place, may_repeat = place + 1, False
        elif found := _QUANTIFIER.match(text, place):
            times = [int(number) for number in re.findall(r"\d+", found[0])]
            is_unbounded = found[0][0] in "*+" or found[0].rstrip("?+").endswith(",}")
            quantifiers += 1
            if not may_repeat or any(number > _MOST_TIMES for number in times) or (is_unbounded and unbounded_end >= 0):
                return False
            place, may_repeat = found.end(), False
            unbounded_end = place if is_unbounded else unbounded_end
        elif found := _ATOM.match(text, place):
            place, may_repeat = found.end(), True
        else:
            return False
    if depth != 0 or quantifiers > _MOST_QUANTIFIERS:
        return False
    is_last = unbounded_end >= 0 and not text[unbounded_end:].strip(")")
    return unbounded_end < 0 or (not has_choice and (is_anchored or is_last))
