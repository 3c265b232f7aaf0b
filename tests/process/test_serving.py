"""The real server on a real socket: its numbers, its stream, its command line, and a database that dies under it."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import mcp
import pytest
from tests.process.assay import ASSAY, Up, assay_up, children_of, eventually, is_alive, run, run_apart

MONEY = [["1410000.00"]]


def same(one: Any, other: Any) -> bool:
    """But for what differs from one moment to the next."""
    moving = {"server_time", "cached", "elapsed_ms", "timings"}

    def still(body: Any) -> Any:
        if isinstance(body, dict):
            return {name: still(value) for name, value in body.items() if name not in moving}
        return [still(each) for each in body] if isinstance(body, list) else body

    return still(one) == still(other)


def test_a_fresh_start_serves_the_demo(demo: Up) -> None:
    said = demo.said.splitlines()
    assert [each for each in said if each.startswith(("Starting PostgreSQL", "Filling the tables"))]
    spoken = [each for each in said if " info " not in each]  # the log goes on beside it
    assert spoken[-1] == f"Serving at http://127.0.0.1:{demo.port}  (Ctrl-C stops)"
    answer = demo.answer("cost_avoided_mtd")
    assert (answer["rows"], answer["provenance"]["backend"]) == (MONEY, "postgres")
    workspace = demo.http.get("/v1/workspace").json()
    assert workspace["problems"] == []
    assert {each["name"]: each["state"] for each in workspace["backends"] if each["state"] != "not_configured"} == {
        "postgres": "ready", "lakehouse": "ready",
    }  # fmt: skip
    # Where a first look takes longer than `/ready` waits for it, what it looks at is not there yet.
    eventually(lambda: demo.http.get("/ready").json()["ok"])


def test_a_scenario_that_is_not_there_is_named_with_those_that_are(demo: Up) -> None:
    done = demo.cli("demo", "scenario", "screen_damag")
    assert done.returncode == 2
    assert "Did you mean 'screen_damage'?" in done.stderr


@pytest.mark.cases(1)
@pytest.mark.parametrize("seed", range(6))
async def test_agents_and_the_command_line_get_the_pages_number_and_receipt(demo: Up, seed: int) -> None:
    pick = random.Random(seed)
    by = pick.choice(["region", "claim_status", "product_line"])
    start, end = (str(datetime.now(UTC).date() - timedelta(days=days)) for days in (pick.randint(30, 60), 10))
    # A window with ends of its own: the metric's is another after each tick.
    question = {"dimensions": [by], "compare": "previous_period", "window": {"start": start, "end": end}}
    page = demo.answer("cost_avoided_mtd", **question)
    receipt = page["provenance"]["receipt_id"]
    for door in (mcp.StdioServerParameters(command=str(ASSAY), args=["mcp"], env=demo.env), f"{demo.http.base_url}/mcp"):
        async with mcp.Client(door) as client:
            asked = {"questions": [{"metrics": ["cost_avoided_mtd"], **question}]}
            done = await client.call_tool("query_metrics", asked)
        assert isinstance(done.structured_content, dict)
        table = done.structured_content["answers"][0]
        assert (table["rows"], table["receipt_id"]) == (page["rows"], receipt)
    options = ("--by", by, "--compare", "previous_period", "--window", f"{start}..{end}")
    told = json.loads(demo.cli("query", "cost_avoided_mtd", *options, "--json").stdout)
    assert (told["rows"], told["provenance"]["receipt_id"]) == (page["rows"], receipt)
    printed = demo.cli("query", "cost_avoided_mtd", *options, "--format", "csv").stdout
    assert printed == demo.http.post("/v1/metrics/cost_avoided_mtd/data.csv", json=question).text
    assert demo.cli("query", "cost_avoided_mtd", "--format", "pdf").returncode == 2
    assert demo.cli("verify", receipt).returncode == 0


def test_the_workspaces_own_tests_and_what_a_change_does_are_asked_of_what_runs(demo: Up, tmp_path: Path) -> None:
    root = Path(shutil.copytree(demo.env["ASSAY_WORKSPACE"], tmp_path / "changed"))
    (root / "tests").mkdir()
    asserted = root / "tests" / "numbers.yaml"
    asserted.write_text("tests:\n  - {check: cost_avoided_mtd >= 0, dimensions: [region]}\n"
                        "  - {adds_up: cost_avoided_mtd, dimensions: [region, channel]}\n")  # fmt: skip
    held = demo.cli("test", "--workspace", str(root), "--json")
    body = json.loads(held.stdout)
    assert (held.returncode, body["passed"], body["failed"]) == (0, 2, 0)
    for receipt in (one for each in body["tests"] for one in each["receipts"]):
        assert demo.http.get(f"/v1/receipts/{receipt}").json()["signature_valid"]
    asserted.write_text("tests:\n  - {check: cost_avoided_mtd < 0}\n")
    failed = demo.cli("test", "--workspace", str(root))
    assert (failed.returncode, "cost_avoided_mtd 1410000.00" in failed.stdout) == (1, True)
    savings = root / "metrics" / "savings.yaml"
    savings.write_text(savings.read_text().replace("<> 'denied'", "<> 'denied' AND channel <> 'app'", 1))
    compared = demo.cli("diff", demo.env["ASSAY_WORKSPACE"], str(root), "--json")
    (change, *_) = json.loads(compared.stdout)["metrics"]
    fewer = demo.answer("cost_avoided_mtd", filters=[{"dimension": "channel", "op": "ne", "values": ["app"]}])
    assert (compared.returncode, change["metric_id"], change["total"]) == (
        1, "cost_avoided_mtd", ["1410000.00", fewer["rows"][0][0]]
    )  # fmt: skip
    same = demo.cli("diff", demo.env["ASSAY_WORKSPACE"], demo.env["ASSAY_WORKSPACE"])
    assert (same.returncode, "no metric means anything else" in same.stdout) == (0, True)


@pytest.mark.exhaustive
def test_imported_metrics_are_held_against_what_their_source_says(demo: Up, tmp_path: Path) -> None:
    root = Path(shutil.copytree(demo.env["ASSAY_WORKSPACE"], tmp_path / "imported"))
    (root / "metrics" / "savings.yaml").rename(root / "metrics" / "cube.yaml")
    values = tmp_path / "values.csv"

    def check(said: str) -> tuple[int, dict[str, tuple[str, str]]]:
        values.write_text(f"metric,value\n{said}")
        done = demo.cli("check-import", "--values", str(values), "--workspace", str(root), "--json")
        return done.returncode, {each["metric"]: (each["state"], each["sentence"])
                                 for each in json.loads(done.stdout)["metrics"]}  # fmt: skip

    code, found = check("cost.avoided.mtd,1410000\n")
    assert (code, found["cost_avoided_mtd"]) == (0, ("equal", "1410000.00"))
    assert found["avoided_replacements"][0] == "answered"
    code, found = check("cost_avoided_mtd,1410000.01\nsaving_per_avoided_replacement,\n")
    assert (code, found["cost_avoided_mtd"]) == (1, ("differs", "1410000.00 here, 1410000.01 there"))
    assert found["saving_per_avoided_replacement"][0] == "differs"


@pytest.mark.exhaustive
def test_the_lakehouse_gives_the_same_number(demo: Up) -> None:
    file = Path(demo.env["ASSAY_WORKSPACE"]) / "config" / "metric_routing.yaml"
    whole = file.read_text()
    file.write_text(whole.replace("cost_avoided_mtd: {backend: postgres}", "cost_avoided_mtd: {backend: lakehouse}"))
    eventually(lambda: demo.answer("cost_avoided_mtd")["provenance"]["backend"] == "lakehouse")
    assert demo.answer("cost_avoided_mtd")["rows"] == MONEY
    file.write_text(whole)
    eventually(lambda: demo.answer("cost_avoided_mtd")["provenance"]["backend"] == "postgres")


def test_the_stream_comes_through_the_socket(demo: Up) -> None:
    with demo.http.stream("GET", "/v1/stream") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.iter_lines()
        assert json.loads(next(lines).removeprefix("data: "))["kind"] == "hello"


def test_hostile_requests_on_the_socket_are_refused(demo: Up) -> None:
    assert demo.http.get("/v1/workspace", headers={"host": "evil.example"}).status_code == 403
    assert demo.http.post("/v1/metrics/csat/data", json={}, headers={"origin": "http://evil.example"}).status_code == 403
    assert demo.http.post("/v1/data", content=b"x" * 2_000_000).status_code == 413
    assert demo.http.get("/").headers["content-security-policy"]
    assert demo.http.request("PROPFIND", "/v1/metrics").status_code == 405


def test_everything_it_keeps_is_for_its_owner_only(demo: Up) -> None:
    for name in ("postgres.password", "receipt.key"):
        assert (demo.home / name).stat().st_mode & 0o077 == 0
        assert (demo.home / name).read_text().strip() not in demo.said + demo.http.get("/v1/workspace").text


# -- the command line -----------------------------------------------------------------------------


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("arguments", "method", "path", "body"),
    [
        (["metrics"], "GET", "/v1/metrics", None),
        (["routes"], "GET", "/v1/routes", None),
        (["query", "csat", "--by", "channel", "--limit", "3"], "POST", "/v1/metrics/csat/data",
         {"dimensions": ["channel"], "filters": [], "limit": 3}),
        (["query", "cost_avoided_mtd", "--where", "region=West", "--where", "channel!=phone", "--window", "trailing_90d",
          "--grain", "month", "--compare", "previous_year"], "POST", "/v1/metrics/cost_avoided_mtd/data",
         {"filters": [{"dimension": "region", "op": "eq", "values": ["West"]},
                      {"dimension": "channel", "op": "ne", "values": ["phone"]}],
          "window": "trailing_90d", "grain": "month", "compare": "previous_year"}),
        (["query", "csat", "--window", "2026-01-01..2026-02-01"], "POST", "/v1/metrics/csat/data",
         {"window": {"start": "2026-01-01", "end": "2026-02-01"}}),
        (["receipts", "csat"], "GET", "/v1/receipts?limit=20&metric_id=csat", None),
        (["receipts", "--limit", "2"], "GET", "/v1/receipts?limit=2", None),
        (["validate", "--live"], "POST", "/v1/validate", None),
        (["route", "csat", "--to", "postgres"], "PUT", "/v1/routes/csat", {"backend": "postgres"}),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)  # fmt: skip
def test_json_is_the_body_of_the_api(demo: Up, arguments: list[str], method: str, path: str, body: Any) -> None:
    for _ in range(2):  # a tick of the clock may pass between the two
        done = demo.cli(*arguments, "--json")
        served = demo.http.request(method, path, json=body)
        if same(json.loads(done.stdout), served.json()):
            break
    else:
        assert json.loads(done.stdout) == served.json()
    assert (done.returncode, served.status_code, done.stderr) == (0, 200, "")


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["metrics"], "cost_avoided_mtd"),
        (["routes"], "unproven"),
        (["query", "cost_avoided_mtd"], "1410000.00"),
        (["receipts", "cost_avoided_mtd"], "1410000.00"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_for_people_it_is_a_table(demo: Up, command: list[str], says: str) -> None:
    shown = demo.cli(*command)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert says in shown.stdout


def test_a_key_is_made_listed_and_revoked(demo: Up) -> None:
    made = demo.cli("keys", "create", "--name", "a [red] report", "--role", "editor", "--expires", "30d")
    assert (made.returncode, made.stderr) == (0, "")
    key_id, secret = made.stdout.split()[0], made.stdout.splitlines()[-1]
    bearer = {"authorization": f"Bearer {secret}"}
    who = demo.http.get("/v1/session", headers=bearer).json()["who"]
    assert (who["name"], who["roles"]) == ("key a [red] report", ["editor"])
    assert f"{secret[:12]} " in demo.cli("keys", "list").stdout
    assert secret not in demo.cli("keys", "list", "--json").stdout
    assert demo.cli("keys", "revoke", key_id).stdout == f"{key_id} (a [red] report) opens nothing any more.\n"
    eventually(lambda: demo.http.get("/v1/workspace", headers=bearer).status_code == 401)
    said = demo.cli("audit", "list", "--action", "key").stdout
    assert said.index("key.revoked") < said.index("key.created")
    assert secret not in demo.cli("audit", "list", "--json").stdout
    proved = demo.cli("audit", "verify")
    assert (proved.returncode, proved.stderr) == (0, "")
    assert "entries are as they were written" in proved.stdout


def test_a_person_is_invited_by_a_link_and_comes_in_by_it_once(demo: Up) -> None:
    made = demo.cli("people", "invite", "jane@x", "--role", "editor", "--role", "operator")
    assert (made.returncode, made.stderr) == (0, "")
    link = made.stdout.splitlines()[-1]
    address, _, token = link.partition("/join#")
    assert address == f"http://127.0.0.1:{demo.port}"
    asked = {"token": token, "password": "violet ladder quietly borrows"}
    used = [demo.http.post("/v1/link/password", json=asked).status_code for _ in range(2)]
    assert used == [204, 404]
    assert demo.http.get("/v1/session").json()["who"]["name"] == "jane@x"
    demo.http.cookies.clear()
    shown = demo.cli("people", "list").stdout
    assert "editor, operator  joined" in shown
    assert token not in shown
    assert demo.cli("people", "role", "jane@x", "viewer").stdout == "jane@x has viewer now.\n"
    assert demo.cli("people", "disable", "jane@x").stdout == "jane@x is not let in any more.\n"
    assert demo.cli("people", "reset", "jane@x").returncode == 2
    assert demo.cli("people", "enable", "jane@x").stdout == "jane@x may sign in again.\n"
    assert "/join#" in demo.cli("people", "reset", "jane@x").stdout


@pytest.mark.parametrize(
    ("arguments", "kind", "says"),
    [
        (["people", "disable", "nobody@x"], "not_found", "Nobody is known as 'nobody@x'"),
        (["keys", "revoke", "nothing"], "not_found", "There is no key 'nothing'"),
        (["keys", "create", "--name", "x", "--role", "queen"], "bad_question", "role"),
        (["query", "cost_avoided_mtdd"], "metric_not_found", "Did you mean 'cost_avoided_mtd'?"),
        (["route", "csat", "--to", "[/red]"], "route_refused", "there is no backend '[/red]'"),
        (["query", "../workspace"], "not_found", "There is nothing at"),
        (["query", "csat", "--by", "nowhere"], "bad_question", "no dimension 'nowhere'"),
        (["query", "csat", "--limit", "99999"], "bad_question", "limit"),
        (["route", "nba_taken_pct", "--to", "lakehouse"], "route_refused", "stays where it is"),
        (["route", "csat", "--to", "nowhere"], "route_refused", "there is no backend 'nowhere'"),
        (["replay", "nothing"], "not_found", "There is no receipt 'nothing'"),
        (["verify", "no/thing?"], "not_found", "There is no"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_the_server_refuses_is_a_sentence_and_exit_code_2(demo: Up, arguments: list[str], kind: str, says: str) -> None:
    done = demo.cli(*arguments, "--json")
    assert (done.returncode, json.loads(done.stdout)["kind"]) == (2, kind)
    assert says in done.stderr


@pytest.mark.exhaustive
def test_a_command_is_a_process_like_any_other(demo: Up) -> None:
    """The others run within the tests' process."""
    asked = run_apart("query", "cost_avoided_mtd", "--json", env=demo.env)
    assert (asked.returncode, asked.stderr) == (0, "")
    assert json.loads(asked.stdout)["rows"] == MONEY
    refused = run_apart("query", "cost_avoided_mtdd", env=demo.env)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "There is no metric 'cost_avoided_mtdd'.\nDid you mean 'cost_avoided_mtd'?\n"


