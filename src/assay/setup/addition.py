"""What a draft adds to a workspace that is there: files as they are and as they would be, tried on a copy before they count.

Rows that people have written stay as they are; what is drafted comes beside them.
"""

import re
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from assay.catalog.binder import Binder
from assay.catalog.csv_records import CsvRecords
from assay.catalog.dictionary import GUIDELINES, HEADERS
from assay.catalog.draft import METRICS_HEAD, Draft
from assay.catalog.entry import MetricEntry
from assay.catalog.first_page import Headline, first_page
from assay.catalog.formula import BadFormula
from assay.catalog.found import LeftOut
from assay.catalog.marked_yaml import BadYaml, parse_yaml
from assay.catalog.refresh import COLUMNS, JOINS, TABLES
from assay.catalog.spelling import spoken, unused
from assay.catalog.workspace import Workspace, load_workspace
from assay.catalog.yaml_text import Entry, OnOneLine, write_yaml
from assay.errors import StandsInAFile
from assay.work.files import text_in

_FOLDER = "data-dictionary"
_COPIED = (".yaml", ".yml", ".csv", ".md", ".json")


@dataclass(frozen=True)
class Offer:
    """What a survey would add, as it is kept until somebody chooses: names and definitions, and no row of the database."""

    connection: str
    backend: str
    """Its name in assay.yaml."""
    settings: dict[str, str] | None
    """What assay.yaml would say of the backend; None where it names it already."""
    dictionary: dict[str, str]
    """Texts by file of the dictionary."""
    entries: list[Entry]
    """Of metrics, the weightiest first."""
    headlines: list[Headline]
    reasons: dict[str, str]
    """Why a metric was drafted as it was, by id."""
    guessed: list[str]
    left_out: list[LeftOut]
    personal: list[str]
    tables: int
    columns: int
    joins: int


def offer_of(draft: Draft, connection: str, backend: str, settings: dict[str, str] | None, workspace: Workspace) -> Offer:
    """Beside what the workspace has: another metric of a label that is taken is called by its backend, too."""
    entries = [each for entries in draft.starter.metrics.values() for each in entries]
    renamed = _beside(entries, workspace, backend)
    tables = draft.dictionary.tables.values()
    return Offer(
        connection, backend, settings,
        {name: text for path, text in draft.files.items() if (name := path.removeprefix(f"{_FOLDER}/")) != path},
        list(renamed.values()),
        [replace(each, entry=renamed[each.metric_id]) for each in draft.starter.headlines if each.metric_id in renamed],
        {renamed[name]["id"]: reason for name, reason in draft.starter.reasons.items() if name in renamed},
        list(draft.guessed[len(draft.starter.reasons) :]),
        list(draft.left_out), list(draft.personal),
        len(tables), sum(len(each.columns) for each in tables), len(draft.dictionary.joins),
    )  # fmt: skip


def only(offer: Offer, metric_ids: Collection[str]) -> Offer:
    """What of it can be had."""
    return replace(
        offer,
        entries=[each for each in offer.entries if each["id"] in metric_ids],
        headlines=[each for each in offer.headlines if each.metric_id in metric_ids],
    )


def _beside(entries: Sequence[Entry], workspace: Workspace, backend: str) -> dict[str, Entry]:
    """By the drafted id; without what stands there already over the same table."""
    there = workspace.metrics.values()
    labels, ids = {each.label.lower(): each for each in there}, set(workspace.metrics)
    said = {word.lower() for each in there for word in (each.label, *each.synonyms)}
    found: dict[str, Entry] = {}
    for entry in entries:
        twin = labels.get(entry["label"].lower())
        if twin is not None and entry["entity"] in twin.source_tables:
            continue
        label = entry["label"] if twin is None else f"{entry['label'][:60]} ({spoken(backend)[:17]})"
        synonyms = [each for each in entry.get("synonyms", ()) if each.lower() not in said]
        rest = {name: value for name, value in entry.items() if name != "synonyms"}
        beside = {**rest, "id": unused(entry["id"], ids), "label": label}
        found[entry["id"]] = {**beside, "synonyms": synonyms} if synonyms else beside
    return found


