"""A workspace's definitions in the files of another layer, and what became of each: told by what is read out of these again.

Everything is written twice: by itself, to see what the format says without Assay; and with the extension that holds each
definition as its author wrote it, to see that it comes back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assay.catalog.marked_yaml import parse_yaml
from assay.catalog.metric import Metric
from assay.catalog.workspace import Workspace, version_in
from assay.catalog.yaml_text import write_yaml
from assay.errors import SetupFailed
from assay.interop.extension import NAME, Held, HeldJoin, HeldMetric, Native, bind_all, natively, taken_back
from assay.interop.fidelity import Item, Place, Report
from assay.interop.out.content import read_content
from assay.interop.out.described import COMES_BACK, Described, Sent, described
from assay.interop.out.formats import FORMATS, Format, Source
from assay.interop.out.sameness import differences
from assay.interop.out.writing import Written

Places = dict[tuple[str, str], Place]


@dataclass(frozen=True, slots=True)
class Exported:
    files: dict[str, str]
    report: Report


def export(workspace: Workspace, form: str) -> Exported:
    """The files of a format. Raises SetupFailed where the workspace has findings, or a definition does not come back."""
    if workspace.findings:
        raise SetupFailed(f"{workspace.root} has findings, the first: {workspace.findings[0]}.", mend="run assay validate")
    content = read_content(workspace)
    found = described(workspace, content)
    if not found.model.views:
        raise SetupFailed(f"{workspace.root} defines nothing yet.", mend="write a metric first")
    chosen = FORMATS[form]
    written = chosen.write(found)
    held = {view: _held(found, written, view) for view in found.tables}
    _carry(written, held)
    native = _native(chosen, written, workspace)
    held = {view: _marked(each, native) for view, each in held.items()}
    _carry(written, held)
    texts = _texts(written)
    _refuse_losses(_read(chosen, texts), workspace)
    places = _places(texts)
    items = [
        *content.others, *found.others, *_tables(found, places), *_fields(found, written, native, places),
        *(_told(each, written, native, places) for each in found.sent),
    ]  # fmt: skip
    return Exported(texts, Report(tuple(items)))


def _held(found: Described, written: Written, view: str) -> Held:
    table = found.tables[view]
    joins = tuple(
        HeldJoin(id=each.join_id, columns=each.from_columns, to=each.to_table, to_columns=each.to_columns,
                 cardinality=each.cardinality, description=each.description, valid=each.valid)
        for each in found.joins[view]
    )  # fmt: skip
    metrics = tuple(
        HeldMetric(entry=each.entry, measures=written.names.get(each.id, ())) for each in found.sent if each.view == view
    )
    entity = found.entities[view][0] if view in found.entities else None
    keys = tuple(each for each in (table.primary_key, table.business_key) if each)
    return Held(table=table.qualified, time=found.model.view_by_name[view].time, keys=keys, joins=joins, entity=entity,
                metrics=metrics)  # fmt: skip


def _marked(held: Held, native: Native) -> Held:
    metrics = tuple(
        each.model_copy(update={"mark": native.mark(each.measures) if each.measures else None}) for each in held.metrics
    )
    return held.model_copy(update={"metrics": metrics, "mark": native.entity_mark(held.table)})


def _carry(written: Written, held: Mapping[str, Held]) -> None:
    for view, carry in written.carriers.items():
        carry(held[view].body())


def _texts(written: Written) -> dict[str, str]:
    return {name: write_yaml(entry) for name, entry in written.files.items()}


def _read(chosen: Format, texts: Mapping[str, str]) -> Source:
    with TemporaryDirectory() as folder:
        for name, text in texts.items():
            (Path(folder) / name).write_text(text, encoding="utf-8", newline="\n")
        return chosen.read(Path(folder))


def _native(chosen: Format, written: Written, workspace: Workspace) -> Native:
    return natively(_read(chosen, _texts(written)).land(workspace.dictionary, ()), workspace.calendar)


def _refuse_losses(source: Source, workspace: Workspace) -> None:
    """Into a workspace that has the tables alone each definition comes back, and means what it means here."""
    tables = {name: replace(each, primary_key=(), business_key=()) for name, each in workspace.dictionary.tables.items()}
    bare = replace(workspace.dictionary, tables=tables, joins=())
    back = taken_back(lambda dictionary: source.land(dictionary, ()), bare, source.extensions, workspace.calendar, ())
    entities = {bare.find(each.table).qualified: each for each in back.entities}  # pyright: ignore[reportOptionalMemberAccess]
    bound = bind_all(back.metrics, back.dictionary, entities, workspace.calendar)
    lost = [name for name, each in workspace.metrics.items() if not _is_same(each, bound.get(name), workspace)]
    if lost or set(bound) != set(workspace.metrics):
        names = ", ".join(lost or sorted(set(bound) - set(workspace.metrics)))
        raise SetupFailed(f"What was written does not mean the same when it is read again: {names}.",
                          mend="nothing was written; report this with the definition")  # fmt: skip


def _is_same(mine: Metric, back: Metric | None, workspace: Workspace) -> bool:
    return back is not None and mine.version == version_in(workspace.calendar, back)


def _told(sent: Sent, written: Written, native: Native, places: Places) -> Item:
    if sent.id not in written.names:
        return Item("metric", sent.id, "left out", sent.place, f"{written.why[sent.id]}; {COMES_BACK}")
    name = written.names[sent.id][-1]
    metric_id, _ = native.by_name.get(name, ("", {}))
    target = next((place for (_, each), place in places.items() if each == sent.id), None)
    read = next((each for each in native.found.report.items if each.kind == "metric" and each.name == name), None)
    if metric_id not in native.bound:
        told = f"what it says there cannot be read here: {read.told if read else ''}"
        return Item("metric", sent.id, "approximated", sent.place, told, target, may_differ=True)
    told = [*differences(sent.bound, native.bound[metric_id]), *written.doubts.get(sent.id, ())]
    outcome = "approximated" if told else "kept"
    return Item("metric", sent.id, outcome, sent.place, "; ".join(told), target, may_differ=bool(told))


def _tables(found: Described, places: Places) -> Iterator[Item]:
    for view in found.model.views:
        table = found.tables[view.name]
        told = "" if view.name == table.name else f"now {view.name}"
        yield Item("table", table.qualified, "renamed" if told else "kept", view.place, told, _of_view(view.name, places))


def _of_view(view: str, places: Places) -> Place | None:
    own = (place for (_, name), place in places.items() if name == view)
    return next(own, None) or next((Place(place.file) for (owner, _), place in places.items() if owner == view), None)


def _fields(found: Described, written: Written, native: Native, places: Places) -> Iterator[Item]:
    """Dimensions and segments, by whether they are there when the file is read again."""
    refused = {(each.kind, each.name): each.told for each in native.found.report.items if each.outcome == "left out"}
    for view in found.model.views:
        entity = native.entities.get(found.tables[view.name].qualified)
        dimensions = {each if isinstance(each, str) else each.name for each in entity.dimensions} if entity else set[str]()
        segments = {each.name for each in entity.segments} if entity else set[str]()
        for kind, given, there in (("dimension", view.fields, dimensions), ("segment", view.segments, segments)):
            for each in given:
                name, shown = written.renamed.get((view.name, each.name), (each.name, ""))
                if name in there or each.name == view.time:
                    told = f"now {shown}" if shown else ""
                    outcome, target = "renamed" if told else "kept", places.get((view.name, each.name))
                else:
                    why = refused.get((kind, f"{view.name}.{each.name}"), "the format has no word for it")
                    told, outcome, target = f"{why}; {COMES_BACK}", "left out", None
                yield Item(kind, f"{view.name}.{each.name}", outcome, each.place, told, target)


def _places(texts: Mapping[str, str]) -> Places:
    """Where each name stands, beneath the thing or the file whose it is."""
    found: Places = {}
    for file, text in texts.items():
        marked = parse_yaml(text)
        for path, owner, name in _named(marked.data, (), file.partition(".")[0]):
            found.setdefault((owner, name), Place(file, marked.line(path)))
    return found


def _named(data: Any, path: tuple[str | int, ...], owner: str) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    if isinstance(data, dict):
        name = data.get("name")
        if isinstance(name, str):
            yield path, owner, name
        for key, value in data.items():
            if key not in (NAME, "meta"):
                yield from _named(value, (*path, key), name if isinstance(name, str) else owner)
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _named(value, (*path, number), owner)
