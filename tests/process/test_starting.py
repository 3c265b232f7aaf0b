"""Starting and ending: nothing is left running, and whatever stands in the way is a sentence with its mend."""

import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from tests.process.assay import (
    ASSAY,
    CHECKOUT,
    Up,
    assay_up,
    children_of,
    environment,
    eventually,
    forget,
    is_alive,
    needs_root_to_mount,
    run,
    run_apart,
    small_disk,
)  # fmt: skip

from assay.demo.system import free_port
from assay.store.embedded import pg_bin_dir

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")


@pytest.fixture
def up(bare: dict[str, str], tmp_path: Path) -> Iterator[Up]:
    with assay_up(bare, tmp_path / "up.log") as running:
        yield running


def test_ctrl_c_ends_everything_that_was_started(up: Up) -> None:
    postmaster = up.postmaster()
    workers = children_of(postmaster, "postgres")
    assert workers
    with up.http.stream("GET", "/v1/stream") as open_page:
        assert open_page.status_code == 200
        assert up.end(signal.SIGINT) == 0
    assert not [pid for pid in (postmaster, *workers) if is_alive(pid)]
    assert up.said.splitlines()[-1] == "Stopping"


@pytest.mark.exhaustive
def test_killing_assay_leaves_no_database_behind_and_the_next_start_goes_well(
    up: Up, bare: dict[str, str], tmp_path: Path
) -> None:
    postmaster = up.postmaster()
    up.end(signal.SIGKILL)
    assert not is_alive(postmaster)
    with assay_up(bare, tmp_path / "again.log") as again:
        assert again.http.get("/ready").json()["checks"][0]["detail"] == "answers"


@pytest.mark.exhaustive
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_ending_it_while_it_starts_leaves_nothing_behind_either(
    closed_folder: Path, tmp_path: Path, by: signal.Signals
) -> None:
    home = closed_folder / f"halfway-{by.name}"
    env = environment(home, CHECKOUT / "demo", free_port())
    log = tmp_path / "up.log"
    up = Up(env, log)
    eventually(lambda: "Filling the tables" in up.said or up.process.poll() is not None)
    eventually(lambda: "drop" in up.said or "create" in up.said.partition("Filling")[2])
    postmaster, filling = up.postmaster(), children_of(up.process.pid, "python")
    code = up.end(by)
    assert code == (-signal.SIGKILL if by == signal.SIGKILL else 130)
    assert not is_alive(postmaster)
    for pid in filling:
        eventually(lambda pid=pid: not is_alive(pid))
    assert "Error" not in up.said.replace("KeyboardInterrupt", "")
    forget(home)


@pytest.mark.exhaustive
def test_a_second_assay_on_the_same_home_is_refused(up: Up, bare: dict[str, str]) -> None:
    second = run("up", env={**bare, "ASSAY_PORT": str(free_port())})
    assert second.returncode == 2
    assert second.stderr.splitlines() == [
        f"Another Assay is running on {up.home}.", "stop it, or set ASSAY_HOME and ASSAY_PORT for a second one"
    ]  # fmt: skip
    assert up.http.get("/health").json() == {"ok": True}


def test_a_port_in_use_is_said_before_anything_is_started(bare: dict[str, str], closed_folder: Path) -> None:
    home = closed_folder / "unborn"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run("up", env={**bare, "ASSAY_PORT": str(port), "ASSAY_HOME": str(home)})
    assert refused.returncode == 2
    assert refused.stderr.splitlines() == [
        f"Port {port} on 127.0.0.1 cannot be used: Address already in use.",
        f"stop what uses it, or choose another: ASSAY_PORT={port + 1}",
    ]
    assert not home.exists()


@pytest.mark.cases(4)
@pytest.mark.parametrize(
    ("changes", "says", "mend"),
    [
        ({"ASSAY_HOST": "0.0.0.0"}, "ASSAY_HOST=0.0.0.0 would let other machines in.", "set ASSAY_TOKEN"),
        (
            {"ASSAY_HOST": "host.invalid", "ASSAY_TOKEN": "a-token-of-this-test"},
            "on host.invalid cannot be used",
            "stop what uses it",
        ),
        ({"ASSAY_TOKEN": "short"}, "ASSAY_TOKEN is shorter than 16 characters.", "python -c"),
        ({"ASSAY_PORT": "none"}, "ASSAY_PORT is 'none'.", "write a number"),
        ({"ASSAY_WORKSPACE": "/nonexistent"}, "/nonexistent is no folder", "name a folder that holds assay.yaml"),
        ({"ASSAY_WORKSPACE": "/proc"}, "assay.yaml:1: the file is missing", "create it"),
        ({"ASSAY_HOME": "/dev/null"}, "/dev/null", "set ASSAY_HOME to a folder"),
        ({"ASSAY_HOME": "/proc/nothing"}, "/proc/nothing", "set ASSAY_HOME to a folder"),
        ({"DATABASE_URL": "postgresql://a:hunter2@127.0.0.1:1/x"}, "The database does not answer", "check DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://a:hunter2/@127.0.0.1:1/x"}, "DATABASE_URL cannot be read.", "write postgresql://"),
        ({"DATABASE_URL": "mysql://a:hunter2@127.0.0.1/x"}, "DATABASE_URL cannot be read.", "write postgresql://"),
        ({"PG_BIN": "/nonexistent"}, "PG_BIN=/nonexistent holds no postgres.", "name the folder with initdb"),
    ],
    ids=lambda value: " ".join(f"{n}={v}" for n, v in value.items()) if isinstance(value, dict) else "",
)
def test_whatever_stands_in_the_way_is_a_sentence_with_its_mend(
    bare: dict[str, str], closed_folder: Path, changes: dict[str, str], says: str, mend: str
) -> None:
    home = closed_folder / "refused"
    refused = run("up", env={**bare, "ASSAY_PORT": str(free_port()), "ASSAY_HOME": str(home), **changes})
    assert refused.returncode == 2
    assert says in refused.stderr
    assert mend in refused.stderr
    assert "hunter2" not in refused.stderr + refused.stdout
    forget(home)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: demo\nlabel: [\n", "assay.yaml:3: "),
        ("name: demo\nlabel: x\nbackends: {}\nsurprise: 1\n", "assay.yaml:4: surprise"),
        ("name: demo\nlabel: x\ntimezone: Mars/Olympus\nbackends: {}\n", "assay.yaml:3: no time zone 'Mars/Olympus'"),
        ("", "assay.yaml:1: "),
    ],
    ids=["yaml", "unknown key", "time zone", "empty"],
)
def test_a_broken_workspace_is_named_with_its_line(bare: dict[str, str], tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "assay.yaml").write_text(text)
    for command in ("up", "validate"):
        refused = run(command, "--workspace", str(tmp_path), env={**bare, "ASSAY_PORT": str(free_port())})
        assert refused.returncode == (2 if command == "up" else 1)
        assert says in refused.stderr + refused.stdout


# -- disks ----------------------------------------------------------------------------------------


@pytest.mark.exhaustive
@needs_root_to_mount
@pytest.mark.parametrize("size", ["64k", "60m"])
def test_a_full_disk_is_said_and_leaves_nothing_running(closed_folder: Path, tmp_path: Path, size: str) -> None:
    os.chmod(tmp_path, 0o755)
    folder = Path("/tmp") / f"assay-small-{os.getpid()}-{size}"
    try:
        with small_disk(folder, f"size={size},mode=755") as disk:
            if size == "64k":
                (disk / "filling").write_bytes(b"x" * 60_000)
            refused = run_apart("up", env=environment(disk / "home", CHECKOUT / "demo", free_port()))
            assert refused.returncode == 2
            assert any(word in refused.stderr for word in ("space", "No space left", "cannot be written")), refused.stderr
            assert not [each for each in Path("/proc").glob("[0-9]*/cmdline") if str(disk).encode() in _read(each)]
    finally:
        folder.rmdir()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@needs_root_to_mount
