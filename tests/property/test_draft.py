"""Whatever names, types and keys a database has: what is drafted loads without a finding, and each metric compiles."""

from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assay.catalog.draft import draft_workspace
from assay.catalog.found import Found, FoundColumn, FoundLink, FoundTable
from assay.catalog.spelling import why_not_carried
from assay.catalog.workspace import load_workspace
from assay.compiler.question import Asked, resolve_question
from assay.compiler.statement import compile_question
from assay.engine import Dialect
from assay.gate import Policy, judge
from assay.gate.names import identifier
from assay.people.scope import EVERYTHING
from assay.routing.file import read_routing_file
from assay.setup.folder import write_files
from assay.widgets.dashboard_files import read_dashboards

NOW = datetime(2026, 3, 17, 15, 42, tzinfo=UTC)
TYPES = (
    "text", "character varying(20)", "uuid", "integer", "bigint", "numeric", "numeric(10,2)", "double precision",
    "boolean", "date",
    "timestamp with time zone", "timestamp without time zone", "jsonb", "integer[]", "interval", "bytea", "mood",
)  # fmt: skip
SAID = ("id", "name", "status", "total", "amount", "order", "select", "group", "value", "time", "previous",
"created_at", "email",
        "Order Date", "customerId", "unit price", "from", "user", "Größe", "заказ", "a.b", "a;b", 'a"b', "null",
        "on", "m1", "1", "a\rb", "a\nb")  # fmt: skip
names = st.one_of(
    st.sampled_from(SAID),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=70).filter(
        lambda text: len(text.encode()) < 200
    ),
)
columns = st.builds(
    lambda name, kind, nullable, distinct, days, readable: FoundColumn(
        name, kind, kind, kind == "mood", nullable, readable, "A comment,\nwith \"quotes\".", distinct, *days
    ),
    names, st.sampled_from(TYPES), st.booleans(), st.none() | st.integers(0, 100),
    st.just((None, None)) | st.lists(st.dates(date(1, 1, 1)), min_size=2, max_size=2).map(sorted),
    st.sampled_from((True, True, True, False)),
)  # fmt: skip


@st.composite
def databases(draw: st.DrawFn) -> Found:
    placed = draw(
        st.lists(st.tuples(st.sampled_from(("public", "Sales Dept", "order")), names), min_size=1, max_size=4, unique=True)
    )
    tables = []
    for schema, name in placed:
        own = tuple(draw(st.lists(columns, min_size=1, max_size=6, unique_by=lambda each: each.name)))
        key = st.lists(st.sampled_from([each.name for each in own]), min_size=1, max_size=2, unique=True).map(tuple)
        kind = draw(st.sampled_from(("table", "view", "materialized view", "foreign table")))
        unique = draw(st.lists(key, max_size=2).map(tuple))
        rows = draw(st.none() | st.integers(0, 10**10))
        tables.append(
            FoundTable(
                schema, name, kind, own, draw(st.just(()) | key), unique, rows, draw(st.integers(0, 10_000)), "About it."
            )
        )
    links = []
    for number in range(draw(st.integers(0, 4))):
        child, parent = draw(st.sampled_from(tables)), draw(st.sampled_from(tables))
        left, right = draw(st.sampled_from(child.columns)).name, draw(st.sampled_from(parent.columns)).name
        at, to = (child.schema, child.name), (parent.schema, parent.name)
        links.append(FoundLink(f"fk{number}", at, (left,), draw(st.sampled_from((to, ("nowhere", "gone")))), (right,)))
    return Found(
        "postgres",
        draw(names),
        draw(st.sampled_from((None, "Europe/Berlin", "no such zone"))),
        tuple(tables),
        tuple(links),
        (),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(databases())
@example(  # a time whose name holds a point, and a key that points at it
    Found(
        "postgres", "id", None,
        (FoundTable("public", "id", "table",
                    (FoundColumn("a.b", "date", "date", False, True, True, "", None),
                     FoundColumn("c.d", "date", "date", False, True, True, "", None)),
                    ("c.d",), (), 100, 100, ""),),
        (FoundLink("fk", ("public", "id"), ("a.b",), ("public", "id"), ("c.d",)),), (),
    )
)  # fmt: skip
def test_whatever_is_found_the_draft_is_whole_and_compiles(found: Found) -> None:
    draft = draft_workspace(found, {"url": "${SOME_DATABASE_URL}"}, NOW)
    if not draft.dictionary.tables:
        assert draft.left_out
        return
    with TemporaryDirectory() as folder:
        root = Path(folder) / "workspace"
        write_files(root, draft.files)
        workspace = load_workspace(root, {})
        assert [str(each) for each in workspace.findings] == []
        assert (
            set(workspace.metrics) == set(draft.starter.metric_ids) == set(read_routing_file(workspace.routing_file).lines)
        )
        read = read_dashboards(workspace)
        assert read.findings == ()
        tiles = [tile for each in read.files.values() for tile in each.entry.tiles]
        assert len({tile.widget_id for tile in tiles}) == len(tiles) > 0
    # What was drafted as an object is what the files say.
    assert workspace.dictionary.tables.keys() == draft.dictionary.tables.keys()
    for name, table in workspace.dictionary.tables.items():
        drafted = draft.dictionary.tables[name]
        assert (table.primary_key, table.business_key) == (drafted.primary_key, drafted.business_key)
        assert {each.name: (each.type, each.pii) for each in table.columns.values()} == {
            each.name: (each.type, each.pii) for each in drafted.columns.values()
        }
    policy = Policy.from_dictionary(workspace.dictionary)
    for metric in workspace.metrics.values():
        for asked in (Asked(), *(Asked(dimensions=(name,)) for name in metric.dimensions)):
            compile_question(resolve_question((metric.metric_id,), asked, workspace, NOW, EVERYTHING), "postgres", policy)
    for tile in tiles:
        for asked in filter(None, (tile.widget.question, tile.widget.spark)):
            question = resolve_question(
                asked.metrics, Asked(**{n: getattr(asked, n) for n in Asked.model_fields}), workspace, NOW, EVERYTHING
            )
            compile_question(question, "postgres", policy)


@given(names, st.sampled_from(("postgres", "duckdb")))
def test_the_gate_reads_every_name_that_is_said_to_be_carried(name: str, dialect: Dialect) -> None:
    if why_not_carried(name) is None:
        verdict = judge(
            f"SELECT t.{identifier(name).sql(dialect)} FROM t", dialect, Policy([], (), max_rows=1, default_rows=1)
        )
        assert not {each.code for each in verdict.violations} & {"unstable_text", "unreadable", "forbidden_construct"}
