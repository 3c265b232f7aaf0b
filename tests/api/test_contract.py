"""The API against its own OpenAPI document: what it allows, and much that it does not, sent by a program of its own."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.browser.conftest import Served, serve

PROGRAM = Path(__file__).parents[2] / ".venv" / "contract" / "bin" / "schemathesis"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# Endless, or asked of a model that is not there.
LEFT_OUT = "^/v1/(stream|widgets/clarify|widgets/sql)"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory, {}) as running:
        yield running


@pytest.mark.exhaustive
def test_no_request_is_answered_otherwise_than_openapi_says(served: Served, tmp_path: Path) -> None:
    command = [
        str(PROGRAM), "run", f"{served.url}/openapi.json", "--checks", CHECKS, "--exclude-path-regex", LEFT_OUT,
        "--phases", "examples,coverage,fuzzing", "--max-examples", "12", "--seed", "7", "--generation-database", "none",
        "--request-timeout", "120", "--suppress-health-check", "all",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
