"""The golden set: requests with exactly what is to come of them, one file a class."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from assay.widgets.words.outcome import Reading, Spec, read_spec
from assay.widgets.words.reader import Reader

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    group: str
    words: str
    base: dict[str, Any] | None
    spec: dict[str, Any] | None
    ask: Any
    refuse: str | None
    alt_spec: dict[str, Any] | None
    alt_ask: bool
    explain: bool
    """Whether it is asked why a figure changed."""


@dataclass
class Result:
    case: Case
    reading: Reading
    milliseconds: float
    exact: bool = field(init=False)

    def __post_init__(self) -> None:
        self.exact = matches(self.case, self.reading)

    @property
    def is_silently_wrong(self) -> bool:
        """A spec that is not the one that was meant, and no question asked."""
        return self.reading.outcome == "spec" and not self.exact


def load_cases(group: str | None = None) -> list[Case]:
    found: list[Case] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        cases = read_cases(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader), path.stem)
        found += [each for each in cases if group in (None, each.group)]
    return found


def read_cases(listed: list[dict[str, Any]], name: str) -> list[Case]:
    return [
        Case(
            raw.get("class", name), raw["words"] if "words" in raw else "claims by region " * (raw["long"] // 17),
            raw.get("base"), raw.get("spec"), raw.get("ask"), raw.get("refuse"), raw.get("alt_spec"),
            raw.get("alt_ask", False), raw.get("explain", False),
        )
        for raw in listed
    ]  # fmt: skip


def spec_of(short: dict[str, Any]) -> Spec:
    """A spec as the cases write it: filters as [dimension, operator, values], order as [by, asc or desc]."""
    body = dict(short)
    dates = body.pop("dates", None)
    if dates:
        body["window"] = {"start": str(dates[0]), "end": str(dates[1])}
    filters = []
    for name, op, *rest in body.pop("filters", []):
        values = rest[0] if rest and isinstance(rest[0], list) else rest
        filters.append({"dimension": name, "op": op, "values": values})
    order = [{"by": by, "descending": way == "desc"} for by, way in body.pop("order", [])]
    having = [{"by": by, "op": op, "value": value} for by, op, value in body.pop("having", [])]
    return read_spec({**body, "filters": filters, "order": order, "having": having})


def read(reader: Reader, case: Case) -> Reading:
    return reader.read(case.words, base=spec_of(case.base) if case.base else None)


def matches(case: Case, reading: Reading) -> bool:
    if reading.outcome == "spec":
        is_spec = any(reading.spec == spec_of(each) for each in (case.spec, case.alt_spec) if each)
        return is_spec and reading.explains == case.explain
    if reading.outcome == "questions":
        if case.ask == "any" or case.alt_ask or case.refuse == "any":
            return True
        asked = [(each.kind, each.words) for each in reading.questions]
        return bool(case.ask) and asked == [(kind, words) for kind, words in case.ask]
    return case.refuse in ("any", reading.code) or case.ask == "any"