def test_a_reader_that_has_heard_enough_is_no_failure(demo: Up) -> None:
    done = subprocess.run(
        f"{ASSAY} metrics --json | head -c 10; exit ${{PIPESTATUS[0]}}", shell=True, executable="/bin/bash", env=demo.env,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ('{"metrics"', "")


def test_replay_says_that_the_route_moved_and_gives_the_same_value(demo: Up) -> None:
    receipt = demo.answer("cost_avoided_mtd", window="previous_month")["provenance"]["receipt_id"]
    verified = demo.cli("verify", receipt)
    assert (verified.returncode, verified.stdout) == (0, f"Receipt {receipt} is as it was signed.\n")
    still = demo.cli("replay", receipt)
    assert (still.returncode, still.stdout) == (0, "Nothing has moved; the value is the same.\n")
    assert demo.cli("route", "cost_avoided_mtd", "--to", "lakehouse").returncode == 0
    moved = demo.cli("replay", receipt)
    assert moved.returncode == 0
    assert moved.stdout.startswith("Route moved from postgres to lakehouse; the value is the same.\n  route: postgres (ep")
    body = json.loads(demo.cli("replay", receipt, "--json").stdout)
    assert (body["same_value"], [each["part"] for each in body["moved"]]) == (True, ["route"])
    assert demo.cli("route", "cost_avoided_mtd", "--to", "postgres").returncode == 0


@pytest.mark.exhaustive
def test_a_table_that_contradicts_the_dictionary_is_named_with_its_line(demo: Up) -> None:
    file = Path(demo.env["ASSAY_WORKSPACE"]) / "data-dictionary" / "column_dictionary.csv"
    whole = file.read_text()
    number, line = next((n, each) for n, each in enumerate(whole.splitlines(), 1) if ",battery_health_pct," in each or
                        "l3_asurion,ev_device,activated_ts," in each)  # fmt: skip
    file.write_text(whole.replace(line, line.replace(line.split(",")[2], "nowhere_at_all")))
    try:
        done = demo.cli("validate", "--live")
    finally:
        file.write_text(whole)
    assert done.returncode == 1
    assert f"data-dictionary/column_dictionary.csv:{number}: " in done.stdout


# -- the database dies ----------------------------------------------------------------------------


def test_a_killed_database_comes_back_and_what_was_saved_is_there(demo: Up) -> None:
    before = demo.answer("cost_avoided_mtd")
    receipt = before["provenance"]["receipt_id"]
    demo.http.post("/v1/dashboards/overview/reset")
    killed = demo.postmaster()
    os.kill(killed, signal.SIGKILL)

    kinds: set[str] = set()
    until = time.monotonic() + 60
    while time.monotonic() < until:
        response = demo.http.post("/v1/metrics/cost_avoided_mtd/data", json={})
        never_asked = demo.http.post(
            "/v1/metrics/cost_avoided_mtd/data",
            json={"filters": [{"dimension": "region", "op": "ne", "values": [str(time.monotonic())]}]},
        )
        assert response.status_code == 200, response.text
        answer = response.json()
        assert answer["rows"] == MONEY
        if answer["provenance"]["stale"]:
            kinds.add("stale")
            assert "postgres" in answer["provenance"]["stale_reason"]
        if never_asked.status_code == 503:
            kinds.add("unavailable")
            assert never_asked.json()["kind"] == "backend_unavailable"
        else:
            assert never_asked.status_code == 200, never_asked.text
        if never_asked.status_code == 200 and not answer["provenance"]["stale"] and not is_alive(killed):
            break
        time.sleep(0.02)
    assert kinds, "the fall was never seen"
    assert demo.postmaster() != killed
    kept = demo.http.get(f"/v1/receipts/{receipt}")
    assert kept.status_code == 200, kept.text
    assert kept.json()["signature_valid"] is True
    eventually(lambda: demo.http.get("/v1/workspace").json()["problems"] == [])
    eventually(lambda: demo.http.get("/ready").json()["ok"])
    assert demo.http.get("/v1/dashboards/overview").status_code == 200
    eventually(lambda: demo.http.put("/v1/routes/csat", json={"backend": "lakehouse"}).status_code == 200)
    assert demo.http.put("/v1/routes/csat", json={"backend": "postgres"}).status_code == 200
    assert demo.process.poll() is None


@pytest.mark.exhaustive
def test_the_second_start_fills_nothing_and_has_everything(demo: Up, closed_folder: Path) -> None:
    """The last of this file, because it ends the server that the others asked."""
    receipt = demo.answer("csat")["provenance"]["receipt_id"]
    assert demo.end(signal.SIGINT) == 0
    assert demo.said.splitlines()[-1] == "Stopping"
    assert not (demo.home / "server.json").exists()
    with assay_up(demo.env, closed_folder / "second.log") as again:
        assert "Filling" not in again.said
        assert "creating the database" not in again.said
        assert again.answer("cost_avoided_mtd")["rows"] == MONEY
        assert again.http.get(f"/v1/receipts/{receipt}").json()["signature_valid"] is True
        assert again.end(signal.SIGTERM) == 0
    assert children_of(again.process.pid, "postgres") == []
    nobody = run("metrics", env=demo.env)
    assert nobody.returncode == 2
    assert nobody.stderr == f"No Assay answers at http://127.0.0.1:{demo.port}.\nstart it with: assay up\n"
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{demo.port}/health", trust_env=False)
