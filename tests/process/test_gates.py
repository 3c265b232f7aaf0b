"""Cheap gates on a system of their own, and the lakehouse published from PostgreSQL as it stands."""

import json
import os
from pathlib import Path

import pytest
from tests.process.assay import Up, eventually, run_apart


@pytest.mark.exhaustive
def test_cheap_gates_pass_and_keep_their_evidence(tmp_path: Path) -> None:
    done = run_apart("demo", "gates", "--only", "2,4,5,7", "--into", str(tmp_path), "--json", env=dict(os.environ))
    assert done.stdout, done.stderr
    body = json.loads(done.stdout)
    assert [(each["number"], each["status"]) for each in body["gates"]] == [(2, "passed"), (4, "passed"), (5, "passed"),
                                                                          (7, "passed")], body  # fmt: skip
    assert (done.returncode, body["ok"]) == (0, True)
    folder = Path(body["page"]).parent
    assert {"index.html", "gates.json", "04-sql.json", "05-verdicts.json", "07-answer.json"} <= {
        each.name for each in folder.iterdir()
    }
    assert len(json.loads((folder / "04-sql.json").read_text())) == 16


@pytest.mark.exhaustive
def test_what_was_approved_reaches_the_lakehouse_when_it_is_published(demo: Up) -> None:
    # The server is shared: what another test has played would be joined instead of recommended anew.
    assert demo.cli("demo", "reset").returncode == 0
    played = json.loads(demo.cli("demo", "scenario", "screen_damage", "--json").stdout)
    name = played["recommendation"]["recommendation_id"]
    assert demo.http.post(f"/v1/recommendations/{name}/approve").status_code == 200
    try:
        ahead = json.loads(demo.cli("compare", "cost_avoided_mtd", "--to", "lakehouse", "--json").stdout)
        assert ahead["verdict"] == "differs"
        published = demo.cli("demo", "publish", "--json")
        assert json.loads(published.stdout)["fault"] is None
        eventually(lambda: _verdict(demo) == "equal")
        spoilt = demo.cli("demo", "publish", "--fault")
        assert "is counted twice" in spoilt.stdout
        eventually(lambda: _verdict(demo) == "differs")
    finally:
        assert demo.cli("demo", "reset").returncode == 0
        assert demo.cli("demo", "publish").returncode == 0
    eventually(lambda: _verdict(demo) == "equal")


def _verdict(demo: Up) -> str:
    return json.loads(demo.cli("compare", "cost_avoided_mtd", "--to", "lakehouse", "--json").stdout)["verdict"]
