"""The metrics of a first workspace: what an analyst would count, add up and average over the tables, best first."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from assay.catalog.binder import Binder
from assay.catalog.candidates import Drafted, Subject, metrics_of
from assay.catalog.dictionary import Dictionary, Table
from assay.catalog.first_page import Headline
from assay.catalog.found import FoundTable, LeftOut
from assay.catalog.shapes import Shape, shapes_of
from assay.catalog.spelling import slug, unused, words
from assay.catalog.splits import splits_of
from assay.catalog.vocabulary import is_english, many, one, tells
from assay.catalog.when import When, when_of
from assay.catalog.yaml_text import Entry

MAX_METRICS = 30
OWNER = "not yet named"


@dataclass
class Starter:
    """What is written into `metrics/` by file, and what the first page is made of."""

    metrics: dict[str, list[Entry]] = field(default_factory=dict)
    more: dict[str, list[Entry]] = field(default_factory=dict)
    """Those behind the first ones, by file."""
    headlines: list[Headline] = field(default_factory=list)
    """What the first page is made of, the weightiest first."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Why a metric was drafted as it was, by id, the weightiest first; nothing of those that say it themselves."""
    left_out: list[LeftOut] = field(default_factory=list)
    guessed: list[str] = field(default_factory=list)
    """Besides the reasons; the weightiest first."""

    @property
    def metric_ids(self) -> list[str]:
        return [entry["id"] for entries in self.metrics.values() for entry in entries]

    @property
    def told(self) -> list[str]:
        """All that was guessed, a sentence each."""
        labels = {entry["id"]: entry["label"] for entries in self.metrics.values() for entry in entries}
        return [*(f"{labels[each]} ({each}): {reason}" for each, reason in self.reasons.items()), *self.guessed]


def make_starter(
    dictionary: Dictionary,
    found: Mapping[str, FoundTable],
    now: datetime,
) -> Starter:
    """`found` has every table of the dictionary by qualified name; `now` is in the workspace's time zone."""
    starter, taken, labels = Starter(), set[str](), set[str]()
    subjects = _subjects(dictionary, found, now, starter)
    # A question over a metric and a dimension of one name would have two columns of that name.
    taken |= {split.name for subject in subjects for split in subject.splits}
    drafted = sorted(
        ((subject, each) for subject in subjects for each in metrics_of(subject, dictionary)),
        key=lambda pair: -pair[1].weight,
    )  # fmt: skip
    files, taken_files, synonyms = dict[str, str](), set[str](), set[str]()
    for number, (subject, each) in enumerate(drafted):
        # `Revenue of invoice lines`, beside the invoices' own: a page that has both shows one figure twice.
        is_second = each.label.lower() in labels
        entry = _entry(subject, each, taken, labels, synonyms)
        schema = subject.table.schema
        file = files.get(schema) or files.setdefault(schema, unused(slug(schema, "schema"), taken_files))
        (starter.metrics if number < MAX_METRICS else starter.more).setdefault(file, []).append(entry)
        if number < MAX_METRICS:
            when = subject.when if "time" in entry else When()
            if not is_second:
                starter.headlines.append(
                    Headline(entry, subject.table.qualified, subject.whole, when, subject.splits, each.is_flow)
                )
            if each.reason:
                starter.reasons[entry["id"]] = each.reason
    if len(drafted) > MAX_METRICS:
        reason = f"{MAX_METRICS} metrics are enough to begin with; assay init --more adds the others"
        starter.left_out.append(LeftOut(f"{len(drafted) - MAX_METRICS} more metrics", reason))
    return starter


