"""Gates 4 to 6: the demo's SQL, that it passes the gate, and that hostile SQL does not, whoever wrote it."""

import importlib.util
from typing import Any

import sqlglot
from sqlglot import exp

from assay.catalog.workspace import load_workspace
from assay.demo.gates.hostile import hostile_model
from assay.demo.gates.result import Bench, NotChecked, need
from assay.engine import taking_outside_sql

HOSTILE = (
    "DROP TABLE l3_asurion.ev_claim",
    "DELETE FROM l3_asurion.ev_claim",
    "SELECT COUNT(*) AS value FROM l3_asurion.ev_claim LIMIT 1; DROP TABLE l3_asurion.ev_claim",
    "SELECT full_name AS value FROM l3_asurion.ev_customer LIMIT 10",
    "SELECT rolpassword AS value FROM pg_catalog.pg_authid LIMIT 10",
    "SELECT PG_READ_FILE('/etc/passwd') AS value LIMIT 1",
    "SELECT PG_SLEEP(30) AS value LIMIT 1",
    "WITH gone AS (DELETE FROM l3_asurion.ev_claim RETURNING 1 AS one) SELECT COUNT(*) AS value FROM gone LIMIT 1",
    "SELECT COUNT(*) AS value FROM l3_asurion.ev_claim AS a CROSS JOIN l3_asurion.ev_device AS b LIMIT 1",
    "SELECT value FROM assay.receipt_key LIMIT 1",
)
_VICTIM = "cost_avoided_mtd"


def demo_metrics_have_sql(bench: Bench) -> str:
    """A dry run of each on every dialect: written and judged, not run."""
    generated = {f"{each['metric_id']} on {each['dialect']}": each for each in _generated(bench)}
    bench.keep("04-sql.json", generated)
    for name, body in generated.items():
        need(body["dry_run"] is True and body["answer"] is None, f"{name} was run")
        need(body["sql"].startswith("SELECT"), f"{name} is no SELECT: {body['sql'][:80]}")
    metrics, dialects = len(bench.script.metrics), taking_outside_sql()
    bench.figures |= {"metrics": metrics, "dialects": list(dialects)}
    return f"{metrics} metrics on {len(dialects)} dialects: {len(generated)} statements, none of them run"


def demo_sql_passes_the_gate(bench: Bench) -> str:
    """Sent back as if by a stranger, and read once more here: one SELECT, known tables, a LIMIT, the right dialect."""
    system, tables = bench.running(), set(load_workspace(bench.root).dictionary.tables)
    verdicts: dict[str, Any] = {}
    for body in _generated(bench):
        name = f"{body['metric_id']} on {body['dialect']}"
        verdict = system.ask("POST", "/v1/sql/check", {"dialect": body["dialect"], "sql": body["sql"]})
        verdicts[name] = verdict
        need(verdict["ok"] and not verdict["violations"], f"{name} is refused: {verdict['violations']}")
        trees = sqlglot.parse(body["sql"], read=body["dialect"])
        need(len(trees) == 1 and isinstance(trees[0], exp.Select), f"{name} is not one SELECT")
        tree = trees[0]
        assert isinstance(tree, exp.Select)
        need(tree.args.get("limit") is not None, f"{name} has no LIMIT")
        read = {f"{each.db}.{each.name}" for each in tree.find_all(exp.Table) if each.db}
        need(read and read <= tables, f"{name} reads {sorted(read - tables)}, which the dictionary does not have")
        need(verdict["sql"] == body["sql"], f"{name}: what was judged is not what was printed")
    bench.keep("05-verdicts.json", verdicts)
    return (
        f"{len(verdicts)} statements: one SELECT each, tables of the dictionary only, LIMIT present, read in its own dialect"
    )


def hostile_sql_is_refused(bench: Bench) -> str:
    at_the_gate = _at_the_gate(bench)
    if importlib.util.find_spec("pydantic_ai") is None:
        raise NotChecked(
            f"{at_the_gate} statements are refused at the gate; a model's path needs the extra: pip install 'assay[llm]'"
        )
    through_a_model = _through_a_model(bench)
    bench.figures |= {"at_the_gate": at_the_gate, "through_a_model": through_a_model}
    return (
        f"{at_the_gate} statements refused at the gate; {through_a_model} written by a hostile model over the OpenAI "
        "protocol refused with 422 safety_violation; the figure is as it was"
    )


def _generated(bench: Bench) -> list[dict[str, Any]]:
    system = bench.running()
    found: list[dict[str, Any]] = []
    for each in bench.script.metrics:
        asked = each.question.model_dump(mode="json", exclude_defaults=True)
        for dialect in taking_outside_sql():
            wanted = {"metric_id": each.metric_id, "dialect": dialect, "dry_run": True, **asked}
            found.append(system.ask("POST", "/v1/widgets/sql/generate", wanted))
    return found


def _at_the_gate(bench: Bench) -> int:
    system = bench.running()
    verdicts: list[Any] = []
    for sql in HOSTILE:
        verdict = system.ask("POST", "/v1/sql/check", {"dialect": "postgres", "sql": sql})
        verdicts.append({"sent": sql, **verdict})
        need(not verdict["ok"] and verdict["violations"], f"the gate let this pass: {sql}")
    bench.keep("06-gate.json", verdicts)
    return len(verdicts)


def _through_a_model(bench: Bench) -> int:
    """The system runs for a while with a model that writes nothing but hostile SQL."""
    system = bench.system
    told: list[Any] = []
    with hostile_model() as model:
        system.stop()
        try:
            system.start(more=model.environment)
            before = system.ask("POST", f"/v1/metrics/{_VICTIM}/data", {})["rows"]
            for sql in HOSTILE:
                model.sql = sql
                seen = len(model.asked)
                answered = system.http.post("/v1/widgets/sql/generate", json={"metric_id": _VICTIM, "generator": "llm"})
                told.append({"written": sql, "status": answered.status_code, "body": answered.json()})
                need(len(model.asked) > seen, "the model was not asked")
                kind = answered.json().get("kind")
                need((answered.status_code, kind) == (422, "safety_violation"), f"{sql}: {answered.status_code} {kind}")
            log = system.ask("GET", f"/v1/widgets/sql/generations?limit={len(HOSTILE)}")["generations"]
            after = system.ask("POST", f"/v1/metrics/{_VICTIM}/data", {})["rows"]
            bench.keep("06-model.json", told)
            bench.keep("06-log.json", log)
            need(len(log) == len(HOSTILE), f"{len(log)} of {len(HOSTILE)} refusals are in the log")
            need(before == after, f"the figure moved from {before} to {after}")
        finally:
            system.stop()
    system.start()
    return len(told)
