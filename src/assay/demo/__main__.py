"""`python -m assay.demo`: fill a workspace's tables with generated data, in a process of its own.

Takes the same environment as `assay up`. With `--again` the tables are made anew whatever was decided since; with
`--warehouse` it fills the Databricks warehouse of the workspace and nothing else.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import asyncpg
import duckdb

from assay.backends.protocol import NotConfigured
from assay.backends.registry import Surroundings, open_backend
from assay.catalog.workspace import load_workspace
from assay.demo.seed import Plan, loaded_anchor
from assay.demo.settling import settle
from assay.demo.warehouse import seed_warehouse
from assay.engines.databricks.driver import DatabricksBackend
from assay.errors import AssayError, BackendNotConfigured, SetupFailed
from assay.settings import read_settings


def main() -> int:
    parser = argparse.ArgumentParser(prog="assay.demo", description=__doc__)
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--again", action="store_true", help="make the tables anew, with the figures of today")
    kind.add_argument("--warehouse", action="store_true", help="fill the Databricks warehouse")
    parser.add_argument("--claims", type=int, default=None, help="how many claims; the figures at rest stay the same")
    given = parser.parse_args()
    try:
        asyncio.run(_fill_warehouses(given.claims) if given.warehouse else _fill(given.claims, again=given.again))
    except AssayError as error:
        print(f"{error.detail} {error.mend or ''}", file=sys.stderr)
        return 2
    except (asyncpg.PostgresError, duckdb.Error, OSError) as error:
        print(f"{(str(error).splitlines() or [type(error).__name__])[0]}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _tell(backend: str) -> Callable[[str, int, int], None]:
    """One line that moves on a terminal; elsewhere a line for each kind of step."""
    started, kinds = time.monotonic(), set[str]()

    def tell(what: str, done: int, of: int) -> None:
        line = f"  {backend:<10} {done:>3}/{of}  {what:<32} {time.monotonic() - started:5.1f} s"
        kind = what.partition(" ")[0]
        if sys.stdout.isatty():
            print(f"\r{line}", end="\n" if done == of else "", flush=True)
        elif kind not in kinds:
            kinds.add(kind)
            print(line, flush=True)

    return tell


async def _fill(claims: int | None, *, again: bool) -> None:
    settings = read_settings()
    assert settings.database_url, "the caller names the database"
    workspace = load_workspace(settings.workspace)
    if workspace.seed is None:
        raise SetupFailed(f"{workspace.name} is not filled with generated data.", mend="choose another ASSAY_WORKSPACE")
    await settle(settings.database_url, workspace, settings.home, claims, _tell, again=again)


async def _fill_warehouses(claims: int | None) -> None:
    settings = read_settings()
    workspace = load_workspace(settings.workspace)
    if workspace.seed != "demo":
        raise SetupFailed(f"{workspace.name} is not filled with generated data.", mend="choose another ASSAY_WORKSPACE")
    # Without a lakehouse the full hour, so that a filling that was cut off is taken up by the next one.
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    anchor = next(filter(None, (loaded_anchor(each.file_in(settings.home)) for each in workspace.lakes)), hour)
    plan = Plan(workspace.dictionary, anchor, workspace.timezone, claims)
    found = [each for each in workspace.backends.values() if each.driver == "databricks"]
    if not found:
        raise SetupFailed("assay.yaml names no backend of the driver databricks.")
    for each in found:
        backend = open_backend(each, Surroundings("", "", settings.home))
        if isinstance(backend, NotConfigured):
            raise BackendNotConfigured(f"Backend {each.name!r} is not configured: {backend.reason}.")
        assert isinstance(backend, DatabricksBackend), "its driver says so"
        print(f"Filling {each.name} with the figures of {anchor.isoformat(sep=' ')}", flush=True)
        try:
            await seed_warehouse(backend, plan, lambda line: print(line, flush=True))
        finally:
            await backend.close()


if __name__ == "__main__":
    sys.exit(main())
