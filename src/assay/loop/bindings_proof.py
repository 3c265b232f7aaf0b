"""The bindings file proved: statements through the gate, names against the dictionary and against each other."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

from assay.catalog.dictionary import Dictionary, content_of
from assay.catalog.findings import nearest
from assay.gate import Policy, judge
from assay.loop.bindings import (
    PANEL_COLUMNS,
    Bindings,
    BindingsFile,
    EventEntry,
    EventType,
    FactEntry,
    Read,
    Step,
    StepEntry,
    read_span,
)
from assay.loop.proof import Fields, Proof, Unread
from assay.loop.rules import Action, content_version
from assay.loop.values import paths_of

_PLACE = re.compile(r"(?<![:\w]):([a-z_]\w*(?:\.[a-z_]\w*)*)(\?)?")
_ONLY = re.compile(r"^(\w+)\s*(<=|>=|<|>|=)\s*(\w+)$")
_EVENT = {"event_id", "type", "source", "key", "occurred_at", "received_at"}
_DECISION = {"action", "score", "saving_usd", "rationale", "reason_codes"}
_ACTION = {"cost_usd", "saving_usd", "label"}


@dataclass
class BindingsProof:
    proof: Proof
    root: Path
    dictionary: Dictionary
    policy: Policy
    writable: frozenset[str] | None
    actions: Mapping[str, Action]

    def prove(self, file: BindingsFile) -> Bindings:
        """The bindings, whole only where nothing was found."""
        moments = {}
        for name, text in file.moments.items():
            span = read_span(text)
            if span is None:
                self.proof.note(
                    ("moments", name), f"{text!r} is no span", "write one such as -365 days, or +24 hours from arrival"
                )
            else:
                moments[name] = span
        begun: dict[str, set[str] | None] = {"now": None, "moments": set(file.moments)}
        subjects = {name: self._subject(name, entry, begun) for name, entry in file.events.items()}
        facts = {name for entry in file.events.values() for name in entry.facts}
        facts |= {column for subject in subjects.values() if subject for column in subject.columns}
        context = self._context(file, {**begun, "event": _EVENT, "facts": facts})
        known = {**begun, "facts": facts, **columns_of(file, context)}
        self.proof.path(file.subject, known, ("subject",))
        for name, path in file.about.items():
            self.proof.path(path, known, ("about", name))
        steps = {name: self._steps(listed, ("steps", name)) for name, listed in file.steps.items()}
        events = {
            name: self._event(name, entry, subjects[name], steps, context, known) for name, entry in file.events.items()
        }
        life, effects = self._decisions(file, known)
        version = content_version(content_of(self.root / self.proof.file))
        panel = self._panel(file)
        return Bindings(
            version,
            moments,
            context,
            file.subject,
            {str(name): path for name, path in file.about.items()},
            events,
            life,
            effects,
            panel,
        )

    # -- statements -----------------------------------------------------------------------------

    def _context(self, file: BindingsFile, begun: Fields) -> dict[str, Read]:
        context: dict[str, Read] = {}
        known = dict(begun)
        for name, entry in file.context.items():
            later = set(file.context) - set(known)
            read = self._read(name, entry.sql, known, ("context", name, "sql"), later)
            known[name] = set(read.columns) if read else Unread()
            if read is not None:
                context[name] = read
        return context

    def _subject(self, name: str, entry: EventEntry, begun: Fields) -> Read | None:
        if entry.subject_sql is None:
            return None
        given = {**begun, "payload": set(entry.fields), "event": _EVENT}
        return self._read(name, entry.subject_sql, given, ("events", name, "subject_sql"))

    def _panel(self, file: BindingsFile) -> dict[str, tuple[Read, ...]]:
        panel: dict[str, tuple[Read, ...]] = {}
        for name, wanted in PANEL_COLUMNS.items():
            entry = getattr(file.panel, name)
            given: Fields = {"status": None} if name == "alerts" else {"customer_id": None}
            found: list[Read] = []
            for number, each in enumerate(entry if isinstance(entry, list) else [entry]):
                place = ("panel", name, number, "sql") if isinstance(entry, list) else ("panel", name, "sql")
                read = self._read(name, each.sql, given, place)
                if read is None:
                    continue
                found.append(read)
                missing = [column for column in wanted if column not in read.columns]
                if missing:
                    self.proof.note(place, f"panel.{name} lacks {', '.join(missing)}", f"select {', '.join(wanted)}")
            panel[name] = tuple(found)
        return panel

    def _read(self, name: str, sql: str, known: Fields, place: tuple[Any, ...], later: Collection[str] = ()) -> Read | None:
        places: list[tuple[str, bool]] = []

        def numbered(match: re.Match[str]) -> str:
            wanted = (match[1], bool(match[2]))
            if wanted not in places:
                places.append(wanted)
                part = match[1].partition(".")[0]
                if part in later:
                    self.proof.note(place, f"{match[1]}: {part} is not read before {name}", f"move {name} below {part}")
                else:
                    self.proof.path(match[1], known, place)
            return f"${places.index(wanted) + 1}"

        verdict = judge(_PLACE.sub(numbered, sql), "postgres", self.policy)
        if verdict.safe is None:
            for each in verdict.violations:
                self.proof.note(place, f"{name}: {each.message}", f"the gate refuses it: {each.code}")
            return None
        tree = sqlglot.parse_one(verdict.safe.text, read="postgres")
        columns = tuple(tree.named_selects) if isinstance(tree, exp.Query) else ()
        return Read(name, verdict.safe, tuple(places), columns, self.proof.marked.line(place) or 1)

    # -- events and decisions -------------------------------------------------------------------

    def _event(
        self, name: str, entry: EventEntry, subject: Read | None, steps: Mapping[str, tuple[Step, ...]],
        context: Mapping[str, Read], known: Fields,
    ) -> EventType:  # fmt: skip
        place = ("events", name)
        facts = set(entry.facts) | set(subject.columns if subject else ())
        given = {**known, "payload": set(entry.fields), "event": _EVENT, "facts": facts}
        for fact, source in entry.facts.items():
            path = source.of if isinstance(source, FactEntry) else source
            if path is not None:
                self.proof.path(path, given, (*place, "facts", fact))
        for wanted in entry.needs:
            if wanted not in known:
                self.proof.note((*place, "needs"), f"there is no part {wanted!r}", nearest(wanted, set(context)))
        found: list[Step] = []
        for wanted in entry.steps:
            if wanted not in steps:
                self.proof.note((*place, "steps"), f"there are no steps {wanted!r}", nearest(wanted, set(steps)))
            found += steps.get(wanted, ())
        for step in found:
            self._step_names(step, given)
        if entry.decides and not entry.needs:
            self.proof.note(place, f"{name} decides, and needs nothing", "name the parts that a decision cannot do without")
        used = {path.partition(".")[0] for step in found for path in _paths(step)} | set(entry.needs)
        # A part that is looked at needs the parts that its statement looks at.
        for part in reversed(list(context)):
            if part in used:
                used |= {path.partition(".")[0] for path, _ in context[part].places}
        return EventType(name, entry, subject, tuple(found), tuple(part for part in context if part in used))

    def _decisions(
        self, file: BindingsFile, known: Fields
    ) -> tuple[dict[str, tuple[Step, ...]], dict[str, tuple[Step, ...]]]:
        """What a recommendation's life and what each action writes."""
        life = {
            name: self._steps(getattr(file.recommendation, name), ("recommendation", name))
            for name in type(file.recommendation).model_fields
        }
        effects = {name: self._steps(listed, ("effects", name)) for name, listed in file.effects.items()}
        given: Fields = {
            **known, "event": _EVENT, "recommendation": {"id"}, "decision": _DECISION, "action": _ACTION, "by": None,
            "wording": {"text"}, "dismissal": {"reason"},
        }  # fmt: skip
        for step in (step for listed in (*life.values(), *effects.values()) for step in listed):
            self._step_names(step, given)
        for name in sorted(set(self.actions) - set(effects)):
            self.proof.note(("effects",), f"the action {name} has no effect", f"add {name}: to effects")
        for name in sorted(set(effects) - set(self.actions)):
            self.proof.note(("effects", name), f"there is no action {name!r}", nearest(name, set(self.actions)))
        return life, effects

    # -- steps ----------------------------------------------------------------------------------

    def _steps(self, listed: list[StepEntry], place: tuple[Any, ...]) -> tuple[Step, ...]:
        return tuple(step for index, entry in enumerate(listed) if (step := self._step(entry, (*place, index))))

    def _step(self, entry: StepEntry, place: tuple[Any, ...]) -> Step | None:
        note, name = self.proof.note, entry.insert or entry.update or ""
        table = self.dictionary.find(name)
        if table is None:
            note(place, f"there is no table {name!r}", nearest(name, set(self.dictionary.tables)))
            return None
        if self.writable is not None and table.qualified not in self.writable:
            note(place, f"{table.qualified} does not lie in Assay's own database", "the loop can write only there")
        for part in ("values", "where", "set", "add"):
            for column in getattr(entry, part):
                if column not in table.columns:
                    mend = nearest(column, set(table.columns))
                    note((*place, part, column), f"{table.qualified} has no column {column!r}", mend)
        if not table.primary_key:
            note(place, f"{table.qualified} has no primary key in the dictionary", "its rows could not be put back")
        if entry.insert:
            lacking = [each.name for each in table.columns.values() if not each.nullable and each.name not in entry.values]
            if lacking:
                note(place, f"{table.qualified} needs {', '.join(lacking)} too", "give each a value")
        if {*entry.set, *entry.add} & set(table.primary_key):
            note(place, f"{table.qualified}: its key cannot be changed")
        for column in entry.add:
            if column in table.columns and not table.columns[column].type.is_number:
                note((*place, "add"), f"{table.qualified}.{column} is no number")
        if entry.latest and (entry.latest not in table.columns or entry.latest not in entry.set):
            note(
                (*place, "latest"),
                f"{entry.latest!r} is no column of {table.qualified} that the step sets",
                "set it to {now}",
            )
        only = _ONLY.match(entry.only) if entry.only else None
        if entry.only and (only is None or not {only[1], only[3]} <= set(table.columns)):
            note((*place, "only"), f"{entry.only!r} compares no two columns of {table.qualified}")
            only = None
        return Step(table, entry, (only[1], only[2], only[3]) if only else None, place)

    def _step_names(self, step: Step, known: Fields) -> None:
        if step.entry.as_ is not None and step.entry.as_ not in known:
            self.proof.note(step.place, f"there is no part {step.entry.as_!r}", nearest(step.entry.as_, set(known)))
        given = {**known, **{f"actions.{name}": _ACTION for name in self.actions}}
        if step.entry.unless is not None:
            self.proof.path(step.entry.unless, given, step.place)
        for template in _templates(step):
            self.proof.template(template, given, step.place)


def columns_of(file: BindingsFile, context: Mapping[str, Read]) -> dict[str, set[str]]:
    """The names of each part of the context; of one that could not be read, whatever they are called."""
    return {name: set(context[name].columns) if name in context else Unread() for name in file.context}


def _templates(step: Step) -> Iterator[Any]:
    entry = step.entry
    yield from (*entry.values.values(), *entry.where.values(), *entry.set.values())


def _paths(step: Step) -> Iterator[str]:
    if step.entry.unless:
        yield step.entry.unless
    for template in _templates(step):
        yield from (path for path, _ in paths_of(template))
