"""The command line as a process: what it loads, how it ends, and which bytes it writes, whatever the terminal is."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from assay.settings import read_settings
from tests.unit.small import write_shop

ASSAY = Path(sys.executable).with_name("assay")
HEAVY = ("asyncio", "asyncpg", "duckdb", "fastapi", "granian", "httpx", "pydantic", "sqlglot", "uvloop", "yaml")
SERVING = ("duckdb", "fastapi", "granian", "httpx", "pydantic_ai", "starlette", "uvloop", "watchfiles")
POSIX = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def loaded(tmp_path: Path, *arguments: str, among: tuple[str, ...]) -> list[str]:
    """Those of the modules that are there when the command has ended."""
    code = (
        "import sys\nfrom assay.cli.main import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {among!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True, env=environment(tmp_path)
    )
    return json.loads(done.stdout.splitlines()[-1].replace("'", '"'))


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ASSAY_", "DATABASE_URL", "LC_"))}
    return {**kept, "ASSAY_HOME": str(tmp_path / "home"), "ASSAY_PORT": "9", **more}


def run(tmp_path: Path, *arguments: str, stdin: bytes = b"", **more: str) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        [str(ASSAY), *arguments],
        capture_output=True,
        input=stdin,
        env=environment(tmp_path, **more),
        cwd=tmp_path,
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr
    return done


def test_help_loads_no_library_that_takes_long(tmp_path: Path) -> None:
    assert loaded(tmp_path, "--help", among=HEAVY) == []


def test_validate_loads_nothing_that_serves(tmp_path: Path) -> None:
    write_shop(tmp_path)
    assert loaded(tmp_path, "validate", "--workspace", str(tmp_path), among=SERVING) == []


@pytest.mark.parametrize("where", ["> /dev/full", ">&-", "> /dev/null 2>&-"])
def test_what_cannot_be_written_is_one_sentence_and_exit_code_2(tmp_path: Path, where: str) -> None:
    write_shop(tmp_path)
    command = f"{ASSAY} validate --json --workspace {tmp_path} {where}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=environment(tmp_path), check=False)
    if "2>&-" in where:
        assert done.returncode in (0, 1)
        return
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) <= 2
    assert done.stderr.startswith("Standard output")


def test_a_reader_that_leaves_early_gets_no_traceback(tmp_path: Path) -> None:
    write_shop(tmp_path)
    command = f"{ASSAY} schema metrics | true"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=environment(tmp_path), check=False)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.exhaustive
def test_ctrl_c_is_exit_code_130(tmp_path: Path) -> None:
    with subprocess.Popen(
        [str(ASSAY), "check-sql"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment(tmp_path),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell ignores it for what runs behind
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stderr
        # More than a pipe holds: once it is written, the command has begun to read.
        process.stdin.write(b"-" * 200_000)
        process.stdin.flush()
        # Its input stays open, so that nothing but the signal ends it. One that comes between two reads is heard after
        # the second, which waits: as people know, who press the keys again.
        for _ in range(20):
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
                break
        process.kill()
        said = process.stderr.read()
    assert process.returncode == 130, said
    assert b"Traceback" not in said


def test_json_is_json_and_sql_is_utf8_whatever_the_locale(tmp_path: Path) -> None:
    root = write_shop(tmp_path / "shop")
    settings = root / "metrics" / "shop.yaml"
    settings.write_text(settings.read_text().replace("label: Sales,", "label: für, für 🍈: 1,", 1), encoding="utf-8")
    done = run(tmp_path, "validate", "--json", "--workspace", str(root), **POSIX)
    assert any("für 🍈" in each["message"] for each in json.loads(done.stdout.decode("utf-8"))["findings"])
    printed = run(tmp_path, "check-sql", "--workspace", str(root), stdin="SELECT 'ü🍈' AS a".encode(), **POSIX)
    assert "'ü🍈'" in printed.stdout.decode("utf-8")
    judged = run(tmp_path, "check-sql", "--json", "--workspace", str(root), stdin="SELECT 'ü' AS a".encode(), **POSIX)
    assert "'ü'" in json.loads(judged.stdout)["sql"]


def test_in_a_folder_that_is_a_workspace_that_folder_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_shop(tmp_path / "shop")
    monkeypatch.chdir(root)
    assert read_settings({}).workspace == root
    assert read_settings({"ASSAY_WORKSPACE": "other"}).workspace == root / "other"
    monkeypatch.chdir(tmp_path)
    assert read_settings({}).workspace == tmp_path / "demo"


def test_a_workspace_behind_a_link_is_named_by_the_link(tmp_path: Path) -> None:
    write_shop(tmp_path / "first")
    (tmp_path / "current").symlink_to("first")
    assert read_settings({}, workspace=tmp_path / "current").workspace == tmp_path / "current"
