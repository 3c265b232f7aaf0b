"""The version of what the compiler makes of a definition.

It is raised by whoever changes what SQL means under definitions that stay as they are: a cast, a window's bounds, what an
empty group holds. It belongs to the answer's id, so that no answer of before is served; to receipts, so that a replay can
say that the compiler is what has moved; and to certificates, so that none of before proves anything.
"""

MEANING_VERSION = 5
"""1: before there was a version (receipts and certificates without the field). 2: the first that they hold.
3: windows of whole days (ADR 15). 4: a filter finds what a group shows where digits are lost (ADR 21);
hours of a window that begins as the clocks jump. 5: parts of the time of an input that looks back are those of the day on
which it counts."""


def as_meant(definition_version: str) -> str:
    """A definition's version together with the compiler's: what live comparisons of a route are counted by."""
    return f"{definition_version}.{MEANING_VERSION}"


def meant_by(document: dict[str, object]) -> object:
    """The version under which a receipt or a certificate was made."""
    return document.get("meaning_version", 1)
