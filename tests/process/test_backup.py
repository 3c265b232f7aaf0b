"""A backup made while Assay serves, put back into empty folders: it answers, verifies, and is held until it is released."""

import json
import os
import shutil
import stat
import threading
from pathlib import Path

import pytest
from tests.process.assay import assay_up, environment, eventually, forget, run_apart

from assay.demo.system import free_port


def _widget(title: str) -> dict[str, object]:
    return {"widget": {"kind": "kpi", "title": title, "question": {"metrics": ["sales"]}}}


@pytest.mark.exhaustive
def test_a_backup_under_load_is_restored_elsewhere_and_answers_and_verifies(
    stalls: Path, closed_folder: Path, tmp_path: Path
) -> None:
    home, copy = closed_folder / "original", closed_folder / "copied"
    env = environment(home, stalls, free_port(), ASSAY_TOKEN="a-token-of-this-test")
    folder = tmp_path / "backup"
    signed = {"authorization": "Bearer a-token-of-this-test"}
    with assay_up(env, tmp_path / "up.log") as up:
        up.http.headers.update(signed)
        assert up.http.post("/v1/widgets", json=_widget("Before")).status_code == 201
        up.answer("sales")
        assert up.http.post("/v1/session", json={"token": "a-token-of-this-test"}).status_code == 204
        cookie = dict(up.http.cookies)
        done = threading.Event()
        made: list[str] = []

        def write() -> None:
            while not done.is_set():
                title = f"While {len(made)}"
                assert up.http.post("/v1/widgets", json=_widget(title)).status_code == 201
                up.answer("units_sold", grain="day", limit=1 + len(made) % 50)
                made.append(title)

        writing = threading.Thread(target=write)
        writing.start()
        eventually(lambda: len(made) > 3)
        before = len(made)
        backed = run_apart("backup", str(folder), env=env)
        done.set()
        writing.join()
        assert (backed.returncode, backed.stderr) == (0, "")
        assert "read back" in backed.stdout
        assert run_apart("backup", str(folder), env=env).stderr.startswith(f"{folder} is not empty.")
        total = up.answer("sales")
        version = total["provenance"]["data_version"]

    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.rglob("*")} == {0o600, 0o700}
    assert [each.name for each in (folder / "keys").iterdir()] == ["receipt.key"]
    key = (folder / "keys" / "receipt.key").read_text()
    data = [each for each in folder.rglob("*") if each.is_file() and each.parent.name != "keys"]
    assert not [each for each in data if key.encode() in each.read_bytes()]

    # On another machine: the keys were kept elsewhere, nothing of the original is there.
    vault = Path(shutil.move(folder / "keys", tmp_path / "vault"))
    aside = home.rename(closed_folder / "put-aside")
    workspace = tmp_path / "workspace"
    there = environment(copy, workspace, free_port(), ASSAY_TOKEN="a-token-of-this-test")
    lacking = run_apart("restore", str(folder), env=there)
    assert lacking.returncode == 2
    assert "receipt.key is missing or was changed: nothing was restored." in lacking.stderr
    assert not copy.exists()
    restored = run_apart("restore", str(folder), "--keys", str(vault), env=there)
    assert restored.returncode == 0, restored.stderr
    assert "until you run: assay release" in restored.stdout
    again = run_apart("restore", str(folder), "--keys", str(vault), env=there)
    assert again.returncode == 2
    assert "is not empty" in again.stderr
    with assay_up(there, tmp_path / "copy.log") as up:
        up.http.cookies.update(cookie)
        assert up.http.get("/v1/widgets").status_code == 401, "sessions end"
        up.http.headers.update(signed)
        titles = {each["label"] for each in up.http.get("/v1/widgets").json()["widgets"]}
        assert titles >= {"Before", *(f"While {number}" for number in range(before))}
        assert titles <= {"Before", *made}
        receipts = up.http.get("/v1/receipts?limit=200").json()["receipts"]
        assert len(receipts) >= 2
        for each in receipts:
            assert up.http.get(f"/v1/receipts/{each['receipt_id']}").json()["signature_valid"], each
        # The file is the same, and so is its version; nobody has to compare anything anew.
        assert up.answer("sales")["rows"] == total["rows"]
        assert up.answer("sales")["provenance"]["data_version"] == version
        problems = up.http.get("/v1/workspace").json()["problems"]
        assert any("restored copy" in each["message"] for each in problems)
        assert up.cli("release").returncode == 0
        eventually(lambda: not any("restored copy" in p["message"] for p in up.http.get("/v1/workspace").json()["problems"]))
        assert up.cli("release").returncode == 1
    forget(copy)
    aside.rename(home)
    forget(home)


@pytest.mark.exhaustive
def test_a_backup_that_was_changed_is_not_restored(stalls: Path, closed_folder: Path, tmp_path: Path) -> None:
    """Made with no server running, of a home that was started once."""
    home = closed_folder / "stopped"
    env = environment(home, stalls, free_port())
    with assay_up(env, tmp_path / "up.log"):
        pass
    folder = tmp_path / "backup"
    assert run_apart("backup", str(folder), env=env).returncode == 0
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["tables"]["assay.epoch"] == 1
    dump = folder / "data" / "state.dump"
    dump.write_bytes(dump.read_bytes()[:-100] + os.urandom(100))
    empty = environment(closed_folder / "empty", stalls, free_port())
    refused = run_apart("restore", str(folder), env=empty)
    assert refused.returncode == 2
    assert f"{dump} is missing or was changed: nothing was restored." in refused.stderr
    assert not (closed_folder / "empty").exists()
    forget(home)
