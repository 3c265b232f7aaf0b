"""`assay sql`: compiled without a server, and asked of one."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assay.catalog.workspace import load_workspace
from assay.cli import sql as command
from assay.cli.commands import app
from assay.engine import taking_outside_sql
from assay.gate import Policy, judge_outside
from tests.conftest import DEMO, House

DEMO_METRICS = ("claims_by_product_l3_asurion", "claim_volume_l3_asurion", "claim_status_mix_l3_asurion", "cost_avoided_mtd")
ASSAY = str(Path(sys.executable).with_name("assay"))


def run(*arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ASSAY_WORKSPACE": str(DEMO), "ASSAY_HOME": "/nonexistent", "ASSAY_PORT": "9"}
    return subprocess.run([ASSAY, *arguments], capture_output=True, text=True, input=given, env=environment, timeout=600)


@pytest.mark.exhaustive
@pytest.mark.parametrize("metric_id", DEMO_METRICS)
def test_the_demo_metrics_print_databricks_sql_that_passes_the_gate(metric_id: str) -> None:
    printed = run("sql", metric_id, "--dry-run", "--dialect", "databricks")
    assert printed.returncode == 0, printed.stderr
    assert printed.stdout.startswith("SELECT\n")
    assert ":p1 = '" in printed.stdout
    checked = run("check-sql", "--dialect", "databricks", given=printed.stdout)
    assert checked.returncode == 0, checked.stdout


def test_what_is_printed_is_what_was_judged() -> None:
    """Set in lines, on every dialect, with every part a question can have."""
    runner = CliRunner()
    policy = Policy.from_dictionary(load_workspace(DEMO, {}).dictionary)
    for dialect in taking_outside_sql():
        question = ["--by", "category", "--where", "region!=West", "--grain", "week", "--compare", "previous_period"]
        arguments = ["sql", "cost_avoided_mtd", *question, "--dry-run", "--dialect", dialect, "--workspace", str(DEMO)]
        body = json.loads(runner.invoke(app, [*arguments, "--json"]).stdout)
        assert (body["verdict"]["ok"], body["dialect"], body["answer"]) == (True, dialect, None)
        assert "West" in body["params"].values()
        assert "West" not in body["sql"]
        lines = "\n".join(command.statement_lines(body))
        assert judge_outside(lines, dialect, policy).sql == body["sql"]


def test_the_dialect_is_that_of_the_route_where_none_is_given() -> None:
    body = json.loads(run("sql", "cost_avoided_mtd", "--dry-run", "--json").stdout)
    assert (body["dialect"], body["generation_id"]) == ("postgres", None)


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (["claim_volume"], "metric_not_found"),
        (["cost_avoided_mtd", "--by", "shoe_size"], "bad_question"),
        (["cost_avoided_mtd", "--grain", "century"], "bad_question"),
        (["cost_avoided_mtd", "--dialect", "oracle"], "bad_question"),
    ],
)
def test_what_cannot_be_compiled_is_a_problem(arguments: list[str], kind: str) -> None:
    done = run("sql", *arguments, "--dry-run", "--json")
    assert (done.returncode, json.loads(done.stdout)["kind"]) == (2, kind)


@pytest.mark.cases(1)
@pytest.mark.parametrize("arguments", [["--generator", "llm", "--dry-run"], []])
def test_a_model_and_an_answer_need_the_server(arguments: list[str]) -> None:
    done = run("sql", "cost_avoided_mtd", *arguments)
    assert done.returncode == 2
    assert "assay up" in done.stderr


async def test_the_servers_answer_is_shown_under_its_sql(shared_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    path = "/v1/widgets/sql/generate"
    answered = (
        await shared_house.client.post(path, json={"metric_id": "cost_avoided_mtd", "dimensions": ["region"]})
    ).json()
    monkeypatch.setattr(command, "call", lambda *given: sent.append(given[1:]) or answered)
    shown = CliRunner().invoke(app, ["sql", "cost_avoided_mtd", "--by", "region", "--generator", "llm"])
    assert shown.exit_code == 0, shown.output
    method, where, asked = sent[0]
    assert (method, where, asked["metric_id"], asked["generator"]) == ("POST", path, "cost_avoided_mtd", "llm")
    assert shown.output.startswith("SELECT")
    assert "Midwest" in shown.output
