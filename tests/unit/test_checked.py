"""Checked means checked: each cause is one finding, with its line, the nearest name and the mend."""

import csv
import io
from pathlib import Path

import pytest

from assay.catalog.findings import Finding, fold, named
from assay.catalog.marked_yaml import BadYaml, parse_yaml
from assay.catalog.workspace import load_workspace
from assay.live.validation import validate
from assay.widgets.dashboard_files import lay_over, read_dashboards
from assay.widgets.widget import DashboardEntry
from tests.unit.small import write_shop


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_shop(tmp_path)
    (tmp_path / "dashboards").mkdir()
    (tmp_path / "config" / "metric_routing.yaml").write_text(
        "metrics:\n" + "".join(f"  {name}: {{backend: postgres}}\n" for name in load_workspace(tmp_path, {}).metrics)
    )
    return tmp_path


def board(*tiles: str) -> str:
    lines = [f"- {{widget_id: t{n}, x: 0, y: {n * 3}, w: 4, h: 2, widget: {{kind: kpi, question: {each}}}}}"
             for n, each in enumerate(tiles)]  # fmt: skip
    return "\n".join(["dashboard_id: one", "label: One", "tiles:", *lines, ""])


def of_board(root: Path, text: str) -> list[tuple[int | None, str, str | None]]:
    (root / "dashboards" / "one.yaml").write_text(text)
    found = read_dashboards(load_workspace(root, {})).findings
    assert {each.file for each in found} <= {"dashboards/one.yaml"}
    return [(each.line, each.message, each.mend) for each in found]


# -- tiles ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "message", "mend"),
    [
        ("{metrics: [sale]}", "t0: there is no metric 'sale'", "Did you mean 'sales'?"),
        ("{metrics: [sales], dimensions: [regoin]}", "t0: sales has no dimension 'regoin'", "Did you mean 'region'?"),
        ("{metrics: [sales], filters: [{dimension: items, op: eq, values: [many]}]}", "'many' is not", None),
        ("{metrics: [sales], order: [{by: colour}]}", "t0: cannot order by 'colour'", None),
        ("{metrics: [sales], window: {start: 'May 1997', end: 2026-01-01T00:00}}", "May 1997", None),
        ("{metrics: [sales], window: last_week}", "t0: there is no window 'last_week'", None),
        ("{metrics: [products], grain: day}", "t0: products has no time to divide by day", None),
    ],
)
def test_a_tile_that_cannot_be_asked_is_one_finding(root: Path, question: str, message: str, mend: str | None) -> None:
    found = of_board(root, board(question, "{metrics: [revenue]}"))
    assert len(found) == 1
    assert found[0][0] == 4
    assert message in found[0][1]
    assert mend is None or found[0][2] == mend


def test_what_a_save_refuses_is_found_in_a_file(root: Path) -> None:
    """Of a copied tile, with its id; and tiles that lie over each other, or reach beyond the columns."""
    tile = "- {{widget_id: {0}, x: {1}, y: {2}, w: 6, h: 4, widget: {{kind: kpi, question: {{metrics: [sales]}}}}}}"
    tiles = [tile.format("one", 0, 0), tile.format("one", 6, 0), tile.format("wide", 8, 4), tile.format("over", 3, 2)]
    found = of_board(root, "\n".join(["dashboard_id: copied", "label: Copied", "tiles:", *tiles, ""]))
    assert [(line, message) for line, message, _ in found] == [
        (5, "widget one stands twice on the dashboard"),
        (6, "wide reaches beyond the 12 columns: x 8 and w 6 are 14"),
        (7, "over lies over one"),
    ]
    assert all(mend for _, _, mend in found)


# -- spellings of YAML ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["010", "-007", "08", "0b101", "12:30", "1:30:00", "1_000", "1_000.5", "1:30.5", "NO", "yes", "Off", "on", "0o17", "1e3",
     "1.5e3", "1e+3", "-.5", "2026-03-17", "2026-03-17T10:00:00Z"],
)  # fmt: skip
def test_a_spelling_that_versions_of_yaml_read_differently_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(BadYaml) as caught:
        parse_yaml(f"fine: 1\nvalues: [plain, {text}]\n")
    assert caught.value.line == 2
    assert caught.value.mend.startswith(f'quote it: "{text}"')
    assert parse_yaml(f"fine: 1\nvalues: [plain, '{text}']\n").data["values"][1] == text


