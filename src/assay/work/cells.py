"""Texts as cells of files that people open in a spreadsheet: none of them becomes a formula there, and each comes back."""

import re

_IGNORED = (
    r"\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
)
FORMULA = re.compile(rf"'*(?:[{_IGNORED}]*[=+\-@＝＋－＠]|[\t\r\n])")
"""What a spreadsheet may take for a formula, also behind blanks that it skips, and in full width. With apostrophes before
it, it is such a text that was made harmless already: it gets one more, so that taking one away gives back what it was."""


def harmless(text: str) -> str:
    return f"'{text}" if FORMULA.match(text) else text


def unharmed(cell: str) -> str:
    """What `harmless` was given."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell
