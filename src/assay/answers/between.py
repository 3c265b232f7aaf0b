"""What stands between two receipts, asked on the data of now with one part changed at a time, so that each part's own work
shows: the first one's statement, today's definition in its place, the other route, the other question.

It leaves no receipts: what it asks was never anybody's answer. Each statement passes the gate all the same, and is asked in
the scope of whoever asks, which has to be that of both receipts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Literal

from assay.answers.answer import wire_cell, wire_number, wire_value
from assay.answers.making import definition_versions, shown_parameters, tables_of
from assay.answers.resolve import Corridor
from assay.backends.protocol import Backend, NotConfigured
from assay.catalog.formula import ValueType
from assay.compiler import meaning
from assay.compiler.question import Question, restore_question
from assay.compiler.statement import Statement
from assay.compiler.values import Value
from assay.engine import engine_of
from assay.errors import BackendNotConfigured, BackendUnavailable
from assay.gate import SafeSql, judge
from assay.people.scope import Scope

Part = Literal["definition", "route", "question", "policy", "data"]
Document = dict[str, Any]
Side = Literal["before", "now"]
State = tuple[Side, Side, Side]
"""(definition, route, question) of a statement: of which receipt each is."""
_FIRST: State = ("before", "before", "before")
_LAST: State = ("now", "now", "now")
_PLACES: dict[Part, int] = {"definition": 0, "route": 1, "question": 2}
_TURNS = 3
_TINY = Fraction(1, 10**9)
"""Sums of doubles are as exact as this, from one time to the next."""


class Untold(Exception):
    """Why the parts cannot be told apart, as a sentence."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What parts did to the value together; one part, where it can be told from the others."""

    parts: tuple[Part, ...]
    amount: Fraction


class _Moved(Exception):
    """The data are others than at the statement before."""


def sees(described: Mapping[str, Any]) -> dict[str, Any]:
    """Of a question's scope what is seen by it; the number of its policy says when it was put in force."""
    scope = described.get("scope") or {}
    rows = scope.get("rows") or {}
    is_limited = any(rows.values())
    return {
        "rows": rows if is_limited else None, "values": scope.get("values") if is_limited else None,
        "hidden": scope.get("hidden") or None, "smallest group": scope.get("minimum_group") or None,
    }  # fmt: skip


def figure(document: Document) -> Any:
    """The value of a receipt of one figure; None of any other."""
    columns = [at for at, each in enumerate(document["columns"]) if each["role"] == "value"]
    others = {each["role"] for each in document["columns"]} - {"value", "previous"}
    if len(columns) != 1 or others or document["rows_returned"] != 1 or len(document["rows"]) != 1:
        return None
    return document["rows"][0][columns[0]]


