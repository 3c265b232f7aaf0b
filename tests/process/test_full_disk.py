"""The disk fills up while Assay serves: it says so, answers go on, what was taken is there when there is room again."""

import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.process.assay import (
    Up,
    assay_up,
    environment,
    eventually,
    forget,
    needs_root_to_mount,
    small_disk,
)  # fmt: skip

from assay.demo.system import free_port

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
Fill = Callable[[Up], None]


def _family(pid: int) -> list[int]:
    """A process and all that it has started."""
    found = [pid]
    for each in found:
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return found


def _let_write(up: Up, most: int) -> None:
    """No process of it writes beyond so many bytes of a file: the kernel refuses the call, as it does on a full disk."""
    for pid in _family(up.process.pid):
        with suppress(PermissionError):  # another account's: root's PostgreSQL, where root may not do everything
            hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))


@contextmanager
def _full_by_limit(folder: Path) -> Iterator[tuple[Path, Fill, Fill]]:
    yield folder / "home", lambda up: _let_write(up, 0), lambda up: _let_write(up, resource.RLIM_INFINITY)
    forget(folder / "home")


@contextmanager
def _full_by_mount(folder: Path) -> Iterator[tuple[Path, Fill, Fill]]:
    place = Path("/tmp") / f"assay-full-{os.getpid()}"
    try:
        with small_disk(place, "size=220m,mode=755") as disk:

            def fill(_: Up) -> None:
                with (disk / "ballast").open("ab", buffering=0) as ballast:
                    for piece in (1 << 20, 1 << 10, 1):
                        try:
                            while ballast.write(b"x" * piece) == piece:
                                pass
                        except OSError:
                            continue

            yield disk / "home", fill, lambda _: (disk / "ballast").unlink()
    finally:
        place.rmdir()


FULL = {"a mount": _full_by_mount, "a limit": _full_by_limit}


@pytest.mark.exhaustive
@pytest.mark.parametrize("how", [pytest.param("a mount", marks=needs_root_to_mount), "a limit"])
def test_a_disk_that_fills_up_is_told_and_costs_nothing_that_was_taken(
    stalls: Path, closed_folder: Path, tmp_path: Path, how: str
) -> None:
    with FULL[how](closed_folder) as (home, fill, free):
        env = environment(home, stalls, free_port())
        taken: list[str] = []
        receipts: list[str] = []

        def ask(up: Up) -> dict[str, Any]:
            """A question that nobody asked before."""
            found = up.answer("units_sold", grain="day", limit=1 + len(receipts))
            receipts.append(found["provenance"]["receipt_id"])
            return found

        def keep(up: Up) -> int:
            title = f"kept {len(taken)}"
            widget = {"kind": "kpi", "title": title, "question": {"metrics": ["sales"]}}
            reply = up.http.post("/v1/widgets", json={"widget": widget})
            if reply.status_code == 201:
                taken.append(title)
            else:
                assert (reply.status_code, reply.json()["kind"]) == (503, "store_unavailable"), reply.text
            return reply.status_code

        def ready(up: Up) -> bool:
            return up.http.get("/ready").status_code == 200

        with assay_up(env, tmp_path / "up.log") as up:
            assert keep(up) == 201
            total = up.answer("units_sold")["rows"]
            for _ in range(2):
                fill(up)
                eventually(lambda: not ready(up))
                for _ in range(5):
                    assert ask(up)["rows"]
                    assert up.answer("units_sold")["rows"] == total
                    keep(up)
                assert up.http.get("/v1/workspace").status_code == 200
                free(up)
                eventually(lambda: ready(up))
                eventually(lambda: keep(up) == 201)
            if how == "a mount":  # a limit holds for what it prints as well
                # And it ends while the disk is full, with what was taken written by then.
                fill(up)
                eventually(lambda: not ready(up))
            assert up.end(signal.SIGTERM) == 0
            if how == "a mount":
                free(up)
        with assay_up(env, tmp_path / "again.log") as up:
            labels = [each["label"] for each in up.http.get("/v1/widgets").json()["widgets"]]
            assert sorted(labels) == sorted(taken)
            missing = [each for each in receipts if up.http.get(f"/v1/receipts/{each}").status_code != 200]
            assert missing == []
