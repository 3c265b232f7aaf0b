"""Whether the suite finds anything: faults put into a copy of the compiler, one at a time, each to be found within minutes.

    python -m tests.truth.mutants [NAME ...]

A mutant is a piece of the source and what stands there instead. Exit code 1 where one is not found.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 300


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str


MUTANTS: tuple[Mutant, ...] = ()


def is_found(mutant: Mutant) -> tuple[bool, str]:
    with tempfile.TemporaryDirectory(prefix="assay-mutant-") as folder:
        source = Path(
            shutil.copytree(ROOT / "src" / "assay", Path(folder) / "assay", ignore=shutil.ignore_patterns("static"))
        )
        file = source / mutant.file
        text = file.read_text()
        assert text.count(mutant.old) == 1, (
            f"{mutant.name}: {mutant.file} holds {mutant.old!r} {text.count(mutant.old)} times"
        )
        file.write_text(text.replace(mutant.old, mutant.new))
        around = {**os.environ, "PYTHONPATH": folder, "SECONDS": str(SECONDS), "SEED": "1", "UNTIL_ONE": "1"}
        done = subprocess.run([sys.executable, "-m", "tests.truth"], cwd=ROOT, env=around, capture_output=True, text=True)
    return done.returncode == 1 and "SEED=" in done.stdout, done.stdout or done.stderr[-2000:]


def main() -> int:
    chosen = [each for each in MUTANTS if not sys.argv[1:] or each.name in sys.argv[1:]]
    missed = []
    for mutant in chosen:
        started = time.monotonic()
        found, said = is_found(mutant)
        print(f"{'found ' if found else 'MISSED'} {time.monotonic() - started:5.0f} s  {mutant.name}", flush=True)
        if not found:
            missed.append(mutant.name)
            print(said)
    print(f"{len(chosen) - len(missed)} of {len(chosen)} mutants found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