@dataclass(frozen=True)
class Addition:
    """Files by name as (before, after), the text before empty where there is none; and the metrics that would be routed."""

    files: dict[str, tuple[str, str]]
    metric_ids: list[str]
    dashboard_id: str | None

    @property
    def texts(self) -> dict[str, str]:
        return {name: after for name, (_, after) in self.files.items()}

    def expect_as_before(self, root: Path) -> None:
        """Raises StandsInAFile where somebody has edited a file since it was read."""
        for name, (before, _) in self.files.items():
            if text_in(root / name) != before:
                raise StandsInAFile(f"{name} was edited just now, and is left as it is.", mend="try again")


def addition(offer: Offer, labels: Mapping[str, str], workspace: Workspace, dashboards: Collection[str]) -> Addition:
    """The metrics of `labels` by id, called so, with all tables that were found; `dashboards`: ids that are taken.

    Raises StandsInAFile where a file is there that cannot be added to.
    """
    files = _dictionary(offer, workspace)
    if offer.settings is not None:
        before = text_in(workspace.root / "assay.yaml")
        files["assay.yaml"] = before, with_backend(before, offer.backend, offer.settings)
    with tried(workspace.root, files) as trial:
        wanted = {each["id"]: each for each in still_wanted({"": offer.entries}, load_workspace(trial))}
    entries = {name: {**each, "label": labels[name]} for name, each in wanted.items() if name in labels}
    if not entries:
        return Addition(files, [], None)
    name = unused_file(workspace.root, f"metrics/{offer.backend}")
    files[name] = "", METRICS_HEAD + write_yaml({"metrics": list(entries.values())})
    page = _page(offer, entries, dashboards)
    if page is not None:
        files[unused_file(workspace.root, f"dashboards/{len(dashboards) + 1}-{offer.backend}")] = "", write_yaml(page)
    return Addition(files, list(entries), page["dashboard_id"] if page else None)


def _page(offer: Offer, entries: Mapping[str, Entry], taken: Collection[str]) -> Entry | None:
    """The first page of what was chosen; None where nothing of it makes a page."""
    headlines = [
        replace(each, entry=entry, splits=[split for split in each.splits if split.entry in entry["dimensions"]])
        for each in offer.headlines if (entry := entries.get(each.metric_id))
    ]  # fmt: skip
    page = first_page(headlines) if headlines else None
    if page is None or not taken:
        return page
    return {**page, "dashboard_id": unused(f"overview_{offer.backend}", set(taken)),
            "label": f"Overview of {spoken(offer.backend)}"[:80]}  # fmt: skip


def _dictionary(offer: Offer, workspace: Workspace) -> dict[str, tuple[str, str]]:
    """Tables that the dictionary has not, their columns, and the joins from them."""
    texts = {name: text_in(workspace.root / _FOLDER / name) for name in (*HEADERS, GUIDELINES)}
    now = {name: CsvRecords(texts[name] or f"{','.join(HEADERS[name])}\n") for name in HEADERS}
    new = {name: CsvRecords(offer.dictionary[name]) for name in HEADERS}
    known = workspace.dictionary.tables
    fresh = {each.table for each in new[TABLES].records} - {each.table for each in now[TABLES].records}
    if offer.settings is not None and workspace.backends:
        # An empty cell means every backend: what was there lies where it lay before.
        here = ";".join(workspace.backends)
        for each in [each for each in now[TABLES].records if not each.cells.get("backends")]:
            now[TABLES].replace(each, backends=here)
    is_one_of_many = bool({*workspace.backends} - {offer.backend})
    cells = {"backends": offer.backend} if is_one_of_many else {}
    now[TABLES].records += [
        now[TABLES].written({**each.cells, **cells}) for each in new[TABLES].records if each.table in fresh
    ]
    now[COLUMNS].records += [now[COLUMNS].written(each.cells) for each in new[COLUMNS].records if each.table in fresh]
    near = fresh | {name for name, table in known.items() if table.lies_in(offer.backend)}
    ids = {each.cells["join_id"] for each in now[JOINS].records}
    for each in new[JOINS].records:
        if each.cells["from_table"] in fresh and each.cells["to_table"] in near:
            now[JOINS].records.append(now[JOINS].written({**each.cells, "join_id": unused(each.cells["join_id"], ids)}))
    after = {name: file.text() for name, file in now.items()}
    after[GUIDELINES] = texts[GUIDELINES] or offer.dictionary[GUIDELINES]
    return {f"{_FOLDER}/{name}": (texts[name], text) for name, text in after.items() if text != texts[name]}


