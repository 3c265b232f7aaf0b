"""A MetricFlow project from its files: YAML of both versions, and the semantic manifest that dbt writes.

The forms are those of dbt's reference of the Semantic Layer (legacy and latest specification) and of the project's own
one-document YAML. A key that is not known is told: what it means nobody here knows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from assay.errors import SetupFailed
from assay.interop.extension import NAME, Extension, read_extension
from assay.interop.metricflow.project import (
    METRIC_TIME,
    Dim,
    Followed,
    Granularity,
    Input,
    Key,
    Measure,
    MetricDef,
    Model,
    NonAdditive,
    Other,
    Project,
)
from assay.interop.source import Node, documents

_SILENT = frozenset(
    "name description label config meta metadata group tags docs version enabled docs_url unique_id original_file_path path"
    " package_name resource_type fqn created_at unrendered_config source_file_path refs depends_on type_params entity"
    " columns data_tests tests constraints contract latest_version versions access data_type quote freshness".split()
)
"""Keys that say nothing of a number."""
_LISTS = ("semantic_models", "metrics", "saved_queries", "models")
_ONE = {"semantic_model": "semantic_models", "metric": "metrics", "saved_query": "saved_queries"}


@dataclass
class _Found:
    models: list[Model] = field(default_factory=list[Model])
    metrics: list[MetricDef] = field(default_factory=list[MetricDef])
    others: list[Other] = field(default_factory=list[Other])
    granularities: list[Granularity] = field(default_factory=list[Granularity])
    spines: dict[str, tuple[Model, MetricDef]] = field(default_factory=dict[str, tuple[Model, MetricDef]])
    """Tables of times, by name."""
    extensions: list[Extension] = field(default_factory=list[Extension])

    def note(self, node: Node, whose: str) -> None:
        for key, place in node.unread(_SILENT):
            self.others.append(Other("key", f"{key} of {whose}", "nothing is known of this key", place))


def read_project(path: Path) -> Project:
    """All that the file or folder defines. Raises SetupFailed with the place and the mend."""
    found = _Found()
    for document in documents(path):
        _read(document, found)
    if not found.models and not found.metrics:
        raise SetupFailed(f"{path} defines no semantic model and no metric.", mend="name the folder that holds them")
    for what, names in (("semantic model", [each.name for each in found.models]),
                        ("metric", [each.name for each in found.metrics])):  # fmt: skip
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise SetupFailed(f"The {what} {twice} is defined twice.", mend="name the folder of one project")
    used = {each.name for each in (*found.models, *found.metrics)}
    spines = [each for name, each in found.spines.items() if name not in used]
    return Project(
        (*found.models, *(model for model, _ in spines)), (*found.metrics, *(metric for _, metric in spines)),
        tuple(found.others), tuple(found.granularities), tuple(found.extensions),
    )  # fmt: skip


def _read(document: Node, found: _Found) -> None:
    for key, kind in _ONE.items():
        if (node := document.node(key)) is not None:
            _read_one(kind, node, found)
    for kind in _LISTS:
        for node in document.nodes(kind):
            _read_one(kind, node, found)
    settings = document.node("project_configuration")
    if settings is not None:
        for spine in (*settings.nodes("time_spines"), *settings.nodes("time_spine_table_configurations")):
            _read_spine(spine, found)


def _read_one(kind: str, node: Node, found: _Found) -> None:
    if kind == "models" and node.node("time_spine") is not None:
        _read_spine(node, found)
    match kind:
        case "semantic_models":
            found.models.append(_model(node, found))
        case "metrics":
            found.metrics.append(_metric(node, found))
        case "saved_queries":
            told = "a dashboard's tile is a saved question: write it in dashboards/"
            found.others.append(Other("saved query", _name(node), told, node.place))
        case _ if node.value("semantic_model"):
            _embedded(node, found)
        case _:
            pass


def _read_spine(node: Node, found: _Found) -> None:
    spine = node.node("time_spine") or node
    relation = node.node("node_relation")
    schema, _, located = (node.text("location") or "").rpartition(".")
    schema = (relation and relation.text("schema_name")) or schema or None
    name = (relation and relation.text("alias")) or located or node.text("name") or "time spine"
    grain, column = _spine_column(node, spine)
    if column is None or grain in (None, "nanosecond", "microsecond", "millisecond"):
        told = "a table of times finer than a second, or of no grain, has none that can be asked here"
        found.others.append(Other("time spine", name, told, node.place))
    else:
        found.spines.setdefault(name, _spine_model(name, schema, column, grain, node))
    custom = [*spine.nodes("custom_granularities"), *(node.nodes("custom_granularities") if spine is not node else ())]
    found.granularities += [
        Granularity(_name(each), schema, name, column or "", each.text("column_name") or _name(each), each.place)
        for each in custom
    ]  # fmt: skip


def _spine_column(node: Node, spine: Node) -> tuple[str | None, str | None]:
    """(grain, column) of its times, in whichever form it is said."""
    primary = spine.node("primary_column")
    if primary is not None:
        return primary.word("time_granularity"), primary.text("name")
    column = spine.text("standard_granularity_column") or spine.text("column_name")
    said = next((each for each in node.nodes("columns") if each.text("name") == column), None)
    return (said.word("granularity") if said else spine.word("grain")), column


def _spine_model(name: str, schema: str | None, column: str, grain: str, node: Node) -> tuple[Model, MetricDef]:
    """A table whose rows are times: what is asked of times without a metric counts them."""
    time = Dim(METRIC_TIME, "time", column, grain, False, None, None, node.place)
    told = f"Rows of {name}, each a {grain}."
    rows = Measure(name, name, "count", "1", None, False, False, METRIC_TIME, None, False, None, told, node.place)
    model = Model(name, schema, name, None, METRIC_TIME, None, (), (time,), (), node.place)
    return model, MetricDef(name, "simple", None, told, (), node.place, own=rows)


def _name(node: Node) -> str:
    name = node.text("name")
    if not name:
        raise SetupFailed(f"{node.place}: a name is missing.", mend="name it")
    return name


# -- semantic models ------------------------------------------------------------------------------


def _model(node: Node, found: _Found) -> Model:
    name = _name(node)
    relation = node.node("node_relation")
    table = (relation and relation.text("alias")) or _referred(node.text("model")) or name
    defaults = node.node("defaults")
    keys, dims = [_key(each) for each in node.nodes("entities")], [_dim(each, found) for each in node.nodes("dimensions")]
    measures = [_measure(each, name, found) for each in node.nodes("measures")]
    model = Model(
        name, relation and relation.text("schema_name"), table, node.text("description"),
        defaults and defaults.text("agg_time_dimension"), node.text("primary_entity"), tuple(keys), tuple(dims),
        tuple(measures), node.place,
    )  # fmt: skip
    settings = node.node("config")
    meta = settings and settings.node("meta")
    if (held := meta and meta.node(NAME)) is not None:
        found.extensions.append(read_extension(held.data, held.place))
    found.note(node, name)
    return model


def _referred(text: str | None) -> str | None:
    """The model that `ref('package', 'model')` or `source('source', 'table')` names."""
    if not text:
        return None
    return text.strip("{} ").removesuffix(")").rpartition("(")[2].rpartition(",")[2].strip().strip("'\"")


def _key(node: Node) -> Key:
    name = _name(node)
    return Key(name, node.word("type") or "foreign", node.text("expr") or name, node.place)


def _dim(node: Node, found: _Found, column: str | None = None, granularity: str | None = None) -> Dim:
    name = node.text("name") or column or _name(node)
    given = node.node("type_params")
    validity = (given or node).node("validity_params")
    held = (given and given.word("time_granularity")) or node.word("granularity") or granularity
    dim = Dim(
        name, node.word("type") or "categorical", node.text("expr") or column or name, held,
        bool(node.value("is_partition")),
        None if validity is None else "start" if validity.value("is_start") else "end", node.text("label"), node.place,
    )  # fmt: skip
    found.note(node, name)
    return dim


def _measure(node: Node, model: str, found: _Found) -> Measure:
    """A measure, or what a simple metric of the later version says in its place."""
    name = _name(node)
    given = node.node("agg_params") or node
    share, kind = given.value("percentile"), given.word("percentile_type")
    additive = node.node("non_additive_dimension")
    measure = Measure(
        name, model, (node.word("agg") or "sum"), node.text("expr") or name, None if share is None else float(share),
        bool(given.value("use_discrete_percentile")) or kind == "discrete", bool(given.value("use_approximate_percentile")),
        node.text("agg_time_dimension"), additive and _non_additive(additive),
        bool(node.value("create_metric")), node.text("label"), node.text("description"), node.place,
    )  # fmt: skip
    found.note(node, name)
    return measure


def _non_additive(node: Node) -> NonAdditive:
    choice = node.word("window_choice") or node.word("window_agg") or "min"
    groupings = node.value("window_groupings") or node.value("group_by") or ()
    return NonAdditive(_name(node), choice == "max", tuple(map(str, groupings)))


def _embedded(node: Node, found: _Found) -> None:
    """A dbt model that says of its own columns what they are: the later version."""
    said = node.node("semantic_model")
    if said is not None and said.value("enabled") is False:
        return
    name = (said and said.text("name")) or _name(node)
    table = node.text("alias") or _name(node)
    keys, dims = list[Key](), list[Dim]()
    for column in node.nodes("columns"):
        called = _name(column)
        granularity = column.word("granularity")
        for what in ("entity", "dimension"):
            value, below = column.value(what), column.node(what)
            if value is None:
                continue
            if what == "entity":
                kind = str(value).lower() if below is None else below.word("type") or "foreign"
                keys.append(Key((below and below.text("name")) or called, kind, called, column.place))
            elif below is not None:
                dims.append(_dim(below, found, called, granularity))
            else:
                dims.append(Dim(called, str(value).lower(), called, granularity, False, None, None, column.place))
    derived = node.node("derived_semantics")
    if derived is not None:
        keys += [_key(each) for each in derived.nodes("entities")]
        dims += [_dim(each, found) for each in derived.nodes("dimensions")]
    found.models.append(
        Model(name, None, table, node.text("description"), node.text("agg_time_dimension"), node.text("primary_entity"),
              tuple(keys), tuple(dims), (), node.place)
    )  # fmt: skip
    found.metrics += [_metric(each, found, name) for each in node.nodes("metrics")]


# -- metrics --------------------------------------------------------------------------------------


def _metric(node: Node, found: _Found, model: str | None = None) -> MetricDef:
    name = _name(node)
    params = node.node("type_params") or node
    cumulative = params.node("cumulative_type_params") or params
    conversion = params.node("conversion_type_params") or params
    own = params.node("metric_aggregation_params")
    kind = node.word("type") or "simple"
    meta = node.node("config")
    meta = (meta and meta.node("meta")) or node.node("meta")
    metric = MetricDef(
        name, kind, node.text("label"), node.text("description"), _filters(node.value("filter")), node.place,
        measure=_input(params.value("measure")),
        own=_own_measure(node, own, params, name, model, found) if kind == "simple" else None,
        metric=_input(cumulative.value("metric") or params.value("input_metric")),
        numerator=_input(params.value("numerator")), denominator=_input(params.value("denominator")),
        expr=params.text("expr"), inputs=tuple(_inputs(params)),
        window=_length(cumulative.value("window") or params.value("window")),
        grain_to_date=(cumulative.word("grain_to_date") or params.word("grain_to_date")),
        period_agg=cumulative.word("period_agg"), fill=params.value("fill_nulls_with"),
        joins_spine=bool(params.value("join_to_timespine")),
        granularity=node.word("time_granularity"), owner=meta and meta.text("owner"),
        followed=_followed(conversion) if kind == "conversion" else None,
    )  # fmt: skip
    for each in {id(one): one for one in (node, params, cumulative)}.values():
        each.read |= {"agg", "entity", "input_measures", "is_private", "base_metric", "conversion_metric", "calculation",
                      "constant_properties", "conversion_type_params"}  # fmt: skip
        found.note(each, name)
    return metric


def _followed(node: Node) -> Followed | None:
    of_measures = node.value("base_measure") is not None
    base, conversion = (
        _input(node.value(f"{side}_{'measure' if of_measures else 'metric'}")) for side in ("base", "conversion")
    )
    if base is None or conversion is None:
        return None
    properties = ((str(each["base_property"]), str(each["conversion_property"]))
                  for each in node.value("constant_properties") or ())  # fmt: skip
    return Followed(
        base, conversion, of_measures, node.text("entity") or "", _length(node.value("window")),
        node.word("calculation") or "conversion_rate", tuple(properties),
    )  # fmt: skip


def _own_measure(node: Node, own: Node | None, params: Node, name: str, model: str | None, found: _Found) -> Measure | None:
    if own is not None:
        measure = _measure(replace(own, data={"name": name, **own.data}), own.text("semantic_model") or model or "", found)
        return replace(measure, expr=own.text("expr") or params.text("expr") or name, place=node.place)
    if node.value("agg") is not None and model is not None:
        node.read |= {"agg_time_dimension", "non_additive_dimension", "percentile", "percentile_type"}
        return _measure(replace(node, read=set(node.data)), model, found)
    return None


def _inputs(params: Node) -> Iterable[Input]:
    listed = params.value("metrics") or params.value("input_metrics") or ()
    return (each for each in map(_input, listed) if each is not None)


def _input(value: Any) -> Input | None:
    """A name alone, or a name with what is done to it."""
    if isinstance(value, str):
        return Input(value)
    if not isinstance(value, dict) or "name" not in value:
        return None
    grain = value.get("offset_to_grain")
    return Input(
        str(value["name"]), value.get("alias"), _filters(value.get("filter")), _length(value.get("offset_window")),
        grain and str(grain).lower(), value.get("fill_nulls_with"), bool(value.get("join_to_timespine")),
    )  # fmt: skip


def _filters(value: Any) -> tuple[str, ...]:
    """A condition, a list of them of which all have to hold, or the manifest's form of that."""
    if value is None:
        return ()
    if isinstance(value, dict):
        return tuple(_templates(value))
    return (value,) if isinstance(value, str) else tuple(map(str, value))


def _templates(value: dict[str, Any]) -> Iterator[str]:
    for each in value.get("where_filters") or ():
        yield str(each["where_sql_template"])


def _length(value: Any) -> str | None:
    """`7 days`, in the form of a text or of the manifest."""
    if isinstance(value, dict):
        return f"{value['count']} {str(value['granularity']).lower()}"
    return None if value is None else str(value).lower()
