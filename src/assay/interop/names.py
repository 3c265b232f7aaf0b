"""Names of other layers as the catalog can take them."""

import re

from pydantic import ValidationError

from assay.catalog.entry import RESERVED
from assay.catalog.spelling import slug, unused

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def fitting(name: str, otherwise: str = "dimension") -> str:
    """The name that a dimension or a segment has here."""
    found = name if _NAME.fullmatch(name) else slug(name, otherwise)
    return f"{found}_" if found in RESERVED else found


def fitting_id(name: str, taken: set[str]) -> str:
    """An id that the catalog takes."""
    if _NAME.fullmatch(name) and name not in taken:
        taken.add(name)
        return name
    return unused(slug(name, "metric"), taken)


def told_fault(error: ValidationError) -> str:
    first = error.errors()[0]
    return str(first["msg"]).removeprefix("Value error, ")
