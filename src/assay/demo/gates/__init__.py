"""The twelve gates: whether the demonstration is ready, each checked against a system of its own, with its evidence kept.

A gate that cannot be checked here says so and is never green.
"""

import contextlib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from assay.demo.browser import NoBrowser, browser
from assay.demo.gates.answers import a_lost_backend_is_told, lakehouse_widget_answers, postgres_widget_is_quick
from assay.demo.gates.film import recording_shows_the_arc
from assay.demo.gates.page import sum_up
from assay.demo.gates.result import Bench, NotChecked, NotSo, Result, Status
from assay.demo.gates.screen import arc_twice_in_a_row, screen_agrees_with_the_api
from assay.demo.gates.sql import demo_metrics_have_sql, demo_sql_passes_the_gate, hostile_sql_is_refused
from assay.demo.gates.starting import backends_are_well, dictionary_is_whole, starts_cold_and_warm
from assay.demo.recorder import build_hash
from assay.demo.script import ScriptFile
from assay.demo.system import rehearsal
from assay.errors import AssayError, SetupFailed

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_log = logging.getLogger(__name__)
GATES: tuple[tuple[str, Callable[[Bench], str]], ...] = (
    ("make up, cold and warm", starts_cold_and_warm),
    ("Every configured backend is well", backends_are_well),
    ("The dictionary is whole, in structure and live", dictionary_is_whole),
    ("Dry-run SQL for the demo's metrics", demo_metrics_have_sql),
    ("That SQL passes the gate", demo_sql_passes_the_gate),
    ("Hostile SQL is refused, at the gate and through a model", hostile_sql_is_refused),
    ("A widget routed to the lakehouse answers, with provenance", lakehouse_widget_answers),
    ("A widget routed to PostgreSQL answers within 300 ms", postgres_widget_is_quick),
    ("The screen agrees with the API on every tile", screen_agrees_with_the_api),
    ("A backend is taken away, and comes back", a_lost_backend_is_told),
    ("The arc twice in a row", arc_twice_in_a_row),
    ("The recording plays and shows the arc", recording_shows_the_arc),
)


def numbers_of(only: str | None) -> tuple[int, ...]:
    """`3,4,5` as numbers of gates; all where nothing is said. Raises SetupFailed for what is none."""
    if only is None:
        return tuple(range(1, len(GATES) + 1))
    found = tuple(int(each) if each.strip().isdecimal() else 0 for each in only.split(","))
    if not all(1 <= each <= len(GATES) for each in found):
        raise SetupFailed(f"{only!r} names no gates.", mend=f"write numbers from 1 to {len(GATES)}, such as 3,4,5")
    return tuple(sorted(set(found)))


def check_gates(
    root: Path, script: ScriptFile, artifacts: Path, when: str, numbers: tuple[int, ...], tell: Callable[[str], None]
) -> tuple[list[Result], Path]:
    """The results, and the page that sums them up."""
    folder = artifacts / "gates" / when
    folder.mkdir(parents=True)
    results: list[Result] = []
    with contextlib.ExitStack() as opened, rehearsal(root) as system:
        started: list[Browser] = []

        def open_browser() -> "Browser":
            if not started:
                started.append(opened.enter_context(browser()))
            return started[0]

        for number in numbers:
            title, check = GATES[number - 1]
            bench = Bench(root, script, system, folder, artifacts, open_browser)
            result = _checked(number, title, check, bench)
            results.append(result)
            tell(f"{number:>3}  {result.status:<11}  {title}: {result.says}")
    build = build_hash(root)
    (folder / "gates.json").write_text(json.dumps([asdict(each) for each in results], indent=1) + "\n")
    page = folder / "index.html"
    page.write_text(sum_up(results, when, build))
    return results, page


def _checked(number: int, title: str, check: Callable[[Bench], str], bench: Bench) -> Result:
    started = time.monotonic()
    status: Status = "failed"
    try:
        says, status = check(bench), "passed"
    except (NotChecked, NoBrowser) as error:
        says, status = _sentence(error), "not checked"
    except NotSo as error:
        says = str(error)
    except AssayError as error:
        says = _sentence(error)
    except Exception as error:  # noqa: BLE001 the outermost loop: one gate's accident must not hide the others
        _log.exception("gate %s", number)
        says = f"an accident: {type(error).__name__}: {(str(error).strip().splitlines() or [''])[0]}"
    took = round(time.monotonic() - started, 1)
    return Result(number, title, status, says, bench.figures, bench.evidence, took)


def _sentence(error: Exception) -> str:
    mend = error.mend if isinstance(error, AssayError) else None
    said = error.detail if isinstance(error, AssayError) else str(error)
    return f"{said} ({mend})" if mend else said
