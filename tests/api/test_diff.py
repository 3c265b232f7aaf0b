"""What a change of definitions does to numbers: what is told has changed, and by how much, against plain SQL."""

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest
from tests.conftest import ANCHOR, DEMO, House

from assay.catalog.workspace import Workspace, load_workspace
from assay.errors import SetupFailed
from assay.review.changes import changes_between
from assay.review.differences import INFINITE, Difference, difference
from assay.review.report import Report, body_of, lines_of, markdown_of, report_of
from assay.review.revisions import prefix_of, two_states
from assay.review.sarif import sarif_of
from assay.routing.parity import GrainResult
from assay.routing.serving import Catalog

METRIC = "cost_avoided_mtd"


def edited(folder: Path, file: str, *changes: tuple[str, str]) -> Workspace:
    """The demo with texts of one of its files put in the place of others."""
    root = folder / "edited"
    if not root.exists():
        shutil.copytree(DEMO, root)
    text = (root / file).read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (root / file).write_text(text)
    workspace = load_workspace(root, {})
    assert workspace.findings == ()
    return workspace


async def asked(house: House, workspace: Workspace, metric: str = METRIC, route: str | None = "postgres") -> Difference:
    running = house.running
    old, new = running.catalog, Catalog.of(workspace, running.catalog.backends)
    return await difference(old.workspace.metrics[metric], workspace.metrics[metric], old, new, route, ANCHOR)


def reported(house: House, workspace: Workspace, found: dict[str, Difference], most: str = "0", **how: bool) -> Report:
    changes = changes_between(house.running.catalog.workspace, workspace)
    shown = how.get("groups_are_shown", True)
    return report_of(("main", "HEAD"), changes, found, workspace.metrics, Decimal(most), groups_are_shown=shown)


@pytest.mark.parametrize("route", ["postgres", "lakehouse"])
async def test_a_changed_filter_is_told_by_how_much_each_region_moves(
    shared_house: House, tmp_path: Path, route: str
) -> None:
    narrower = ("claim_status <> 'denied'", "claim_status <> 'denied' AND channel <> 'app'")
    workspace = edited(tmp_path, "metrics/savings.yaml", narrower)
    found = await asked(shared_house, workspace, route=route)
    connection = await asyncpg.connect(shared_house.url)
    assert found.windows[0]
    end = datetime.fromisoformat(found.windows[0].rpartition(" ")[2])
    rows = await connection.fetch(
        "SELECT region, sum(cost_avoided_usd) FILTER (WHERE claim_status <> 'denied'),"
        " sum(cost_avoided_usd) FILTER (WHERE claim_status <> 'denied' AND channel <> 'app')"
        " FROM l3_asurion.ev_claim WHERE claim_open_ts >= $1 AND claim_open_ts < $2 GROUP BY region",
        datetime(2026, 3, 1, tzinfo=UTC), end,
    )  # fmt: skip
    await connection.close()
    right = {row[0]: (row[1], row[2]) for row in rows if row[1] != row[2]}
    assert right
    by_region = next(each for each in found.grains if each.grain == "region")
    assert {gap.key[0]: (gap.here, gap.there) for gap in by_region.all_gaps} == right
    assert found.total == (sum(row[1] for row in rows), sum(row[2] or 0 for row in rows))
    biggest = max(abs((new - old) / old) for old, new in right.values())
    report = reported(shared_house, workspace, {METRIC: found}, str(found.largest))
    assert found.largest >= biggest
    assert report.ok
    assert not reported(shared_house, workspace, {METRIC: found}, str(biggest / 2)).ok
    (change,) = [each for each in report.changes.metrics if each.metric_id == METRIC]
    assert [each.what for each in change.aspects] == ["filter", "rows"]
    assert {each.split()[0] for each in change.used_by} == {"metric", "dashboard"}
    told = "\n".join(lines_of(report))
    assert all(str(region) in told for region in list(right)[:1])
    hidden = reported(shared_house, workspace, {METRIC: found}, groups_are_shown=False)
    for text in ("\n".join(lines_of(hidden)), "\n".join(markdown_of(hidden)), str(body_of(hidden))):
        assert not any(region in text for region in right if region)


async def test_what_is_written_otherwise_and_means_the_same_is_no_change(shared_house: House, tmp_path: Path) -> None:
    workspace = edited(
        tmp_path, "metrics/savings.yaml", ("SUM(cost_avoided_usd)", "sum( cost_avoided_usd )"),
        ("label: Cost avoided (MTD)", "label: Money that was saved"), ("owner: claims-analytics", "owner: somebody"),
    )  # fmt: skip
    changes = changes_between(shared_house.running.catalog.workspace, workspace)
    assert (changes.metrics, changes.routes, changes.policies, changes.settings) == ((), (), (), ())


async def test_a_rewritten_filter_that_keeps_the_same_rows_is_another_definition_with_the_same_numbers(
    shared_house: House, tmp_path: Path
) -> None:
    workspace = edited(tmp_path, "metrics/savings.yaml", ("claim_status <> 'denied'", "claim_status NOT IN ('denied')"))
    found = await asked(shared_house, workspace)
    assert (found.verdict, found.largest) == ("equal", 0)
    report = reported(shared_house, workspace, {METRIC: found})
    assert report.ok
    assert "another definition, the same numbers" in "\n".join(lines_of(report))


async def test_what_cannot_be_compared_is_not_taken_for_equal(shared_house: House, tmp_path: Path) -> None:
    unit = edited(tmp_path, "metrics/savings.yaml", ("unit: usd", "unit: count"))
    found = await asked(shared_house, unit)
    assert (found.verdict, found.grains) == ("not_comparable", ())
    assert not reported(shared_house, unit, {METRIC: found}, "1000").ok
    for route in (None, "nowhere", "databricks"):
        assert (await asked(shared_house, unit, route=route)).verdict == "not_comparable"


