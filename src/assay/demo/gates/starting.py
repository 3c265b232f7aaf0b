"""Gates 1 to 3: it starts, its backends are well, its dictionary is whole."""

import contextlib
import json
import shutil
import subprocess
from typing import Any

from assay.demo.gates.result import Bench, need
from assay.demo.system import CHECKOUT, start_command, until
from assay.errors import SetupFailed

_LAST_LINES = 12
_WELL_SECONDS = 30
"""How long after it serves a backend that was slow to answer may be called down, on a loaded machine."""


def starts_cold_and_warm(bench: Bench) -> str:
    """`make up` on an empty state folder, then again on the one that the first start left."""
    system, command = bench.system, start_command()
    system.stop()
    need(not system.home.exists(), "the state folder of a cold start has to be empty")
    cold = system.start(command)
    bench.keep("01-cold.log", system.said)
    first = system.ask("POST", "/v1/metrics/cost_avoided_mtd/data", {})["rows"]
    system.stop()
    warm = system.start(command)
    bench.keep("01-warm.log", system.said)
    second = system.ask("POST", "/v1/metrics/cost_avoided_mtd/data", {})["rows"]
    need(first == second, f"the first number was {first} and after the second start {second}")
    need("Filling the tables" not in system.said, "the second start filled the tables again")
    bench.figures |= {"command": " ".join(command), "cold_seconds": round(cold, 1), "warm_seconds": round(warm, 1)}
    return (
        f"{' '.join(command)}: {cold:.1f} s on an empty state folder (the packages installed), {warm:.1f} s the second time"
    )


def backends_are_well(bench: Bench) -> str:
    system = bench.running()
    seen: dict[str, Any] = {}

    def are_well() -> bool:
        seen["ready"], seen["workspace"] = system.http.get("/ready"), system.ask("GET", "/v1/workspace")
        return seen["ready"].is_success and not any(each["state"] == "down" for each in seen["workspace"]["backends"])

    with contextlib.suppress(SetupFailed):
        until(are_well, _WELL_SECONDS, "every backend is well")
    ready, workspace = seen["ready"], seen["workspace"]
    bench.keep(
        "02-backends.json", {"ready": ready.json(), "backends": workspace["backends"], "problems": workspace["problems"]}
    )
    configured = [each for each in workspace["backends"] if each["state"] != "not_configured"]
    ill = [f"{each['name']} is {each['state']}: {each['detail']}" for each in configured if each["state"] != "ready"]
    need(not ill and ready.is_success, f"not ready: {'; '.join(ill) or ready.text[:200]}")
    need(not workspace["problems"], f"the workspace has problems: {workspace['problems'][:2]}")
    absent = [each["name"] for each in workspace["backends"] if each["state"] == "not_configured"]
    bench.figures |= {"ready": [each["name"] for each in configured], "not_configured": absent}
    said = f"{', '.join(each['name'] for each in configured)} answer"
    return said + (f"; not configured here, so not checked: {', '.join(absent)}" if absent else "")


def dictionary_is_whole(bench: Bench) -> str:
    """By the verb where there is a checkout, and by the command whose report says what was looked at."""
    system = bench.running()
    if (CHECKOUT / "Makefile").is_file() and shutil.which("make"):
        done = subprocess.run(
            ["make", "--no-print-directory", "validate-dictionary"], cwd=CHECKOUT, env=system.environment(),
            capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
        bench.keep("03-make.log", done.stdout + done.stderr)
        last = (done.stdout + done.stderr).strip().splitlines()[-_LAST_LINES:]
        need(done.returncode == 0, f"make validate-dictionary ended with {done.returncode}: {' / '.join(last)}")
    told = system.command("assay validate --live --json")
    need(told.stdout.startswith("{"), f"assay validate said nothing that can be read: {told.stderr[-300:]}")
    report = json.loads(told.stdout)
    bench.keep("03-report.json", report)
    need(report["ok"] and told.returncode == 0, f"{len(report['findings'])} findings: {report['findings'][:2]}")
    live = [each for each in report["checked"] if "postgres" in each or "lakehouse" in each or "backend" in each]
    need(live, f"no backend was looked at: {report['checked']}")
    bench.figures |= {"checked": report["checked"], "skipped": report["skipped"]}
    return f"exit 0; checked {', '.join(report['checked'])}"