class Between:
    """`parts`: those that differ and from which another value may follow, several of them, and no policy."""

    def __init__(
        self, before: Document, now: Document, parts: Sequence[Part], corridor: Corridor, scope: Scope
    ) -> None:  # fmt: skip
        """Raises Untold, and what binding the questions to today's catalog raises."""
        self._sides: dict[Side, Document] = {"before": before, "now": now}
        self._parts, self._scope = parts, scope
        self._corridor, self._catalog = corridor, corridor.catalog
        self._versions: dict[str, str] = {}
        self.statements = 0
        if scope.minimum:
            raise Untold("Figures of few rows are not shown here, so nothing is asked beside the two.")
        if any(each["generator"] != "compiler" for each in self._sides.values()):
            raise Untold("A model wrote one of the statements, which is not asked again.")
        workspace = self._catalog.workspace
        self._questions: dict[Side, Question] = {
            name: restore_question(each["question"], workspace, scope) for name, each in self._sides.items()
        }
        for name, question in self._questions.items():
            if sees(question.described()) != sees(self._sides[name]["question"]):
                raise Untold("They are of rows as somebody else sees them: who sees the same can have the parts told apart.")
        self._tables = {
            *(table for each in self._sides.values() for table in each["source_tables"]),
            *(table for each in self._questions.values() for table in tables_of(each)),
        }

    async def effects(self) -> list[Effect]:
        """All of them are together the difference of the two values. Raises Untold, and what asking raises."""
        for _ in range(_TURNS):
            self._versions.clear()
            try:
                return await self._effects()
            except _Moved:
                continue
        raise Untold("The data moved while the parts were asked: ask again when they are still.")

    async def _effects(self) -> list[Effect]:
        """Steps between which nothing can be asked are taken together."""
        values = [_known(figure(each)) for each in self._sides.values()]
        first = last = await self._asked(_FIRST)
        if first is None or last is None:
            raise Untold("The first one's statement cannot be run any more: what it reads is another by now.")
        found, pending, state, order = list[Effect](), list[Part](), list(_FIRST), self._order()
        for part in order:
            state[_PLACES[part]] = "now"
            pending.append(part)
            amount = await self._asked(_LAST if part == order[-1] else (state[0], state[1], state[2]))
            if amount is not None:
                found.append(Effect(tuple(pending), amount - last))
                pending, last = [], amount
        if pending:
            raise Untold("The second one's statement cannot be run any more: what it reads is another by now.")
        rest = (first - values[0]) + (values[1] - last)
        if "data" in self._parts:
            return [*found, Effect(("data",), rest)]
        if abs(rest) > _TINY * max(abs(each) for each in (*values, first, last)):
            raise Untold("The data have moved since both, and the parts would do something else on them.")
        return [*found[:-1], Effect(found[-1].parts, found[-1].amount + rest)]

    def _order(self) -> list[Part]:
        """Today's definition alone can be asked in another question or elsewhere, so the other one comes first or last."""
        rest: list[Part] = [each for each in ("route", "question") if each in self._parts]
        if "definition" not in self._parts:
            return rest
        return ["definition", *rest] if self._is_of_today("now") else [*rest, "definition"]

    def _is_of_today(self, side: Side) -> bool:
        document = self._sides[side]
        return (
            document["definition_version"] == definition_versions(self._questions[side].metrics)
            and document["dictionary_version"] == self._catalog.workspace.dictionary.version
            and meaning.meant_by(document) == meaning.MEANING_VERSION
        )

    async def _asked(self, state: State) -> Fraction | None:
        """None where nothing can be asked in this state. Raises what an engine raises."""
        definition, route, asked = state
        backend = self._backend(self._sides[route]["route"]["backend"])
        question = self._questions[asked]
        await self._catalog.described.ready(backend, tables_of(question))
        statement = self._catalog.statement(question, backend)
        if self._is_of_today(definition):
            names = [each.name for each in statement.columns]
            at, column = next((at, each) for at, each in enumerate(statement.columns) if each.role == "value")
            row = await self._row(backend, statement.safe, statement.parameters(question), names)
            return _known(wire_cell(row[at], column))
        # What a definition of before reads can be held against a scope by nobody but who sees everything.
        if state not in (_FIRST, _LAST) or not self._scope.is_whole:
            return None
        document = self._sides[definition]
        found = self._as_it_was(document, statement, question, backend)
        if found is None:
            return None
        columns = document["columns"]
        row = await self._row(backend, *found, [each["name"] for each in columns])
        at, kind = next((at, each["type"]) for at, each in enumerate(columns) if each["role"] == "value")
        return _known(wire_value(row[at], ValueType(kind, places_of(figure(document)) if kind == "decimal" else None)))

    def _as_it_was(
        self, document: Document, statement: Statement, question: Question, backend: Backend
    ) -> tuple[SafeSql, dict[str, Value]] | None:
        """A receipt's own statement, judged anew, with the values that it was run with; None where it cannot be had.

        A receipt holds instants, days and decimals as texts: each is taken for the value of today's statement that is
        written so. What neither stands there nor can be anything but a string is one of the definition of then.
        """
        if backend.driver != document["route"]["driver"]:
            return None
        verdict = judge(document["sql"], backend.dialect, self._catalog.policies[backend.name])
        if verdict.safe is None:
            return None
        today = statement.parameters(question)
        known = zip(shown_parameters(today, backend.dialect).values(), today.values(), strict=True)
        by_text: dict[Any, list[Value]] = {}
        for text, value in known:
            by_text.setdefault(text, []).append(value)
        mark = engine_of(backend.dialect).spelling.mark
        values: dict[str, Value] = {}
        for name, text in document["params"].items():
            value = _value_of(text, by_text.get(text, []))
            if value is None:
                return None
            values[f"p{name.removeprefix(mark)}"] = value
        wanted = {f"p{name.removeprefix('p')}" for name in verdict.safe.parameters}
        return (verdict.safe, values) if values.keys() == wanted else None

    async def _row(
        self, backend: Backend, safe: SafeSql, parameters: Mapping[str, Value], names: Sequence[str]
    ) -> tuple[Any, ...]:  # fmt: skip
        """Raises _Moved where the data are others than at the statement before."""
        self.statements += 1
        tags = {"for": "receipts side by side"}
        rows = await self._corridor.run(backend, safe, parameters, tags, self._tables)
        if self._versions.setdefault(backend.name, rows.data_version.text) != rows.data_version.text:
            raise _Moved
        given = rows.by_name(names)
        if len(given) != 1:
            raise Untold("One of the statements between the two gives no single figure.")
        return given[0]

    def _backend(self, name: str) -> Backend:
        backend = self._catalog.backends.get(name)
        if backend is None:
            raise BackendUnavailable(f"There is no backend {name} any more.")
        if isinstance(backend, NotConfigured):
            raise BackendNotConfigured(f"{name} is not configured: {backend.reason}")
        return backend


def _value_of(text: Any, today: Sequence[Value]) -> Value | None:
    """None where it cannot be told of what type it was."""
    if not isinstance(text, str):
        return text
    if today:
        return today[0] if len({type(each) for each in today}) == 1 else None
    return None if _may_be_typed(text) else text


def _may_be_typed(text: str) -> bool:
    """Whether a number, a day or an instant may be written so."""
    for read in (Decimal, datetime.fromisoformat):
        try:
            read(text)
        except (InvalidOperation, ValueError):
            continue
        return True
    return False


def _known(value: Any) -> Fraction:
    found = wire_number(value)
    if found is None:
        raise Untold("One of the statements between the two gives no value.")
    return found


def places_of(text: Any) -> int:
    """Digits behind the point of a decimal as it travels."""
    return -int(Decimal(str(text)).as_tuple().exponent)