def test_routes_policies_settings_and_what_is_gone_are_told(tmp_path: Path) -> None:
    before = load_workspace(DEMO, {})
    edited(tmp_path, "config/metric_routing.yaml", (f"{METRIC}: {{backend: postgres}}", f"{METRIC}: {{backend: lakehouse}}"))
    access = tmp_path / "edited" / "access"
    access.mkdir()
    (access / "all.yaml").write_text(
        "metrics:\n  - {for: ['*'], metrics: [csat], rows: all}\n  - for: ['role:editor']\n    metrics: ['*']\n"
        "    rows: {ev_claim: \"region = 'West'\"}\nminimum_group: 5\n"
    )
    after = edited(tmp_path, "assay.yaml", ("timezone: UTC", "timezone: Europe/Paris"))
    changes = changes_between(before, after)
    assert [(each.what, each.before, each.after) for each in changes.routes] == [(METRIC, "postgres", "lakehouse")]
    assert {each.what: each.after for each in changes.policies} == {
        "policy for * on csat": "rows: all", "minimum_group": "5",
        "policy for role:editor on *": "rows: l3_asurion.ev_claim where region = 'West'",
    }  # fmt: skip
    assert [(each.what, each.after) for each in changes.settings] == [("timezone", "Europe/Paris")]
    # Days begin elsewhere: every metric means something else, whatever its definition says.
    assert {each.metric_id for each in changes.metrics} == set(before.metrics)
    gone = changes_between(after, before)
    assert [each.after for each in gone.policies] == [None, None, None]
    fewer = replace(before, metrics={name: each for name, each in before.metrics.items() if name != "csat"})
    assert [(each.metric_id, each.change) for each in changes_between(before, fewer).metrics] == [("csat", "removed")]


def test_revisions_are_read_from_git_and_folders_as_they_are(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=t", "-c", "user.email=t@t.example", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    root = tmp_path / "of a company" / "numbers"
    shutil.copytree(DEMO, root)
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    git("checkout", "-q", "-b", "branch")
    file = root / "metrics" / "savings.yaml"
    file.write_text(file.read_text().replace("<> 'denied'", "<> 'open'"))
    git("commit", "-q", "-a", "-m", "two")
    file.write_text(file.read_text().replace("<> 'open'", "<> 'closed'"))

    def filters(before: str, after: str | None = None) -> list[str | None]:
        with two_states(before, after, root) as states:
            return [load_workspace(each.folder, {}).metrics[METRIC].filter_text for each in states]

    denied, opened, closed = (f"claim_status <> '{each}'" for each in ("denied", "open", "closed"))
    assert filters("main..branch") == filters("main", "branch") == [denied, opened]
    assert filters("main...branch") == [denied, opened]
    assert filters("main") == filters("main..") == [denied, closed]
    assert filters(str(DEMO), str(root)) == [denied, closed]
    assert prefix_of(root) == "of a company/numbers/"
    for wrong in ("nowhere..main", "--output=x", "main..nowhere"):
        with pytest.raises(SetupFailed, match=r"revision|knows no"):
            filters(wrong)


def test_a_comment_in_markdown_holds_no_markup_of_the_data() -> None:
    from assay.review.report import _plain, percent

    assert _plain("a|b`c<img src=x>\n* [x](y)") == "a\\|b\\`c&lt;img src=x> \\* \\[x](y)"
    assert [percent(Decimal(each)) for each in ("0", "0.005", "0.25", "3", "1")] == ["0%", "0.5%", "25%", "300%", "100%"]
    assert percent(INFINITE) == "new, gone or from 0"


@pytest.mark.exhaustive
def test_a_pull_requests_lines_are_told_what_their_numbers_do(tmp_path: Path) -> None:
    narrower = ("claim_status <> 'denied'", "claim_status <> 'denied' AND channel <> 'app'")
    workspace = edited(tmp_path, "metrics/savings.yaml", narrower)
    before = load_workspace(DEMO, {})
    gone = {name: each for name, each in workspace.metrics.items() if name != "csat"}
    changes = changes_between(before, replace(workspace, metrics=gone))
    names = [each.metric_id for each in changes.metrics if each.change == "changed"]
    assert METRIC in names
    found = dict.fromkeys(names, Difference("postgres", (), "it has no route"))
    report = report_of(("main", "HEAD"), changes, found, gone, Decimal(0), groups_are_shown=True)
    (run,) = sarif_of(report, before.metrics, gone, "a shop/")["runs"]
    results = {each["message"]["text"].partition(":")[0]: each for each in run["results"]}
    assert {name: (each["ruleId"], each["level"]) for name, each in results.items()} == {
        **dict.fromkeys(names, ("not-comparable", "error")), "csat": ("metric-gone", "error"),
    }  # fmt: skip
    place = results[METRIC]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20shop/metrics/savings.yaml"
    written = (workspace.root / "metrics/savings.yaml").read_text().splitlines()
    assert f"id: {METRIC}" in written[place["region"]["startLine"] - 1]
    rules = [each["id"] for each in run["tool"]["driver"]["rules"]]
    assert all(rules[each["ruleIndex"]] == each["ruleId"] for each in run["results"])
    equal = dict.fromkeys(names, Difference("postgres", (GrainResult("total", "equal", 1),), None))
    report = report_of(("main", "HEAD"), changes, equal, gone, Decimal(0), groups_are_shown=True)
    told = sarif_of(report, before.metrics, gone)["runs"][0]["results"]
    assert {each["ruleId"] for each in told} == {"definition-changed", "metric-gone"}