def with_backend(text: str, name: str, settings: Mapping[str, str]) -> str:
    """assay.yaml with one more backend, all else to the letter. Raises StandsInAFile where it is of another form."""
    # As people write it; what comes back from the store has its keys in another order.
    ordered = sorted(settings.items(), key=lambda each: each[0] != "driver")
    listed = write_yaml({name: OnOneLine(ordered)}).strip()
    lines = text.splitlines(keepends=True)
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    at = next((at for at, line in enumerate(lines) if re.fullmatch(r"backends:\s*(\{\s*\})?\s*(#.*)?\s*", line)), None)
    if at is not None:
        beneath = next((line for line in lines[at + 1 :] if line.strip() and not line.lstrip().startswith("#")), "")
        indent = re.match(r"[ \t]*", beneath)
        head = re.sub(r"\{\s*\}", "", lines[at]).rstrip()
        after = "".join([*lines[:at], head, end, (indent[0] if indent else "") or "  ", listed, end, *lines[at + 1 :]])
        with suppress(BadYaml, KeyError, TypeError):
            was, now = (parse_yaml(each.removeprefix("\ufeff")).data for each in (text, after))
            if now == {**was, "backends": {**(was["backends"] or {}), name: dict(settings)}}:
                return after
    raise StandsInAFile("assay.yaml is of a form to which no backend can be added.", mend=f"add under backends:  {listed}")


def still_wanted(drafted: Mapping[str, Sequence[Entry]], workspace: Workspace) -> list[Entry]:
    """What is not there under its id or label, and can be had by the dictionary as its owner has left it."""
    binder = Binder(workspace.dictionary, workspace.entities, workspace.calendar)
    labels = {each.label.lower() for each in workspace.metrics.values()}
    entries = list[Entry]()
    for entry in (each for entries_of_a_file in drafted.values() for each in entries_of_a_file):
        if entry["id"] in workspace.metrics or entry["label"].lower() in labels:
            continue
        with suppress(BadFormula):
            entries.append(_bound(entry, binder))
    return entries


def _bound(entry: Entry, binder: Binder) -> Entry:
    """The entry without the splits that cannot be had. Raises BadFormula where the rest cannot."""
    read = MetricEntry.model_validate(entry)
    table, splits = binder.entity(entry["entity"]), list[object]()
    for written, split in zip(entry.get("dimensions", ()), read.dimensions or (), strict=True):
        with suppress(BadFormula):
            binder.dimension(table, split)
            splits.append(written)
    entry = {**entry, "dimensions": splits} if read.dimensions else entry
    binder.bind(binder.completed(MetricEntry.model_validate(entry)), "metrics/", 1)
    return entry


@contextmanager
def tried(root: Path, files: Mapping[str, tuple[str, str]]) -> Iterator[Path]:
    """A copy of the workspace with these files in it, for as long as the block runs."""
    with TemporaryDirectory() as kept:
        trial = Path(kept) / "workspace"
        shutil.copytree(root, trial, ignore=_other_files, ignore_dangling_symlinks=True)
        for name, (_, after) in files.items():
            (trial / name).parent.mkdir(exist_ok=True)
            (trial / name).write_text(after, encoding="utf-8", newline="")
        yield trial


def _other_files(folder: str, names: list[str]) -> list[str]:
    """What is no text of a workspace: databases, hidden folders."""
    return [
        each for each in names
        if each.startswith(".") or not (each.endswith(_COPIED) or Path(folder, each).is_dir())
    ]  # fmt: skip


def unused_file(root: Path, name: str) -> str:
    """`name`.yaml in the workspace, or the first of `name`-2.yaml, `name`-3.yaml, ... that is not there."""
    names = (f"{name}{number}.yaml" for number in ("", *(f"-{each}" for each in range(2, 1_000))))
    return next(each for each in names if not (root / each).exists())
