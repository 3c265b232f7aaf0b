"""One filled home for all that only ask its server, one bare home for all that starts and ends."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from tests.process.assay import CHECKOUT, Up, assay_up, environment, forget, run

from assay.demo.system import free_port


@pytest.fixture(scope="session")
def closed_folder() -> Iterator[Path]:
    """As root's own folders are: PostgreSQL, which runs as another account, may not enter."""
    folder = Path(tempfile.mkdtemp(prefix="assay-process-"))
    assert folder.stat().st_mode & 0o777 == 0o700
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def filled(closed_folder: Path) -> Iterator[dict[str, str]]:
    """The environment of the demo workspace: filled at its first start, and kept from one file to the next."""
    shutil.copytree(CHECKOUT / "demo", closed_folder / "workspace")
    home = closed_folder / "home"
    yield environment(home, closed_folder / "workspace", free_port())
    forget(home)


@pytest.fixture(scope="module")
def demo(filled: dict[str, str], closed_folder: Path) -> Iterator[Up]:
    """The demo workspace served: one server for a file, whose tests may end it at the last."""
    with assay_up(filled, closed_folder / "demo.log") as up:
        yield up


@pytest.fixture(scope="session")
def bare(closed_folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a workspace whose tables nobody fills: it starts in a moment."""
    workspace = Path(shutil.copytree(CHECKOUT / "demo", closed_folder / "bare"))
    settings = workspace / "assay.yaml"
    settings.write_text("".join(line for line in settings.read_text().splitlines(True) if not line.startswith("seed:")))
    home = closed_folder / "bare-home"
    yield environment(home, workspace, free_port())
    forget(home)


@pytest.fixture(scope="session")
def stalls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace over a small file of DuckDB that nobody here designed."""
    folder = tmp_path_factory.mktemp("stalls")
    file = folder / "stalls.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE stall (stall_id INTEGER PRIMARY KEY, name VARCHAR, town VARCHAR)")
        connection.execute(
            "CREATE TABLE sale (sale_id INTEGER PRIMARY KEY, stall_id INTEGER REFERENCES stall (stall_id),"
            " sold_at TIMESTAMP, item VARCHAR, price DECIMAL(10,2), qty INTEGER)"
        )
        connection.execute("INSERT INTO stall SELECT i, 'Stall ' || i, ['Ulm', 'Graz'][i % 2 + 1] FROM range(6) AS r(i)")
        connection.execute(
            "INSERT INTO sale SELECT i, i % 6, now()::TIMESTAMP - to_hours((2 * i + 1)::INTEGER),"
            " ['tea', 'bun', 'fig'][i % 3 + 1], 1.5 + i % 7 * 0.25, 1 + i % 4 FROM range(600) AS r(i)"
        )
    env = environment(folder / "none", folder / "none", free_port())
    assert run("init", "--from", f"duckdb:///{file}", "--into", str(folder / "stalls"), env=env).returncode == 0
    return folder / "stalls"
