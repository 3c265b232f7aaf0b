"""The figures of two checkouts turn by turn, in one run: `python -m tests.bench.between CHECKOUT [CLAIMS] [WINDOWS]`.

CHECKOUT is the other one, with a `.venv` of its own; WINDOWS, in how many windows its code compares, where that is not two.
Each serves its own databases by its own code, on the same machine in the same minutes, and is asked by this one's.
"""

import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.__main__ import ROOT, overview_cold, uncached_over_http
from tests.bench.parity import ByHand, compare

_TURNS = 3
_WINDOWS = 2
"""The metric's own, and the one before."""
_STAND = """
import shutil, sys, tempfile
from pathlib import Path
from tests.bench.__main__ import DEMO, filled, question_to_sql, served
home = Path(tempfile.mkdtemp(prefix="assay-between-"))
home.chmod(0o755)
workspace = Path(shutil.copytree(DEMO, home / "workspace"))
(home / "bytes.json").write_bytes(b"{}")
try:
    with filled(home, int(sys.argv[1]) or None) as urls, served(home, workspace, urls) as url:
        print("=", *urls, url, home, flush=True)
        for _ in sys.stdin:
            print("=", *[measured for _, _, measured, _ in question_to_sql()], sep=" | ", flush=True)
finally:
    shutil.rmtree(home, ignore_errors=True)
"""


class Stand:
    """A checkout that serves."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.store_url, self.reader_url, self.url, home = self._said().split()
        self.home = Path(home)

    def _said(self) -> str:
        assert self._process.stdout
        for line in self._process.stdout:
            if line.startswith("="):
                return line[1:].strip()
        raise RuntimeError("the checkout does not serve")

    def compile_times(self) -> list[str]:
        """As its own benchmark has them, nothing of it running meanwhile."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return [each.strip() for each in self._said().strip("| ").split("|")]


@contextmanager
def stand(checkout: Path, claims: int) -> Iterator[Stand]:
    command = [str(checkout / ".venv" / "bin" / "python"), "-c", _STAND, str(claims)]
    process = subprocess.Popen(command, cwd=checkout, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Stand(process)
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait(120)


def compared(each: Stand, *, windows: int) -> str:
    """A comparison at all grains, in so many windows, against the same asked by hand."""
    grains = compare(each.url)[1]
    by_hand = ByHand(each.reader_url, each.home / "lakehouse.duckdb", grains)
    by_hand.turns(1)
    turns = [(compare(each.url)[0], by_hand.turns(2)[-1] * windows / _WINDOWS) for _ in range(5)]
    whole, own = (statistics.median(side) for side in zip(*turns, strict=True))
    return f"{whole / own:.2f}x ({whole:,.0f} ms; by hand {own:,.0f} ms)"


def main(other: Path, claims: int = 0, windows_before: int = _WINDOWS) -> None:
    with ExitStack() as open_:
        stands = {
            "before": open_.enter_context(stand(other, claims)), "now": open_.enter_context(stand(ROOT, claims)),
        }  # fmt: skip
        windows = {"before": windows_before, "now": _WINDOWS}

        def show(what: str, measure: Callable[[str, Stand], str]) -> None:
            for turn in range(_TURNS):
                for name, each in stands.items():
                    print(f"{what:<58} | {turn + 1} | {name:<6} | {measure(name, each)}", flush=True)

        show("question on Postgres over HTTP, not cached",
             lambda _, each: uncached_over_http(each.url, (each.store_url, each.reader_url))[2])  # fmt: skip
        show("whole overview, cold, one round trip", lambda _, each: overview_cold(each.url)[2])
        show("question -> judged SQL, first time | seen before", lambda _, each: " | ".join(each.compile_times()))
        show("compare a metric at all grains", lambda name, each: compared(each, windows=windows[name]))


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[2:]]
    main(Path(sys.argv[1]).resolve(), *numbers)
