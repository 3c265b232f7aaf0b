"""Names of a database that nobody here designed: which can be carried, and what they are called in files and on screen."""

import re
import unicodedata
from collections.abc import Container, Iterator

_MAX_BYTES = 63
_BETWEEN_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
MAX_ID = 56
"""Ids have 63 characters at most; the rest is for a number that tells two of them apart."""


def why_not_carried(name: str) -> str | None:
    """Why a name cannot be written into the dictionary and judged by the gate; None where it can."""
    if not name or name != name.strip():
        return "its name begins or ends with a blank, which a CSV does not keep"
    if len(name.encode()) > _MAX_BYTES:
        return f"its name has more than {_MAX_BYTES} bytes"
    if not name.isprintable() or "\ufffd" in name or "\\" in name:
        return "its name holds a character that cannot be printed safely"
    if not name.isascii() and unicodedata.normalize("NFKC", name) != unicodedata.normalize("NFC", name):
        return "its name has letters that look like others"
    return None


def why_no_table(name: str) -> str | None:
    """As `why_not_carried`, for a schema or table: the two are written as `schema.table`."""
    return "its name holds a point" if "." in name else why_not_carried(name)


def table_and_column(name: str, tables: Container[str]) -> tuple[str, str]:
    """What `[schema.]table.column` names: a column's name may hold points, so a table that is there comes first."""
    points = [at for at, letter in enumerate(name) if letter == "."] or [0]
    at = next((at for at in reversed(points) if name[:at] in tables), points[-1])
    return name[:at], name[at:].removeprefix(".")


def words(name: str) -> list[str]:
    """`customerId`, `CUSTOMER_ID` and `Customer Id` are all customer and id."""
    return re.findall(r"[^\W_]+", _BETWEEN_WORDS.sub("_", name).lower())


def spoken(name: str) -> str:
    """The words with blanks between them: `Order details` for `order_details`."""
    said = " ".join(words(name)) or name
    return said[:1].upper() + said[1:]


def slug(name: str, otherwise: str) -> str:
    """Lower-case ASCII words joined by `_`, beginning with a letter; `otherwise` where nothing of the name is left."""
    plain = unicodedata.normalize("NFKD", " ".join(words(name))).encode("ascii", "ignore").decode()
    joined = "_".join(re.findall(r"[a-z0-9]+", plain.lower())) or otherwise
    if not joined[0].isalpha():
        joined = f"{otherwise}_{joined}"
    return joined[:MAX_ID].rstrip("_")


def unused(wanted: str, taken: set[str]) -> str:
    """`wanted`, or the first of `wanted_2`, `wanted_3`, ... that is free; it is taken then."""
    name = next(each for each in _numbered(wanted[:MAX_ID]) if each not in taken)
    taken.add(name)
    return name


def _numbered(wanted: str) -> Iterator[str]:
    yield wanted
    number = 2
    while True:
        yield f"{wanted}_{number}"
        number += 1