def test_a_home_on_a_read_only_disk_is_said(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=1m,ro") as disk:
        refused = run("up", env=environment(disk / "home", CHECKOUT / "demo", free_port()))
    assert refused.returncode == 2
    assert "cannot be written: Read-only file system." in refused.stderr
    assert "set ASSAY_HOME" in refused.stderr


# -- another server, another account --------------------------------------------------------------


@pytest.mark.exhaustive
async def test_another_server_holds_everything_when_it_is_named(closed_folder: Path, tmp_path: Path) -> None:
    """An empty database of the tests' server; nothing of its own is started, and a secret file holds no password."""
    server = os.environ["ASSAY_TEST_URL"]
    admin = await asyncpg.connect(f"{server}/assay")
    name = f"elsewhere_{os.getpid()}"
    await admin.execute(f"CREATE DATABASE {name}")
    workspace = shutil.copytree(CHECKOUT / "demo", closed_folder / name)
    settings = workspace / "assay.yaml"
    settings.write_text("".join(line for line in settings.read_text().splitlines(True) if not line.startswith("seed:")))
    env = environment(closed_folder / f"{name}-home", workspace, free_port(), DATABASE_URL=f"{server}/{name}")
    try:
        with assay_up(env, tmp_path / "up.log") as up:
            assert "Starting PostgreSQL" not in up.said
            assert children_of(up.process.pid, "postgres") == []
            assert sorted(each.name for each in up.home.iterdir()) == ["lock", "receipt.key", "server.json"]
            assert up.http.get("/ready").json()["checks"][0]["ok"] is True
            problems = up.http.get("/v1/workspace").json()["problems"]
            assert any("postgres has no table" in each["message"] for each in problems)
            password = server.partition("//")[2].partition("@")[0].partition(":")[2]
            assert password not in up.said + up.http.get("/v1/workspace").text
            assert up.end(signal.SIGINT) == 0
    finally:
        reader = await admin.fetchval("SELECT 'assay_reader_' || oid FROM pg_database WHERE datname = $1", name)
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.execute(f"DROP ROLE IF EXISTS {reader}")
        await admin.close()


@pytest.mark.exhaustive
@pytest.mark.skipif(os.geteuid() != 0, reason="only root's PostgreSQL runs as another account")
def test_binaries_that_the_servers_account_may_not_read_are_copied_where_it_may(
    closed_folder: Path, bare: dict[str, str], tmp_path: Path
) -> None:
    """As in a checkout under /root."""
    package, shared = pg_bin_dir().parents[1], Path("/var/lib/assay")
    copies = set(shared.glob("postgresql-*"))
    for each in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(each, closed_folder / "hidden" / each.name, symlinks=True)
    binaries = closed_folder / "hidden" / pg_bin_dir().relative_to(package.parent)
    home = closed_folder / "home-of-root"
    env = {**bare, "ASSAY_HOME": str(home), "PG_BIN": str(binaries), "ASSAY_PORT": str(free_port())}
    with assay_up(env, tmp_path / "up.log") as up:
        program = os.readlink(f"/proc/{up.postmaster()}/exe")
        assert not program.startswith(str(closed_folder))
        assert up.http.get("/ready").json()["checks"][0]["ok"] is True
        assert up.end(signal.SIGTERM) == 0
    forget(home)
    for each in set(shared.glob("postgresql-*")) - copies:
        shutil.rmtree(each)


@pytest.mark.exhaustive
def test_a_process_that_took_a_dead_servers_number_is_left_alone(bare: dict[str, str], tmp_path: Path) -> None:
    with assay_up(bare, tmp_path / "up.log") as up:
        data = Path(os.readlink(f"/proc/{up.postmaster()}/cwd"))
        assert data.name == "data" or (data / "PG_VERSION").exists()
        up.end(signal.SIGINT)
    bystander = subprocess.Popen(["sleep", "600"])
    try:
        (data / "postmaster.pid").write_text(f"{bystander.pid}\n{data}\n")
        with assay_up(bare, tmp_path / "again.log"):
            assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


# -- without a server -----------------------------------------------------------------------------


@pytest.mark.exhaustive
def test_validate_says_whole_or_names_the_line_of_a_renamed_column(bare: dict[str, str], tmp_path: Path) -> None:
    workspace = shutil.copytree(CHECKOUT / "demo", tmp_path / "workspace")
    env = {**bare, "ASSAY_WORKSPACE": str(workspace)}
    whole = run("validate", env=env)
    assert (whole.returncode, whole.stdout) == (0, "checked structure: whole\n")
    file = workspace / "data-dictionary" / "column_dictionary.csv"
    lines = file.read_text().splitlines(keepends=True)
    number = next(n for n, line in enumerate(lines) if ",ev_claim,claim_open_ts," in line)
    lines[number] = lines[number].replace("claim_open_ts", "claim_opened_ts", 1)
    file.write_text("".join(lines))
    broken = run("validate", env=env)
    assert broken.returncode == 1
    assert "claim_open_ts" in broken.stdout
    assert "entities/tables.yaml:" in broken.stdout
    assert run("validate", "--json", env=env).returncode == 1


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("sql", "code", "says"),
    [
        ("SELECT COUNT(*) AS n FROM l3_asurion.ev_claim AS c", 0, "l3_asurion.ev_claim"),
        ("SELECT * FROM nowhere", 1, "unknown_table"),
        ("DROP TABLE l3_asurion.ev_claim", 1, "not_a_select"),
        ("", 1, ""),
        (b"SELECT '\xff'", 1, "not UTF-8"),
    ],
    ids=["may run", "unknown table", "drop", "empty", "no text"],
)
def test_check_sql_says_yes_or_no_by_its_exit_code(bare: dict[str, str], sql: str | bytes, code: int, says: str) -> None:
    done = run("check-sql", env=bare, stdin=sql)
    assert done.returncode == code
    assert says in done.stdout
    verdict = json.loads(run("check-sql", "--json", env=bare, stdin=sql).stdout)
    assert (verdict["ok"], bool(verdict["violations"])) == (code == 0, code == 1)


