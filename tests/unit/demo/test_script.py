"""The script of the demonstration: what it says is proved against the workspace, with file, line and mend."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.catalog.workspace import Workspace, load_workspace
from assay.demo.queries import queries
from assay.demo.runbook import runbook
from assay.demo.script import LONGEST_FILM_SECONDS, Act, Place, load_script, read_script
from assay.errors import WorkspaceBroken
from tests.conftest import DEMO

ROOT = Path(__file__).parents[3]
DEMO_METRICS = {"claims_by_product_l3_asurion", "claim_volume_l3_asurion", "claim_status_mix_l3_asurion", "cost_avoided_mtd"}
Edited = Callable[[str, str], Path]


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return load_workspace(DEMO, {})


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    """The demo's script with one text of it replaced."""

    def edit(before: str, after: str) -> Path:
        text = (DEMO / "demo.yaml").read_text()
        assert before in text
        (tmp_path / "demo.yaml").write_text(text.replace(before, after, 1))
        shutil.copytree(DEMO / "scenarios", tmp_path / "scenarios", dirs_exist_ok=True)
        return tmp_path

    return edit


def first_changed_line(root: Path) -> int:
    before, after = ((folder / "demo.yaml").read_text().splitlines() for folder in (DEMO, root))
    return next(number for number, (one, other) in enumerate(zip(before, after, strict=False), 1) if one != other)


def test_the_demos_script_is_whole_and_fits_into_its_time(workspace: Workspace) -> None:
    script = load_script(DEMO, workspace)
    assert {each.metric_id for each in script.metrics} == DEMO_METRICS
    assert [scene.id for scene in script.scenes] == ["overview", "decision", "widget", "receipt", "reroute", "refused"]
    assert sum(step.hold_seconds for scene in script.scenes for step in scene.steps) < LONGEST_FILM_SECONDS / 2


@pytest.mark.parametrize(
    ("before", "after", "says", "mend"),
    [
        ("metric_id: claim_volume_l3_asurion", "metric_id: claim_volume_l3_asurio", "no metric 'claim_volume_l3_asurio'",
         "Did you mean 'claim_volume_l3_asurion'?"),
        ("backend: lakehouse}\n          - see", "backend: lakhouse}\n          - see", "no backend 'lakhouse'",
         "Did you mean 'lakehouse'?"),
        ("scenario screen_damage", "scenario screen_damag", "no scenario 'screen_damag'", "Did you mean 'screen_damage'?"),
        ("id: decision", "id: overview", "two scenes 'overview'", "give one another id"),
        ("same: {as: Cost avoided,", "same: {as: Cost avoid,", "nothing was kept as 'Cost avoid'", "Did you mean"),
        ("- run: assay demo publish\n", "- run: rm -rf artifacts\n", "'rm -rf artifacts' is no command of assay", None),
        ("- press: Escape\n", "- press: Escape\n            go: /\n", "an act has one verb of", None),
        ("- press: Escape\n", "- pres: Escape\n", "is not known here", None),
        ("budget_ms: 8000", "budget_ms: 0", "has to be 1 or more", None),
        ("{role: region, name: Open recommendations}", "{name: Open recommendations}", "needs a role or a text", None),
    ],
    ids=["metric", "backend", "scenario", "scene", "kept", "command", "verbs", "verb", "budget", "place"],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(
    edited: Edited, workspace: Workspace, before: str, after: str, says: str, mend: str | None
) -> None:
    root = edited(before, after)
    _, findings = read_script(root, workspace)
    found = next(each for each in findings if says in each.message)
    assert found.file == "demo.yaml"
    assert found.line is not None
    # A mistake of a whole act is told where the act begins.
    assert 0 <= first_changed_line(root) - found.line <= 1
    assert mend is None or mend in (found.mend or "")
    with pytest.raises(WorkspaceBroken, match=r"demo\.yaml:\d+"):
        load_script(root, workspace)


def test_broken_yaml_and_a_missing_script_are_findings(tmp_path: Path, edited: Edited, workspace: Workspace) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert [each.message for each in read_script(empty, workspace)[1]] == ["the file is missing"]
    root = edited("title: Assay", "title: [Assay")
    assert read_script(root, workspace)[1][0].line is not None


def test_a_film_that_would_hold_too_long_is_refused(edited: Edited, workspace: Workspace) -> None:
    root = edited("scenes:", "scenes:")
    text = (root / "demo.yaml").read_text()
    (root / "demo.yaml").write_text(
        text.replace("hold_seconds: 5", "hold_seconds: 20").replace("hold_seconds: 6", "hold_seconds: 20")
    )
    _, findings = read_script(root, workspace)
    assert ["would hold still" in each.message for each in findings] == [True]


def test_a_place_is_named_in_words() -> None:
    tile = Place(role="article", name="Cost avoided")
    assert Place(role="button", name="Replay", inside=tile).words() == "button 'Replay' in article 'Cost avoided'"
    assert Act(see=Place(text="saved")).verb == "see"


# -- what is printed from it -----------------------------------------------------------------------


def test_the_runbook_in_the_documents_is_the_one_of_the_script(workspace: Workspace) -> None:
    """Else somebody rehearses what is not shown any more. Mend: assay demo runbook > docs/demo-runbook.md"""
    printed = runbook(load_script(DEMO, workspace))
    assert (ROOT / "docs" / "demo-runbook.md").read_text() == printed


def test_the_queries_in_the_documents_are_those_of_the_compiler(workspace: Workspace) -> None:
    """Mend: assay demo queries > docs/demo-queries.md"""
    printed = queries(load_script(DEMO, workspace), workspace)
    assert (ROOT / "docs" / "demo-queries.md").read_text() == printed


def test_the_runbook_has_every_step_and_every_command(workspace: Workspace) -> None:
    script = load_script(DEMO, workspace)
    printed = runbook(script)
    for scene in script.scenes:
        for step in scene.steps:
            assert step.say in printed
            assert all(f"`{act.run}`" in printed for act in step.act if act.run)
    assert "`cost_avoided_mtd: {backend: lakehouse}`" in printed
