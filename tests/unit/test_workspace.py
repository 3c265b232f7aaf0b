"""Loading a workspace: one bad file does not take the others with it."""

from pathlib import Path

import pytest

from assay.catalog.findings import fold
from assay.catalog.workspace import load_workspace
from assay.errors import WorkspaceBroken
from assay.routing.file import read_routing_file
from tests.unit.small import ASSAY, METRICS, messages, write_shop


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_shop(tmp_path)


def broken(root: Path) -> WorkspaceBroken:
    with pytest.raises(WorkspaceBroken) as caught:
        load_workspace(root, {})
    return caught.value


def test_a_whole_workspace_loads_without_findings(root: Path) -> None:
    workspace = load_workspace(root, {})
    assert messages(workspace) == []
    assert len(workspace.metrics) == 9
    assert workspace.routing_file == root / "config" / "metric_routing.yaml"


def test_a_folder_that_is_none_is_refused_with_the_mend(tmp_path: Path) -> None:
    error = broken(tmp_path / "nowhere")
    assert "is no folder" in error.detail
    assert error.mend == "name a folder that holds assay.yaml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: shop\nname: shop\n", "assay.yaml:2: 'name' stands twice"),
        ("name: [\n", "assay.yaml:2: "),
        ("", "assay.yaml:1: "),
        (ASSAY.format(zone="UTC") + "colour: red\n", "assay.yaml:7: colour is not known here"),
        (ASSAY.format(zone="UTC").replace("name: shop", "name: My Shop!"), "assay.yaml:1: name is not of the form"),
        (ASSAY.format(zone="UTC").replace("label: Shop\n", ""), "assay.yaml:1: label is missing"),
        (ASSAY.format(zone="Mars/Olympus"), "assay.yaml:3: no time zone 'Mars/Olympus'"),
        (ASSAY.format(zone="../etc/passwd"), "assay.yaml:3: no time zone"),
    ],
)
def test_a_broken_assay_yaml_is_refused_with_its_line(root: Path, text: str, said: str) -> None:
    (root / "assay.yaml").write_text(text)
    assert said in broken(root).detail


def test_a_missing_assay_yaml_is_refused(root: Path) -> None:
    (root / "assay.yaml").unlink()
    assert "assay.yaml:1: the file is missing" in broken(root).detail


def test_of_several_broken_files_each_is_named_and_what_is_whole_is_kept(root: Path) -> None:
    extra = "  - {id: stock, label: S, definition: S., owner: me, entity: product, measure: COUNT(*)}\n"
    (root / "metrics" / "a_good.yaml").write_text("metrics:\n" + extra)
    (root / "metrics" / "b_yaml.yaml").write_text("metrics:\n  - {id: open\n")
    (root / "metrics" / "c_list.yaml").write_text("metric: 1\n")
    (root / "metrics" / "d_bytes.yaml").write_bytes(b"metrics: [\xff]\n")
    (root / "metrics" / "e_twice.yml").write_text("metrics:\n" + extra)
    (root / "metrics" / "f_words.yaml").write_text("metrics:\n  - just words\n  - {id: Bad Id}\n")
    (root / "metrics" / "g_folder.yaml").mkdir()
    with (root / "data-dictionary" / "join_map.csv").open("a") as file:
        file.write("j9,shop.sale\n")
    workspace = load_workspace(root, {})
    assert len(workspace.metrics) == 10
    said = [(each.file, each.line) for each in workspace.findings]
    assert ("data-dictionary/join_map.csv", 9) in said
    assert {file for file, _ in said} >= {
        f"metrics/{name}"
        for name in ("b_yaml.yaml", "c_list.yaml", "d_bytes.yaml", "e_twice.yml", "f_words.yaml", "g_folder.yaml")
    }
    twice = next(each for each in workspace.findings if each.file == "metrics/e_twice.yml")
    assert twice.message == "metric stock stands twice (first in metrics/a_good.yaml:2)"
    assert twice.mend == "give one of them another id"
    assert {each.line for each in workspace.findings if each.file == "metrics/f_words.yaml"} == {2, 3}


def test_a_table_that_lies_in_no_named_backend_is_a_finding(root: Path) -> None:
    file = root / "data-dictionary" / "table_catalog.csv"
    file.write_text(file.read_text().replace("segment_id,,,,,2,", "segment_id,,,,,2,postgres;warehouse"))
    found = load_workspace(root, {}).findings
    assert [str(each) for each in found] == [
        "data-dictionary/table_catalog.csv:2: shop.segment lies in 'warehouse', which assay.yaml does not name"
        " (use one of postgres, lake)"
    ]


def test_a_broken_dictionary_leaves_the_metrics_that_need_nothing_of_it(root: Path) -> None:
    (root / "data-dictionary" / "join_map.csv").unlink()
    workspace = load_workspace(root, {})
    assert "sales_by_day" in workspace.metrics
    assert "sales" not in workspace.metrics
    (cause,) = workspace.findings
    assert cause.message == "the file is missing"
    assert any(each.metric_id == "sales" for each in cause.follows)


def test_no_metrics_at_all_is_a_finding(root: Path) -> None:
    (root / "metrics" / "shop.yaml").unlink()
    workspace = load_workspace(root, {})
    assert workspace.metrics == {}
    assert messages(workspace) == ["metrics/: no metrics (add a YAML file with a list `metrics:`)"]


def test_a_workspace_that_holds_nothing_yet_has_one_finding(tmp_path: Path) -> None:
    (tmp_path / "assay.yaml").write_text("name: shop\nlabel: Shop\nbackends: {}\n")
    workspace = load_workspace(tmp_path, {})
    (cause,) = fold([*workspace.findings, *read_routing_file(workspace.routing_file).findings])
    assert (
        str(cause) == "assay.yaml: this workspace holds no tables and no metrics yet (add a database on the page, at /begin)"
    )
    assert len(cause.follows) == 6
    (tmp_path / "metrics").mkdir()
    assert "data-dictionary/table_catalog.csv: the file is missing" in "\n".join(messages(load_workspace(tmp_path, {})))


def test_settings_come_from_the_environment_and_a_missing_one_is_named(root: Path) -> None:
    (root / "assay.yaml").write_text(
        'name: shop\nlabel: Shop\nbackends:\n  a: {driver: postgres, url: "${SHOP_URL}", schema: "${SHOP_SCHEMA:-public}"}\n'
    )
    without = load_workspace(root, {}).backends["a"]
    assert without.missing == ("SHOP_URL",)
    assert without.values["schema"] == "public"
    backend = load_workspace(root, {"SHOP_URL": "postgres://me:secret@host/db"}).backends["a"]
    assert backend.missing == ()
    assert backend.values["url"] == "postgres://me:secret@host/db"
    assert "secret" not in repr(backend)


def test_the_version_moves_with_the_words_of_a_metric(root: Path) -> None:
    before = load_workspace(root, {}).version
    assert load_workspace(root, {}).version == before
    (root / "metrics" / "shop.yaml").write_text(METRICS.replace("Money.", "All the money."))
    assert load_workspace(root, {}).version != before
