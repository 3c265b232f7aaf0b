"""State lies where it is said to lie: a moved folder finds its database, and a database that is there is never deleted."""

import hashlib
import json
import os
import shutil
import signal
import socket
import stat
from pathlib import Path

import asyncpg
import pytest
from tests.process.assay import CHECKOUT, Up, assay_up, environment, forget, run, run_apart

from assay.demo.system import free_port
from assay.errors import SetupFailed
from assay.store.embedded import EmbeddedPostgres

WIDGET = {"widget": {"kind": "kpi", "title": "Kept", "question": {"metrics": ["csat"]}}}
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's PostgreSQL runs as another account")


def _titles(up: Up) -> list[str]:
    return [each["label"] for each in up.http.get("/v1/widgets").json()["widgets"]]


def _place(home: Path) -> Path:
    return home / json.loads((home / "database.json").read_text())["folder"]


@pytest.mark.exhaustive
def test_a_moved_folder_finds_its_database_and_one_put_aside_keeps_it(
    bare: dict[str, str], closed_folder: Path, tmp_path: Path
) -> None:
    """As root the folder is closed to PostgreSQL's account, so that the database lies elsewhere."""
    home, moved, aside = (closed_folder / name for name in ("state", "state-moved", "state-aside"))
    env = {**bare, "ASSAY_HOME": str(home)}
    with assay_up(env, tmp_path / "up.log") as up:
        assert up.http.post("/v1/widgets", json=WIDGET).status_code == 201
        place = _place(home)
        assert f"Starting PostgreSQL, its data in {place}" in up.said
        assert {each.name for each in home.iterdir() if each.is_file() and each.stat().st_mode & 0o077} == set()
        assert stat.S_IMODE(home.stat().st_mode) == (0o711 if os.geteuid() == 0 else 0o700)
        port = (place / "port").read_text()
        up.end(signal.SIGTERM)

    home.rename(moved)
    with assay_up({**bare, "ASSAY_HOME": str(moved)}, tmp_path / "moved.log") as up:
        assert _titles(up) == ["Kept"]
        assert "creating the database" not in up.said
        # Clients had been connected: the port stays what it was.
        assert (_place(moved) / "port").read_text() == port
        up.end(signal.SIGTERM)

    moved.rename(home)
    home.rename(aside)
    with assay_up(env, tmp_path / "fresh.log") as up:
        assert _titles(up) == []
        up.end(signal.SIGTERM)
    forget(home)
    aside.rename(home)
    with assay_up(env, tmp_path / "back.log") as up:
        assert _titles(up) == ["Kept"]
        up.end(signal.SIGTERM)

    # A copy of the folder is no copy of the database: both are named, and nothing is done.
    shutil.copytree(home, moved, ignore=shutil.ignore_patterns("postgres"))
    if not place.is_relative_to(home):
        refused = run("up", env={**bare, "ASSAY_HOME": str(moved), "ASSAY_PORT": str(free_port())})
        assert refused.returncode == 2
        assert f"{home} and {moved} both name the database in {place}" in refused.stderr
    # A database that is gone is said, and none is made in its stead.
    hidden = place.with_name("hidden-away")
    place.rename(hidden)
    refused = run("up", env=env)
    assert refused.returncode == 2
    assert f"The database of {home} lay in {_place(home)}, and is not there." in refused.stderr
    hidden.rename(place)
    # Another folder's password does not belong to it.
    (home / "postgres.password").write_text("another")
    refused = run("up", env=env)
    assert refused.returncode == 2
    assert f"The database in {place} has another password than {home}/postgres.password" in refused.stderr
    shutil.rmtree(moved)
    forget(home)


@pytest.mark.exhaustive
@needs_root
def test_a_folder_of_before_the_file_is_found_by_its_path_and_else_named(bare: dict[str, str], closed_folder: Path) -> None:
    home = closed_folder / "of-before"
    home.mkdir()
    postgres = EmbeddedPostgres(home)
    postgres.start()
    postgres.stop()
    place = _place(home)
    old = place.with_name(hashlib.sha256(str(home).encode()).hexdigest()[:16])
    place.rename(old)
    (old / "home").unlink()
    (home / "database.json").unlink()
    moved = home.with_name("of-before-moved")
    home.rename(moved)
    refused = run("up", env={**bare, "ASSAY_HOME": str(moved), "ASSAY_PORT": str(free_port())})
    assert refused.returncode == 2
    assert str(old) in refused.stderr
    moved.rename(home)
    again = EmbeddedPostgres(home)
    again.start()
    again.stop()
    assert _place(home) == old
    forget(home)
    assert not old.exists()


def test_the_port_stays_though_a_client_was_connected(tmp_path: Path) -> None:
    """Connections that the server closed wind down for a minute and hold the address."""
    tmp_path.chmod(0o755)
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        accepted.close()
        client.close()
    postgres = EmbeddedPostgres(tmp_path / "home")
    (postgres.folder / "port").write_text(str(port))
    assert postgres._port() == port
    postgres.remove()


async def test_a_table_that_was_not_generated_is_never_replaced(closed_folder: Path) -> None:
    """Whatever the settings say of the database."""
    server = os.environ["ASSAY_TEST_URL"]
    admin = await asyncpg.connect(f"{server}/assay")
    name = f"theirs_{os.getpid()}"
    await admin.execute(f"CREATE DATABASE {name}")
    theirs = await asyncpg.connect(f"{server}/{name}")
    await theirs.execute("CREATE SCHEMA l3_asurion; CREATE TABLE l3_asurion.ev_claim (gold int)")
    await theirs.execute("INSERT INTO l3_asurion.ev_claim VALUES (5)")
    env = environment(closed_folder / name, CHECKOUT / "demo", free_port(), DATABASE_URL=f"{server}/{name}")
    try:
        refused = run_apart("up", env=env)
        assert refused.returncode == 2
        assert "l3_asurion.ev_claim is in this database already, and its rows were not generated by Assay" in refused.stderr
        assert await theirs.fetchval("SELECT gold FROM l3_asurion.ev_claim") == 5
        assert not await theirs.fetchval("SELECT count(*) FROM assay.seeding")
    finally:
        await theirs.close()
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()
        forget(closed_folder / name)


def test_a_user_without_a_name_is_told_and_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a container runs under a number of its own: PostgreSQL's `initdb` would fail and leave a folder behind."""
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)
    postgres = EmbeddedPostgres(tmp_path / "home")
    with pytest.raises(SetupFailed, match=r"^The user 54321 that runs Assay has no name") as told:
        postgres.start()
    postgres.stop()
    assert "DATABASE_URL" in (told.value.mend or "")
    assert not any((tmp_path / "home").rglob("PG_VERSION"))