def test_check_sql_reads_a_case_a_line_and_judges_each(bare: dict[str, str]) -> None:
    cases = [
        {"id": 1, "dialect": "duckdb", "sql": "SELECT COUNT(*) AS n FROM l3_asurion.ev_claim AS c"},
        {"id": "two", "sql": "SELECT 1; SELECT 2"},
        {"id": 3, "dialect": "oracle", "sql": "SELECT 1"},
        {"id": 4, "sql": 5},
        {"no": "sql"},
    ]
    odd = ["", "no json", "[" * 100_000, '{"id": "\\ud800", "sql": "x\\ud800"}']
    lines = "\n".join([*(json.dumps(each) for each in cases), *odd])
    done = run("check-sql", "--jsonl", env=bare, stdin=lines)
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [each["ok"] for each in verdicts] == [True, *[False] * 7]
    assert [each["id"] for each in verdicts[:2]] == [1, "two"]
    assert all(each["ok"] or each["violations"] for each in verdicts)
    good = run("check-sql", "--jsonl", env=bare, stdin=json.dumps(cases[0]))
    assert good.returncode == 0


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    "arguments",
    [["nothing"], ["query"], ["query", "csat", "--where", "region"], ["up", "--port", "0"], ["schema", "nothing"],
     ["check-sql", "--dialect", "oracle"], ["check-sql", "--dictionary", "/nonexistent"], ["receipts", "--limit", "0"]],
    ids=" ".join,
)  # fmt: skip
def test_a_command_that_cannot_be_read_is_exit_code_2(bare: dict[str, str], arguments: list[str]) -> None:
    done = run(*arguments, env=bare)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


@pytest.mark.cases(3)
@pytest.mark.parametrize(
    ("command", "kept"),
    [
        (["metrics"], None), (["query", "csat"], None), (["receipts"], None), (["replay", "x"], None),
        (["metrics"], "no json"), (["metrics"], "[]"), (["metrics"], '{"url": 5}'), (["metrics"], '{"url": "no url"}'),
        (["metrics"], '{"url": "http://127.0.0.1:1"}'),
    ],
    ids=str,
)  # fmt: skip
def test_without_a_server_every_command_says_how_to_start_one(
    bare: dict[str, str], tmp_path: Path, command: list[str], kept: str | None
) -> None:
    if kept is not None:
        (tmp_path / "server.json").write_text(kept)
    done = run(*command, env={**bare, "ASSAY_HOME": str(tmp_path), "ASSAY_PORT": "1"})
    assert done.returncode == 2
    assert done.stderr.endswith("start it with: assay up\n")


def test_a_server_that_is_no_assay_is_said(bare: dict[str, str], tmp_path: Path) -> None:
    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>hello")

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Other) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        done = run("metrics", env={**bare, "ASSAY_HOME": str(tmp_path), "ASSAY_PORT": str(other.server_port)})
        other.shutdown()
    assert done.returncode == 2
    assert "is no Assay" in done.stderr


def test_help_names_every_command_and_needs_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(ASSAY), "--help"], cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True
    )
    for name in "up validate metrics query sql check-sql routes route receipts replay verify schema".split():
        assert name in done.stdout