@pytest.mark.parametrize(
    "text", ["0", "10", "-3", "0x1F", "0.5", ".5", "1.5e+3", "-.inf", "true", "False", "null", "~", "y", "n"]
)
def test_a_spelling_that_all_read_alike_is_taken(text: str) -> None:
    parse_yaml(f"value: {text}\n")


def test_each_doubtful_spelling_of_a_file_is_a_finding(root: Path) -> None:
    found = of_board(root, board(*(
        f"{{metrics: [sales], filters: [{{dimension: items, op: eq, values: [{each}]}}]}}" for each in ("010", "12:30", "NO")
    )))  # fmt: skip
    assert [line for line, _, _ in found] == [4, 5, 6]
    assert "010 is read as 8 by one version of YAML and as 10 by another" in found[0][1]


# -- files that are not read ---------------------------------------------------------------------


def test_what_is_not_read_is_told_and_hidden_files_are_left_out(root: Path) -> None:
    (root / "metrics" / "more.yaml.txt").write_text("metrics: []\n")
    for folder in ("metrics/older/still", "metric", "dashboards/.kept", "notes"):
        (root / folder).mkdir(parents=True)
        (root / folder / "shop.yaml").write_text("metrics: []\n")
    (root / "metrics" / ".#shop.yaml").symlink_to("nobody@nowhere.1")
    (root / "metrics" / "gone.yaml").symlink_to("nowhere.yaml")
    (root / "metrics" / "._shop.yaml").write_bytes(b"\xff\xfe")
    (root / "metrics" / "shop.yaml~").write_text("{")
    (root / "metrics" / "shop.yaml.bak").write_text("{")
    (root / "config" / "metric_routing.yml").write_text("metrics: {}\n")
    (root / "data-dictionary" / "synonym.csv").write_text("column,value,words\n")
    assert {(each.file, each.mend) for each in load_workspace(root, {}).findings} == {
        ("metrics/more.yaml.txt", "rename it to more.yaml"),
        ("metrics/gone.yaml", "remove it, or put back what it leads to"),
        ("metrics/older/", "move its files to metrics/"),
        ("metric/", "move its files to metrics/"),
        ("config/metric_routing.yml", "rename it to metric_routing.yaml"),
        ("data-dictionary/synonym.csv", "Did you mean 'synonyms.csv'?"),
    }


# -- causes --------------------------------------------------------------------------------------


