"""Names of other layers as the catalog can take them."""

import re

from pydantic import ValidationError

from assay.catalog.entry import RESERVED
from assay.catalog.spelling import slug, spoken, unused
from assay.catalog.yaml_text import Entry

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


def head(metric_id: str, name: str, label: str | None, description: str | None) -> Entry:
    """How a definition begins. `name`: what it is called by where the source has no label."""
    label = (label or spoken(name))[:80]
    told = " ".join((description or label).split())
    return {"id": metric_id, "label": label, "definition": told if len(told) <= 600 else told[:599] + "…"}


def told_fault(error: ValidationError) -> str:
    first = error.errors()[0]
    return str(first["msg"]).removeprefix("Value error, ")