def _subjects(dictionary: Dictionary, found: Mapping[str, FoundTable], now: datetime, starter: Starter) -> list[Subject]:
    """The tables that get metrics, the weightiest first. Views only where there is nothing else."""
    shapes = shapes_of(dictionary, found)
    tables = [table for table in dictionary.tables.values() if found[table.qualified].kind != "view"]
    views = [table for table in dictionary.tables.values() if found[table.qualified].kind == "view"]
    if tables and views:
        reason = "views are in the dictionary; metrics were drafted over tables alone"
        starter.left_out.append(LeftOut(_some([each.qualified for each in views]), reason))
    picked = [each for each in tables or views if shapes[each.qualified].kind not in ("left out", "list", "link")]
    picked = picked or [each for each in tables or views if shapes[each.qualified].kind != "left out"] or tables or views
    for reason, names in _by_reason(shapes, picked, tables or views).items():
        starter.left_out.append(LeftOut(_some(names), reason))
    picked.sort(key=lambda each: (-shapes[each.qualified].weight, each.qualified))
    english = is_english([each.name for table in dictionary.tables.values() for each in (table, *table.columns.values())])
    labels = Counter(many(table.name, english) for table in picked)
    binder, subjects = Binder(dictionary), list[Subject]()
    for table in picked:
        facts, shape = found[table.qualified], shapes[table.qualified]
        schema = f" ({table.schema})" if labels[many(table.name, english)] > 1 else ""
        whole, when = _whole(table, shapes, dictionary), when_of(facts, shape.time, now)
        if whole is not None and shape.time is None:
            # Lines of orders count when their order was placed, and say as much as orders do.
            time, weight = shapes[whole].time, max(shape.weight, shapes[whole].weight - 5)
            shape, when = replace(shape, time=f"{whole}.{time}", weight=weight), when_of(found[whole], time, now)
        subjects.append(Subject(
            table, {each.name: each for each in facts.columns}, shape, many(table.name, english) + schema,
            one(table.name, english), splits_of(table, found, binder, english, whole), when, facts.sampled,
            whole or table.qualified,
        ))  # fmt: skip
    _say_times(subjects, starter)
    return subjects


def _whole(table: Table, shapes: Mapping[str, Shape], dictionary: Dictionary) -> str | None:
    """The event that the rows of a table are parts of: its columns are as good as their own."""
    if shapes[table.qualified].kind != "part":
        return None
    joins = dictionary.joins_from.get(table.qualified, [])
    return next((join.to_table for join in joins if shapes[join.to_table].time), None)


def _by_reason(shapes: Mapping[str, Shape], picked: list[Table], tables: list[Table]) -> dict[str, list[str]]:
    told = {
        "list": "lists of what others point to: they divide metrics and have none themselves",
        "link": "links between two tables: they have no metrics",
    }
    reasons: dict[str, list[str]] = {}
    for table in tables:
        if table not in picked:
            shape = shapes[table.qualified]
            reasons.setdefault(f"no metrics: {shape.reason}" if shape.reason else told[shape.kind], []).append(
                table.qualified
            )
    return reasons


def _say_times(subjects: list[Subject], starter: Starter) -> None:
    changed = [f"{each.table.qualified}.{each.shape.time}" for each in subjects
               if each.shape.time and tells(words(each.shape.time), {"updated", "modified", "changed",
               "update"})]  # fmt: skip
    if changed:
        starter.guessed.append(
            f"{_some(changed)} say when rows changed; there was no column that says when they came about."
        )
    old = [f"{each.table.qualified} ({each.when.last})" for each in subjects if each.when.is_old]
    if old:
        starter.guessed.append(
            f"The newest rows of {_some(old)} are older than is usual there. Their tiles look at the months in which they"
            " lie; asked without a window, their metrics look at all the years since they began."
        )


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


# -- the entry ----------------------------------------------------------------------------------


def _entry(subject: Subject, each: Drafted, taken: set[str], labels: set[str], synonyms: set[str]) -> Entry:
    label = each.label if each.label.lower() not in labels else each.full_label
    label = unused_label(label[:80], labels)
    when = {"time": subject.shape.time, **({"window": subject.when.named} if subject.when.named else {})}
    kept = [word for word in dict.fromkeys(each.synonyms) if word.lower() not in labels and word.lower() not in synonyms]
    synonyms.update(word.lower() for word in kept)
    return {
        "id": unused(slug(label, "metric"), taken), "label": label,
        "definition": f"{each.definition} Drafted from names, types and a sample: look it over."[:600],
        "entity": subject.table.qualified,
        **each.form, **(when if subject.shape.time and each.has_time else {}),
        "dimensions": [split.entry for split in subject.splits],
        "unit": each.unit, "direction": each.direction, "owner": OWNER, **({"synonyms": kept} if kept else {}),
    }  # fmt: skip


def unused_label(wanted: str, taken: set[str]) -> str:
    label, number = wanted, 2
    while label.lower() in taken:
        label, number = f"{wanted[:76]} {number}", number + 1
    taken.add(label.lower())
    return label
