"""Read the golden set and print the score by class: `python -m tests.eval [-v] [class]`.

The demo is served at the moment of the tests (17 March 2026), its values read through the corridor; the workspaces of other
fields (`workspaces/`) bring their values along, and their names are classes too. With `ASSAY_LLM` set,
the set is read once more by the words and that model together. The exit code is 1 where anything was read wrongly without
a question, or the words read less than 95 % exactly.
"""

import asyncio
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from assay.store.embedded import EmbeddedPostgres
from assay.widgets.words.reader import Reader
from assay.widgets.words.values import LivingReader
from tests import conftest
from tests.eval.cases import Case, Result, load_cases, read
from tests.eval.fields import FIELDS, field_reader
from tests.eval.model import configured_models, run_with_model

_LEAST = 0.95


def _new_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="assay-eval-"))
    folder.chmod(0o755)
    return folder


@asynccontextmanager
async def demo_reader() -> AsyncIterator[Reader]:
    """The reader of a demo that runs for as long as this lasts, on the engines of the tests if those run already."""
    folder = _new_folder()
    postgres = None
    try:
        if conftest._URL not in os.environ:
            postgres = EmbeddedPostgres(folder)
            await asyncio.to_thread(postgres.start)
            template, _ = postgres.url.rsplit("/", 1)
            await conftest._fill(postgres.url, template + "/template_demo", folder / "lakehouse.duckdb")
            os.environ[conftest._URL], os.environ[conftest._LAKE] = template, str(folder / "lakehouse.duckdb")
        shutil.copytree(conftest.DEMO, folder / "workspace")
        lake = Path(os.environ[conftest._LAKE])
        async with (
            conftest.cloned_database() as url,
            conftest.open_house(url, folder / "workspace", lake, folder / "home") as house,
        ):
            yield await LivingReader(house.running.corridor).reader()
    finally:
        if postgres is not None:
            postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def run(reader: Reader, cases: list[Case]) -> list[Result]:
    for case in cases[:20]:  # the first readings build what is kept
        read(reader, case)
    found: list[Result] = []
    for case in cases:
        before = time.perf_counter()
        reading = read(reader, case)
        found.append(Result(case, reading, (time.perf_counter() - before) * 1e3))
    return found


def report(results: list[Result], *, verbose: bool) -> int:
    groups = list(dict.fromkeys(each.case.group for each in results))
    print(f"{'class':<16}{'requests':>9}{'exact':>7}{'%':>8}{'wrong without a question':>27}")
    for group in (*groups, None):
        own = [each for each in results if group in (None, each.case.group)]
        exact, wrong = sum(each.exact for each in own), sum(each.is_silently_wrong for each in own)
        print(f"{group or 'all':<16}{len(own):>9}{exact:>7}{100 * exact / len(own):>8.1f}{wrong:>27}")
    spent = sorted(each.milliseconds for each in results)
    print(f"a reading takes p50 {statistics.median(spent):.1f} ms, p95 {spent[int(len(spent) * 0.95)]:.1f} ms")
    if verbose:
        for each in results:
            if not each.exact:
                print(_told(each))
    exact, wrong = sum(each.exact for each in results), sum(each.is_silently_wrong for each in results)
    return int(wrong > 0 or exact < _LEAST * len(results))


def _told(each: Result) -> str:
    body = each.reading.body()
    seen = {name: body[name] for name in ("spec", "questions", "code", "reason") if body[name]}
    mark = "WRONG " if each.is_silently_wrong else ""
    wanted = each.case.spec or each.case.ask or each.case.refuse
    return f"\n{mark}[{each.case.group}] {each.case.words[:120]!r}\n   wanted {wanted}\n   got    {seen}"


async def main() -> int:
    names = [each for each in sys.argv[1:] if not each.startswith("-")]
    group, verbose = names[0] if names else None, "-v" in sys.argv
    results = [each for path in FIELDS if group in (None, path.stem) for each in run(*field_reader(path))]
    if group in {path.stem for path in FIELDS}:
        return report(results, verbose=verbose)
    async with demo_reader() as reader:
        results = [*run(reader, load_cases(group)), *results]
        code = report(results, verbose=verbose)
        for model in configured_models():
            print(f"\nthe words and {model}")
            results, unheard = await run_with_model(reader, model, load_cases(group))
            # A question more is no failure of the reader's; a wrong widget is one, whoever read it.
            code = max(code, int(any(each.is_silently_wrong for each in results)))
            report(results, verbose=verbose)
            for reason, times in unheard.most_common():
                print(f"  {times} times the model had no say: {reason}")
        return code


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