def rewritten(file: Path, separator: str) -> str:
    rows = list(csv.reader(io.StringIO(file.read_text())))
    written = io.StringIO()
    csv.writer(written, delimiter=separator, lineterminator="\n").writerows(rows)
    return written.getvalue()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda file: rewritten(file, ";"), "the cells are separated by semicolons"),
        (lambda file: rewritten(file, "\t"), "the cells are separated by tabs"),
        (lambda file: '"' + rewritten(file, ";").replace(";", '";"').replace("\n", '"\n"'), "separated by semicolons"),
        (lambda file: rewritten(file, "^"), "the cells are separated by carets"),
        (lambda file: "\0".join(file.read_text()), "the file is UTF-16"),
        (lambda file: "PK\3\4" + file.read_text(), "the file is a workbook of a spreadsheet"),
        (lambda file: "sep=,\n" + file.read_text(), "the first line is 'sep=,'"),
        (lambda file: file.read_text().replace("shop,", 'shop,"', 1), "the CSV cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_finding_that_names_the_cause(root: Path, damage: object, message: str) -> None:
    file = root / "data-dictionary" / "table_catalog.csv"
    file.write_text(damage(file))  # pyright: ignore[reportCallIssue]
    (cause,) = load_workspace(root, {}).findings
    assert message in cause.message
    assert len(cause.follows) > 5


def test_empty_columns_at_the_end_are_nothing(root: Path) -> None:
    file = root / "data-dictionary" / "table_catalog.csv"
    file.write_text("".join(f"{line},,\n" for line in file.read_text().splitlines()))
    assert load_workspace(root, {}).findings == ()


async def test_a_metric_that_is_not_there_takes_its_routes_tiles_and_what_is_derived_with_it(root: Path) -> None:
    (root / "dashboards" / "one.yaml").write_text(board("{metrics: [sales]}", "{metrics: [return_rate]}"))
    file = root / "metrics" / "shop.yaml"
    file.write_text(file.read_text().replace("entity: sale, measure: COUNT(*)", "entity: sale, measure: COUNT(nothing)", 1))
    (cause,) = (await validate(root, {})).findings
    assert "nothing" in cause.message
    assert {each.file for each in cause.follows} == {
        "metrics/shop.yaml",
        "config/metric_routing.yaml",
        "dashboards/one.yaml",
    }


def test_folding_keeps_causes_in_their_order_and_loses_nothing() -> None:
    first = Finding("a", 1, "a", names=named("metric", "m"))
    second = Finding("b", 1, "b", wants=named("metric", "m"), names=named("metric", "n"))
    third, alone = Finding("c", 1, "c", wants=named("metric", "n")), Finding("d", 1, "d", wants=named("metric", "other"))
    folded = fold([third, first, alone, second])
    assert folded == [first, alone]
    assert set(folded[0].follows) == {second, third}
    around = [Finding("x", 1, "x", names=named("t", "x"), wants=named("t", "y")),
              Finding("y", 1, "y", names=named("t", "y"), wants=named("t", "x"))]  # fmt: skip
    assert sum(1 + len(each.follows) for each in fold(around)) == 2


async def test_a_driver_that_is_not_there_and_a_route_to_tables_that_are_not_there_are_found(root: Path) -> None:
    settings = root / "assay.yaml"
    settings.write_text(settings.read_text() + "  cloud: {driver: snowflake}\n")
    tables = root / "data-dictionary" / "table_catalog.csv"
    rows = list(csv.reader(io.StringIO(tables.read_text())))
    for row in rows:
        if row[1] == "product":
            row[-1] = "lake"
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    tables.write_text(written.getvalue())
    found = [(each.file, each.line, each.message) for each in (await validate(root, {})).findings]
    assert ("assay.yaml", 7, "backend cloud: no driver 'snowflake' is installed") in found
    assert any(file == "config/metric_routing.yaml" and "shop.product does not lie in postgres" in message
               for file, _, message in found)  # fmt: skip


# -- file and screen -----------------------------------------------------------------------------


def entry(label: str, **tiles: tuple[int, str]) -> DashboardEntry:
    return DashboardEntry.model_validate({
        "dashboard_id": "one", "label": label,
        "tiles": [
            {"widget_id": name, "x": 0, "y": y, "w": 4, "h": 2,
             "widget": {"kind": "kpi", "title": title, "question": {"metrics": ["sales"]}}}
            for name, (y, title) in tiles.items()
        ],
    })  # fmt: skip


def said(dashboard: DashboardEntry) -> tuple[str, dict[str, tuple[int, str | None]]]:
    return dashboard.label, {each.widget_id: (each.y, each.widget.title) for each in dashboard.tiles}


def test_what_the_screen_changed_is_laid_over_a_new_file() -> None:
    base = entry("Old", a=(0, "A"), b=(2, "B"), c=(4, "C"), d=(6, "D"))
    screen = entry("Old", a=(8, "A"), b=(2, "Mine"), d=(6, "D"), own=(10, "Own"))
    file = entry("New", a=(0, "A, renamed"), b=(3, "B"), c=(4, "C"), fresh=(12, "Fresh"))
    assert said(lay_over(base, screen, file)) == (
        "New", {"a": (8, "A, renamed"), "b": (3, "Mine"), "fresh": (12, "Fresh"), "own": (10, "Own")},
    )  # fmt: skip


def test_where_one_side_changed_nothing_the_other_is_what_comes_out() -> None:
    base, other = entry("One", a=(0, "A"), b=(2, "B")), entry("Two", b=(0, "B, too"), c=(2, "C"))
    assert lay_over(base, base, other) == other
    assert lay_over(base, other, base) == other
