"""A session of the clarifier across the death of the server: killed between question and answer, gone on with after."""

import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
from tests.process.assay import CHECKOUT, Up, assay_up, environment

from assay.demo.system import free_port

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")


@pytest.fixture
def env(database_url: str, lake: Path, tmp_path: Path) -> dict[str, str]:
    """A workspace whose tables are filled already, in a database that outlives the server."""
    workspace = Path(shutil.copytree(CHECKOUT / "demo", tmp_path / "workspace"))
    settings = workspace / "assay.yaml"
    settings.write_text("".join(line for line in settings.read_text().splitlines(True) if not line.startswith("seed:")))
    home = tmp_path / "home"
    home.mkdir()
    os.link(lake, home / "lakehouse.duckdb")
    return environment(home, workspace, free_port(), DATABASE_URL=database_url)


def told(up: Up, path: str = "", **body: object) -> list[dict[str, Any]]:
    with up.http.stream("POST", f"/v1/widgets/clarify{path}", json=body) as response:
        assert response.status_code == 200, response.read()
        return [json.loads(line.removeprefix("data: ")) for line in response.iter_lines() if line]


@pytest.mark.exhaustive
def test_the_answer_resumes_the_session_after_the_server_was_killed(env: dict[str, str], tmp_path: Path) -> None:
    with assay_up(env, tmp_path / "first.log") as up:
        asked = told(up, words="issues")
        assert asked[-1]["event"] == "questions"
        name = asked[0]["session_id"]
        assert up.end(signal.SIGKILL) == -signal.SIGKILL
    with assay_up(env, tmp_path / "second.log") as up:
        session = up.http.get(f"/v1/widgets/clarify/{name}").json()
        assert (session["state"], session["round"], session["events"]) == ("asking", 1, asked)
        after = told(up, f"/{name}/answers", answers={"metric": "metric:active_issues"})
        assert after[-1]["event"] == "result", after[-1]
        assert after[-1]["widget"]["question"]["metrics"] == ["active_issues"]
        answer = up.http.post("/v1/data", json={"questions": [{"key": "w", **after[-1]["widget"]["question"]}]}).json()
        assert answer["answers"][0]["answer"]["provenance"]["receipt_id"]
