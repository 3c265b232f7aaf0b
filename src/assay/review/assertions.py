"""`tests/*.yaml`: what has to hold of the workspace's numbers, as it is written there, and whether an answer keeps it.

A test is a question and what must hold of each row of its answer. Whoever runs it asks the question like anybody else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, Decimal, DivisionByZero, InvalidOperation
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from sqlglot import exp

from assay.catalog.faults import faults_of
from assay.catalog.findings import Finding, named, nearest
from assay.catalog.folder import content_files
from assay.catalog.formula import BadFormula, read_expression
from assay.catalog.marked_yaml import BadYaml, read_yaml
from assay.catalog.workspace import Workspace
from assay.compiler.asked import MAX_LIMIT, Asked

FOLDER = "tests"
State = Literal["passed", "failed", "could_not"]
_COMPARED = re.compile(r"(?P<left>[^<>=!]+)(?P<sign><=|>=|<>|!=|=|<|>)(?P<right>[^<>=!]+)")
_NULL = re.compile(r"(?P<metric>\w+)\s+is\s+(?P<negated>not\s+)?null", re.IGNORECASE)
_LENGTH = re.compile(r"([1-9][0-9]{0,4}) (minute|hour|day|week)s?")
_SHARE = re.compile(r"[0-9]+(\.[0-9]+)?%?")
_CONTEXT = Context(prec=60, traps=[InvalidOperation, DivisionByZero])
_ARITHMETIC = {exp.Add: _CONTEXT.add, exp.Sub: _CONTEXT.subtract, exp.Mul: _CONTEXT.multiply, exp.Div: _CONTEXT.divide}
_MOST_SHOWN = 5
Text = Annotated[str, Field(min_length=1, max_length=300)]


class AssertionEntry(Asked):
    """A question, and one of `check`, `adds_up` and `fresh`."""

    label: Text | None = None
    check: Text | None = Field(default=None, description="revenue >= 0, gross - refunds = revenue, or revenue IS NOT NULL")
    adds_up: str | None = Field(default=None, description="a metric whose total is the sum of its groups by `dimensions`")
    fresh: str | None = Field(default=None, description="a metric whose newest row is no older than `within`")
    within: Text | None = Field(
        default=None, description="of `=` and adds_up a share such as 0.1% or an amount; of fresh a length such as 2 hours"
    )

    @field_validator("within", mode="before", json_schema_input_type=str | int | float)
    @classmethod
    def _written_as_a_number(cls, within: object) -> object:
        return str(within) if isinstance(within, int | float) and not isinstance(within, bool) else within

    @model_validator(mode="after")
    def _is_one_of_three(self) -> Self:
        given = [name for name in ("check", "adds_up", "fresh") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("says what has to hold by one of check, adds_up and fresh")
        if self.compare or self.order or self.having or self.limit or self.others:
            raise ValueError("asks for all of its groups: leave out compare, order, having, limit and others")
        if self.check is not None:
            sign = Check.of(self.check).sign
            if self.within is not None and sign != "=":
                raise ValueError("within belongs to a check of two sides that are equal, written with =")
        if self.adds_up is not None and not self.dimensions:
            raise ValueError("adds_up needs the dimensions over which the groups are added")
        if self.fresh is not None and (self.within is None or self.dimensions or self.grain):
            raise ValueError("fresh needs within, such as 2 hours, and is of all rows together")
        if self.within is not None:
            form = _LENGTH if self.fresh is not None else _SHARE
            if form.fullmatch(self.within) is None:
                wanted = "2 hours" if self.fresh is not None else "0.1%, or 5"
                raise ValueError(f"within is {self.within!r}; write for instance {wanted}")
        return self

    @property
    def name(self) -> str:
        return self.label or self.check or (f"{self.adds_up} adds up" if self.adds_up else f"{self.fresh} is fresh")

    @property
    def metrics(self) -> tuple[str, ...]:
        if self.check is not None:
            return Check.of(self.check).metrics
        return (str(self.adds_up or self.fresh),)

    def questions(self) -> list[dict[str, Any]]:
        """As `POST /v1/data` takes them: one, or of adds_up the groups and the total."""
        own = {"label", "check", "adds_up", "fresh", "within"}
        asked = self.model_dump(mode="json", exclude=own, exclude_defaults=True) | {"limit": MAX_LIMIT}
        if self.fresh is not None:
            return [asked | {"metrics": [f"{self.fresh}:last"]}]
        whole = asked | {"metrics": list(self.metrics)}
        return [whole] if self.check is not None else [whole, whole | {"dimensions": []}]


class AssertionsFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    tests: tuple[AssertionEntry, ...] = Field(max_length=500)


@dataclass(frozen=True, slots=True)
class Check:
    """Two sides and the sign between them, or one metric that is (not) null."""

    sign: str
    sides: tuple[exp.Expr, ...]
    metrics: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Check":
        """Raises ValueError with what to write."""
        if found := _NULL.fullmatch(text.strip()):
            metric = found["metric"]
            return cls("is not null" if found["negated"] else "is null", (exp.column(metric),), (metric,))
        compared = _COMPARED.fullmatch(text)
        if compared is None:
            raise ValueError(f"{text!r} is no check; write for instance revenue >= 0, or revenue IS NOT NULL")
        sides, metrics = [], dict[str, None]()
        for each in (compared["left"].strip(), compared["right"].strip()):
            try:
                side, names = (exp.Literal.number(str(Decimal(each))), ()) if _is_number(each) else read_expression(each)
            except BadFormula as error:
                raise ValueError(f"{each!r}: {error}") from error
            sides.append(side)
            metrics |= dict.fromkeys(names)
        if not metrics:
            raise ValueError(f"{text!r} names no metric")
        return cls("<>" if compared["sign"] == "!=" else compared["sign"], tuple(sides), tuple(metrics))

    def holds(self, values: dict[str, Decimal | None], within: str | None) -> bool:
        """Where a value is not known nothing is compared, so that it does not hold."""
        found = [_value(each, values) for each in self.sides]
        if self.sign in ("is null", "is not null"):
            return (found[0] is None) == (self.sign == "is null")
        left, right = found
        if left is None or right is None:
            return False
        match self.sign:
            case "=":
                return is_within(left, right, within)
            case "<>":
                return left != right
            case "<":
                return left < right
            case ">":
                return left > right
            case "<=":
                return left <= right
            case _:
                return left >= right


def is_within(left: Decimal, right: Decimal, within: str | None) -> bool:
    """`within`: a share of the larger of the two, or an amount; None: the very same."""
    if within is None:
        return left == right
    bound = Decimal(within.removesuffix("%"))
    if within.endswith("%"):
        bound = _CONTEXT.multiply(bound, _CONTEXT.divide(max(abs(left), abs(right)), Decimal(100)))
    return abs(_CONTEXT.subtract(left, right)) <= bound


@dataclass(frozen=True, slots=True)
class Outcome:
    """`shown`: the first groups that do not keep it."""

    state: State
    sentence: str
    shown: tuple[str, ...] = ()


def judged(entry: AssertionEntry, answers: list[dict[str, Any]], now: datetime) -> Outcome:
    """Of the answers of `entry.questions()`, as the API gives them. What is not all there, or not of now, proves nothing."""
    for each in answers:
        known = each["provenance"]
        if known["stale_reason"]:
            return Outcome("could_not", f"only an older answer can be had: {known['stale_reason']}")
        if known["truncated"]:
            return Outcome("could_not", f"there are more than {MAX_LIMIT:,} groups")
        if "folded" in each:
            return Outcome("could_not", f"not every group is told: {each['folded']['sentence']}")
    if len({each["provenance"]["data_version"] for each in answers}) > 1:
        return Outcome("could_not", "the data moved between its questions; run it again")
    if entry.fresh is not None:
        return _fresh(entry, answers[0], now)
    if entry.adds_up is not None:
        return _adds_up(entry, *answers)
    return _checked(entry, answers[0])


def _checked(entry: AssertionEntry, answer: dict[str, Any]) -> Outcome:
    check = Check.of(entry.check or "")
    rows = list(_rows(answer))
    if not rows:
        return Outcome("could_not", "there are no groups to look at")
    wrong = [(key, values) for key, values in rows if not check.holds(values, entry.within)]
    if not wrong:
        return Outcome("passed", f"holds in {len(rows)} group{'s' if len(rows) > 1 else ''}" if rows[0][0] else "holds")
    shown = tuple(_told(*each) for each in wrong[:_MOST_SHOWN])
    return Outcome("failed", f"does not hold in {len(wrong)} of {len(rows)}" if wrong[0][0] else "does not hold", shown)


def _adds_up(entry: AssertionEntry, by_group: dict[str, Any], whole: dict[str, Any]) -> Outcome:
    groups = [next(iter(values.values())) for _, values in _rows(by_group)]
    total = next(iter(next(_rows(whole))[1].values()))
    added = Decimal(0)
    for each in groups:
        added = _CONTEXT.add(added, each or Decimal(0))
    if total is None:
        return Outcome("could_not", "the total has no value")
    told = f"the total is {total:f}, and its {len(groups)} groups add up to {added:f}"
    return Outcome("passed" if is_within(total, added, entry.within) else "failed", told)


def _fresh(entry: AssertionEntry, answer: dict[str, Any], now: datetime) -> Outcome:
    value = answer["rows"][0][-1] if answer["rows"] else None
    if value is None:
        return Outcome("failed", "there are no rows at all")
    newest = datetime.fromisoformat(value)
    if len(value) == len("2026-11-29"):  # a day is over at its end
        newest = newest.replace(tzinfo=ZoneInfo(answer["question"]["timezone"])) + timedelta(days=1)
    found = _LENGTH.fullmatch(entry.within or "")
    assert found
    is_fresh = now - newest <= timedelta(**{f"{found[2]}s": int(found[1])})
    return Outcome("passed" if is_fresh else "failed", f"the newest row is of {value}")


def _rows(answer: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], dict[str, Decimal | None]]]:
    """The key of each row, and its values by metric."""
    columns = answer["columns"]
    for row in answer["rows"]:
        key = tuple("none" if cell is None else str(cell) for cell, column in zip(row, columns, strict=True)
                    if column["role"] in ("time", "dimension"))  # fmt: skip
        yield key, {column["metric_id"]: _number(cell) for cell, column in zip(row, columns, strict=True)
                    if column["role"] == "value"}  # fmt: skip


def _number(cell: Any) -> Decimal | None:
    value = None if cell is None else Decimal(str(cell))
    return value if value is not None and value.is_finite() else None


def _told(key: tuple[str, ...], values: dict[str, Decimal | None]) -> str:
    told = ", ".join(f"{name} {'none' if value is None else f'{value:f}'}" for name, value in values.items())
    return f"{', '.join(key)}: {told}" if key else told


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]{1,30}(\.[0-9]{1,20})?", text) is not None


def _value(node: exp.Expr, values: dict[str, Decimal | None]) -> Decimal | None:
    """None where something in it has no value, or is divided by 0, as in SQL."""
    match node:
        case exp.Column():
            return values[node.name]
        case exp.Literal():
            return Decimal(node.this)
        case exp.Paren():
            return _value(node.this, values)
        case exp.Neg():
            inner = _value(node.this, values)
            return None if inner is None else -inner
        case _:
            left, right = (_value(each, values) for each in (node.this, node.expression))
            if left is None or right is None or (isinstance(node, exp.Div) and not right):
                return None
            calculate = {
                exp.Add: _CONTEXT.add,
                exp.Sub: _CONTEXT.subtract,
                exp.Mul: _CONTEXT.multiply,
                exp.Div: _CONTEXT.divide,
            }
            return calculate[type(node)](left, right)


@dataclass(frozen=True, slots=True)
class Assertion:
    entry: AssertionEntry
    file: str
    line: int


def read_assertions(workspace: Workspace) -> tuple[list[Assertion], list[Finding]]:
    """All of `tests/`, in order; what is wrong with it, with file and line."""
    found: list[Assertion] = []
    findings: list[Finding] = []
    for path in content_files(workspace.root / FOLDER):
        shown = f"{FOLDER}/{path.name}"
        try:
            marked = read_yaml(path)
        except BadYaml as error:
            findings += error.findings(shown)
            continue
        try:
            file = AssertionsFile.model_validate(marked.data)
        except ValidationError as error:
            findings += [
                Finding(shown, marked.line(each.place), each.told_of("the file"), each.mend)
                for each in faults_of(error.errors(), AssertionsFile)
            ]
            continue
        for number, entry in enumerate(file.tests):
            line = marked.line(("tests", number)) or 1
            found.append(Assertion(entry, shown, line))
            findings += _unknown(entry, shown, line, workspace)
    return found, findings


def _unknown(entry: AssertionEntry, file: str, line: int, workspace: Workspace) -> Iterator[Finding]:
    for name in entry.metrics:
        metric = workspace.metrics.get(name)
        if metric is None:
            yield Finding(file, line, f"there is no metric {name!r}", nearest(name, set(workspace.metrics)),
                          wants=named("metric", name) | {"metrics"})  # fmt: skip
            continue
        for each in entry.dimensions:
            if each not in metric.dimensions and not each.startswith("time_"):
                yield Finding(file, line, f"{name} has no dimension {each!r}", nearest(each, set(metric.dimensions)))
