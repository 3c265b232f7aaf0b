"""The metrics of a workspace, taken over one by one: a file that cannot be parsed is read item by item, and where one
cannot be taken over its last good definition serves.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assay.catalog.binder import Binder
from assay.catalog.calendars import Calendar
from assay.catalog.dictionary import DICTIONARY, Dictionary
from assay.catalog.entities import ENTITIES, Entities
from assay.catalog.entry import MetricEntry
from assay.catalog.faults import faults_of
from assay.catalog.findings import BEGUN, Finding, named
from assay.catalog.folder import content_files
from assay.catalog.formula import BadFormula
from assay.catalog.last_good import GoodMetric, LastGood, definition_mark, operands_of, with_what_is_needed
from assay.catalog.marked_yaml import BadYaml, MarkedYaml, parse_yaml, read_text
from assay.catalog.metric import Metric

_ID = re.compile(r"(?:^|[\s{,-])id:\s*[\"']?([a-z][a-z0-9_]{0,62})")
_TABLES = re.compile(r"\w+\.\w+")
_METRICS = frozenset({"metrics"})
"""What a file that cannot be read takes away, as findings name it."""


@dataclass(frozen=True)
class Waiting:
    """A definition that stands in a file and waits for a second person."""

    definition: str
    """Its mark."""
    entry: MetricEntry
    before: MetricEntry | None
    """What serves until then."""
    file: str
    line: int


@dataclass
class Pieces:
    root: Path
    dictionary: Dictionary
    """What serves; a last good definition that was bound to another brings along what it needs of that."""
    version: str
    """Under which the dictionary is kept."""
    last: LastGood
    now: Dictionary
    """The dictionary as it lies there, whether it serves or not."""
    entities: Entities
    """What tables offer."""
    calendar: Calendar
    confirmed: Mapping[str, str] | None = None
    """Where two persons are asked for: by metric, the mark of the definition that they confirmed last."""
    waiting: dict[str, Waiting] = field(default_factory=dict[str, Waiting])
    findings: list[Finding] = field(default_factory=list[Finding])
    metrics: dict[str, Metric] = field(default_factory=dict[str, Metric])
    good: dict[str, GoodMetric] = field(default_factory=dict[str, GoodMetric])
    held: dict[str, str] = field(default_factory=dict[str, str])
    _written: dict[str, tuple[MetricEntry, str, int]] = field(default_factory=dict[str, tuple[MetricEntry, str, int]])
    _doubtful: dict[str, str] = field(default_factory=dict[str, str])
    """Metrics of which something was found that could not be taken, and what."""
    _refused: dict[str, Finding] = field(default_factory=dict[str, Finding])
    """Metrics whose last good definition cannot serve either."""
    _before: dict[str, Dictionary | None] = field(default_factory=dict[str, Dictionary | None])
    """Dictionaries that last good definitions were bound to, by version."""
    _open_files: dict[str, str] = field(default_factory=dict[str, str])
    """Files that hold something nobody can name: what they held before may be meant."""

    @cached_property
    def _binder(self) -> Binder:
        return Binder(self.dictionary, self.entities.known, self.calendar)

    def read(self) -> None:
        files = content_files(self.root / "metrics")
        if not files:
            mend = "add a YAML file with a list `metrics:`"
            self.findings.append(Finding("metrics/", None, "no metrics", mend, names=_METRICS, wants=BEGUN))
        for path in files:
            self._read_file(path)
        for name in self._doubtful:
            self._written.pop(name, None)
        self._bind()
        self._hold(nothing_there=not files)
        order = sorted(self.metrics, key=lambda name: (self.good[name].file, self.good[name].line))
        self.metrics = {name: self.metrics[name] for name in order}

    # -- reading ----------------------------------------------------------------------------------

    def _read_file(self, path: Path) -> None:
        shown = f"metrics/{path.name}"
        text = ""
        try:
            text = read_text(path)
            marked = parse_yaml(text)
        except BadYaml as error:
            self._read_items(shown, text, error)
            return
        listed = marked.data.get("metrics") if isinstance(marked.data, dict) else None
        for message, line, mend in (strays := marked.strays("metrics")):
            self.findings.append(Finding(shown, line, message, mend, names=_METRICS))
            self._open_files.setdefault(shown, message)
        if not isinstance(listed, list):
            if strays:
                return
            message = "holds no list `metrics:`"
            self.findings.append(Finding(shown, 1, message, "begin the file with metrics:", names=_METRICS))
            self._open_files[shown] = message
            return
        for index, raw in enumerate(listed):
            self._read_entry(shown, raw, marked, index, 0)

    def _read_items(self, shown: str, text: str, whole: BadYaml) -> None:
        """Item by item, as its lines show them: what is wrong in one says nothing against its neighbours."""
        items = items_of(text)
        failed = False
        for start, item in items:
            try:
                marked = parse_yaml(f"metrics:\n{item}")
                listed = marked.data["metrics"]
            except BadYaml as error:
                failed = True
                found = _ID.search(item)
                name = found[1] if found else None
                for each in error.findings(shown):
                    line = each.line and each.line + start - 1
                    self._note(replace(each, line=line, message=f"{name}: {each.message}" if name else each.message), name)
                continue
            for index, raw in enumerate(listed if isinstance(listed, list) else []):
                self._read_entry(shown, raw, marked, index, start - 1)
        if not failed:
            self.findings += [replace(each, names=_METRICS) for each in whole.findings(shown)]
            self._open_files[shown] = str(whole)

    def _note(self, finding: Finding, name: str | None) -> None:
        """What cannot be taken: of the metric of that name, or of one of the file's."""
        self.findings.append(replace(finding, metric_id=name))
        self._open_files.setdefault(finding.file, finding.message)
        if name is not None:
            self._doubtful.setdefault(name, finding.message)

    def _read_entry(self, shown: str, raw: Any, marked: MarkedYaml, index: int, offset: int) -> None:
        line = (marked.line(("metrics", index)) or 1) + offset
        try:
            entry = MetricEntry.model_validate(raw)
        except ValidationError as error:
            given = raw.get("id") if isinstance(raw, dict) else None
            name = given if isinstance(given, str) else None
            for fault in faults_of(error.errors(), MetricEntry):
                place = marked.line(("metrics", index, *fault.place))
                text = f"{name or 'entry ' + str(index + 1)}: {fault.told_of('')}"
                self._note(Finding(shown, place + offset if place else line, text, fault.mend), name)
            return
        if entry.id in self._written:
            first = self._written[entry.id]
            message = f"metric {entry.id} stands twice (first in {first[1]}:{first[2]})"
            known = self.last.metrics.get(entry.id)
            self._note(Finding(shown, line, message, "give one of them another id"), entry.id if known else None)
            return
        table = self.dictionary.find(entry.entity or "")
        doubt = self.entities.doubt(table)
        if doubt is not None and table is not None:
            wants = named("entity", table.qualified) | ENTITIES
            message = f"{entry.id}: what {table.qualified} offers is not known"
            self.findings.append(Finding(shown, line, message, metric_id=entry.id, wants=wants))
            self._doubtful.setdefault(entry.id, doubt)
            return
        entry = self._binder.completed(entry)
        self._written[entry.id] = (entry, shown, line)
        if self.confirmed is not None:
            self._expect_two(entry, shown, line, self.confirmed)

    def _expect_two(self, entry: MetricEntry, shown: str, line: int, confirmed: Mapping[str, str]) -> None:
        """What is neither what serves nor what two persons confirmed last waits."""
        last, definition = self.last.metrics.get(entry.id), definition_mark(entry)
        before = last.entry if last else None
        if (before and definition_mark(before)) == definition or confirmed.get(entry.id) == definition:
            return
        self.waiting[entry.id] = Waiting(definition, entry, before, shown, line)
        message = "its definition is another and waits for a second person" if before else "it waits for a second person"
        mend = "somebody with the role steward confirms it on the page, under Waiting"
        self.findings.append(Finding(shown, line, f"{entry.id}: {message}", mend, metric_id=entry.id))
        self._doubtful.setdefault(entry.id, message)

    # -- binding ----------------------------------------------------------------------------------

    def _bind(self) -> None:
        binder = self._binder
        entries = {name: entry for name, (entry, _, _) in self._written.items()}
        # Operands that are held serve what is calculated from them.
        known_elsewhere = {*entries, *self.last.metrics}
        # Derived metrics come after what they are made of, whatever order the files have them in.
        waiting = sorted(self._written.values(), key=lambda item: item[0].needs_others)
        failed: list[tuple[MetricEntry, str, int, str]] = []
        while waiting:
            failed = []
            for entry, file, line in waiting:
                try:
                    self.metrics[entry.id] = binder.take(entry, self.metrics, known_elsewhere, file, line)
                    self.good[entry.id] = GoodMetric(entry, file, line, operands_of(entry, entries), self.version)
                except BadFormula as error:
                    failed.append((entry, file, line, str(error)))
            if len(failed) in (0, len(waiting)):
                break
            waiting = [(entry, file, line) for entry, file, line, _ in failed]
        # What is written in no file any more may be what a last good definition brings back.
        simple = [each for each in failed if not each[0].needs_others]
        derived = [each for each in failed if each[0].needs_others]
        for entry, file, line, message in simple:
            self._doubtful[entry.id] = message
            self.findings.append(self._unbound(entry, file, line, message))
        self._hold_doubtful()
        for entry, file, line, message in derived:
            self._derive_late(binder, entry, file, line, message, known_elsewhere)

    def _derive_late(
        self, binder: Binder, entry: MetricEntry, file: str, line: int, message: str, written: set[str]
    ) -> None:
        """Once more, over operands of which the last good definition serves."""
        try:
            self.metrics[entry.id] = binder.take(entry, self.metrics, written, file, line)
            operands = operands_of(entry, {name: each.entry for name, each in self.good.items()})
            self.good[entry.id] = GoodMetric(entry, file, line, operands, self.version)
        except BadFormula as error:
            self._doubtful[entry.id] = message
            self.findings.append(self._unbound(entry, file, line, str(error)))

    def _unbound(self, entry: MetricEntry, file: str, line: int, message: str) -> Finding:
        tables = [found[0] for found in _TABLES.finditer(message)]
        wants = named("table", *tables, entry.entity or "") | {DICTIONARY}
        if "cannot be joined" in message:
            table = self.dictionary.find(entry.entity or "")
            wants |= named("join", table.qualified if table else "")
        elif entry.entity and (found := self.dictionary.find(entry.entity)):
            wants |= named("entity", found.qualified)
        if entry.needs_others:
            wants |= named("metric", *re.findall(r"'(\w+)'", message)) | _METRICS
        return Finding(file, line, f"{entry.id}: {message}", metric_id=entry.id, wants=wants)

    # -- holding ----------------------------------------------------------------------------------

    def _hold(self, *, nothing_there: bool) -> None:
        """Every metric that could not be taken over, under the last good definition."""
        gone = {
            name: "no metrics are there" if nothing_there else self._open_files[good.file]
            for name, good in self.last.metrics.items()
            if name not in self.metrics and name not in self._written and (nothing_there or good.file in self._open_files)
        }
        for name, why in gone.items():
            self._doubtful.setdefault(name, why)
        self._hold_doubtful()
        self.findings = [*(self._told(each) for each in self.findings), *self._refused.values()]

    def _hold_doubtful(self) -> None:
        """Those that were not tried yet."""
        for name in sorted(set(self._doubtful) - set(self.metrics) - set(self._refused)):
            good = self.last.metrics.get(name)
            if good is None:
                continue
            refused = self._serve(name, good)
            if refused is None:
                self.held[name] = self._doubtful[name]
            else:
                message = f"{name}: its last good definition cannot serve either: {refused}"
                self._refused[name] = Finding(good.file, good.line, message, metric_id=name, wants=named("metric", name))

    def _serve(self, name: str, good: GoodMetric) -> str | None:
        """Why the last good definition cannot serve; None where it does."""
        dictionary = self.dictionary
        if good.dictionary != self.version:
            before = self._dictionary_before(good.dictionary)
            if before is None:
                return "the dictionary that it was bound to was not kept"
            dictionary = before
        try:
            metric = good.bound(dictionary, self.calendar)
        except BadFormula as error:
            return str(error)
        self.metrics[name], self.good[name] = metric, good
        self.dictionary = with_what_is_needed(self.dictionary, metric, dictionary)
        return None

    def _dictionary_before(self, version: str) -> Dictionary | None:
        if version not in self._before:
            self._before[version] = self.last.dictionary_as_of(version, self.now, is_whole=not self.now.findings)
        return self._before[version]

    def _told(self, finding: Finding) -> Finding:
        """What is held says so; what is not there is named, so that what misses it goes under this finding."""
        if finding.metric_id in self.held:
            mend = "its last good definition serves until then"
            return replace(finding, mend=f"{finding.mend}; {mend}" if finding.mend else mend)
        if finding.metric_id is not None and finding.metric_id not in self.metrics:
            return replace(finding, names=finding.names | named("metric", finding.metric_id))
        return finding


def items_of(text: str) -> list[tuple[int, str]]:
    """(index of its first line, text) of each item of the list `metrics:`, by indentation alone."""
    lines = text.splitlines(keepends=True)
    begin = next((index for index, line in enumerate(lines) if re.match(r"metrics:\s*(#.*)?$", line)), None)
    if begin is None:
        return []
    first = next((line for line in lines[begin + 1 :] if line.strip() and not line.lstrip().startswith("#")), "")
    found = re.match(r"( *)-(?=\s)", first)
    if found is None:
        return []
    starts = [index for index, line in enumerate(lines) if index > begin and re.match(rf"{found[1]}-(?=\s)", line)]
    return [(start, "".join(lines[start:end])) for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]
