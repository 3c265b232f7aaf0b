"""What the CLI does without a server: judge SQL, check a workspace.

What takes long to import is imported where it is used.
"""

import json
from pathlib import Path
from typing import Any, BinaryIO

from assay.backends.protocol import NotConfigured
from assay.backends.registry import open_backend
from assay.catalog.dictionary import load_dictionary
from assay.catalog.findings import Finding
from assay.catalog.workspace import load_workspace
from assay.engine import installed
from assay.errors import SetupFailed, WorkspaceBroken
from assay.gate import JudgeHere, Policy, Verdict
from assay.live.validation import Report, validate
from assay.loop.content import load_loop
from assay.loop.events import event_schemas
from assay.settings import Settings


async def validate_here(settings: Settings, *, live: bool) -> dict[str, Any]:
    """The body of `POST /v1/validate`, made in this process."""
    if not live:
        report = await validate(settings.workspace, {})
        return _body(report, _unfilled(settings))
    from assay.cli.up import database_for, locked_home, prepare_database

    workspace = load_workspace(settings.workspace)
    with locked_home(settings), database_for(settings, lambda _: None) as (url, postgres):
        around = await prepare_database(settings, workspace, url, postgres)
        backends = {name: open_backend(each, around) for name, each in workspace.backends.items()}
        try:
            return _body(await validate(settings.workspace, backends), [])
        finally:
            for backend in backends.values():
                if not isinstance(backend, NotConfigured):
                    await backend.close()


def schema_of_events(settings: Settings) -> dict[str, Any]:
    """JSON Schema of every event type of the workspace. Raises WorkspaceBroken with file and line."""
    content, findings = load_loop(settings.workspace, load_workspace(settings.workspace).dictionary)
    if content is None:
        raise WorkspaceBroken(str(findings[0]) if findings else f"{settings.workspace} has no closed loop.")
    return event_schemas(content.bindings)


def _unfilled(settings: Settings) -> list[Finding]:
    """A workspace of generated data is whole only where the generators know its columns."""
    try:
        workspace = load_workspace(settings.workspace)
    except WorkspaceBroken:
        return []
    if workspace.seed != "demo":
        return []
    from assay.demo.seed import unfilled_columns

    return unfilled_columns(workspace.dictionary)


def _body(report: Report, more: list[Finding]) -> dict[str, Any]:
    findings = [
        {"file": each.file, "line": each.line, "message": each.message, "mend": each.mend,
         "follows": each.follows_told}
        for each in (*more, *report.findings)
    ]  # fmt: skip
    return {"ok": not findings, "checked": report.checked, "skipped": report.skipped, "findings": findings}


def _policy(settings: Settings, dictionary: Path | None) -> Policy:
    if dictionary is None:
        return Policy.from_dictionary(load_workspace(settings.workspace).dictionary)
    loaded = load_dictionary(dictionary, str(dictionary))
    if not loaded.tables:
        raise SetupFailed(str(loaded.findings[0]) if loaded.findings else f"{dictionary} holds no tables.")
    return Policy.from_dictionary(loaded)


def _dialect(name: str) -> str:
    if name not in installed():
        raise SetupFailed(f"There is no dialect {name!r}.", mend=f"use one of {', '.join(installed())}")
    return name


def _verdict(verdict: Verdict) -> dict[str, Any]:
    violations = [
        {"code": each.code, "message": each.message, "line": each.line, "column": each.column} for each in verdict.violations
    ]
    return {"ok": verdict.ok, "sql": verdict.sql, "violations": violations}


def _judged(judge: JudgeHere, raw: bytes, dialect: str, policy: Policy) -> dict[str, Any]:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        found = {"code": "unreadable", "message": f"byte {error.start} is not UTF-8", "line": line, "column": None}
        return {"ok": False, "sql": "", "violations": [found]}
    return _verdict(judge.judge(text, _dialect(dialect), policy))


def check_one(settings: Settings, dictionary: Path | None, raw: bytes, dialect: str) -> dict[str, Any]:
    judge = JudgeHere()
    try:
        return _judged(judge, raw, _dialect(dialect), _policy(settings, dictionary))
    finally:
        judge.close()


def check_lines(settings: Settings, dictionary: Path | None, lines: BinaryIO, dialect: str) -> int:
    """One verdict a line, in order, each as soon as it is judged; 1 where any was refused."""
    policy, refused, judge = _policy(settings, dictionary), False, JudgeHere()
    try:
        for number, line in enumerate(lines, 1):
            if line.strip():
                verdict = _judged_line(judge, line, number, dialect, policy)
                refused = refused or not verdict["ok"]
                print(json.dumps(verdict), flush=True)
    finally:
        judge.close()
    return 1 if refused else 0


def _judged_line(judge: JudgeHere, line: bytes, number: int, dialect: str, policy: Policy) -> dict[str, Any]:
    name = None
    try:
        case = json.loads(line)
        name = case.get("id")
        text = case["sql"].encode("utf-8", "surrogatepass")
        return {"id": name, **_judged(judge, text, case.get("dialect", dialect), policy)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, SetupFailed) as error:
        found = {"code": "unreadable", "message": f"line {number} is no case: {error}", "line": None, "column": None}
        return {"id": name, "ok": False, "sql": "", "violations": [found]}
