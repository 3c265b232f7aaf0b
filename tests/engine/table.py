"""The table of `docs/engines.md`: what a run of the pinned meanings has to say of each engine, word for word."""

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "engines.md"
_HEAD = "| meaning | "
ANSWERED, REFUSED, BOTH = "equal", "refused", "equal, but for what is refused"


@cache
def table() -> dict[str, dict[str, str]]:
    """Name of the test -> engine -> what the page says."""
    lines = PAGE.read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(_HEAD))
    _, *engines = _cells(lines[start])
    found: dict[str, dict[str, str]] = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        meaning, *cells = _cells(line)
        found["test_" + meaning.replace(" ", "_")] = dict(zip(engines, cells, strict=True))
    return found


def _cells(line: str) -> list[str]:
    return [each.strip() for each in line.strip("|").split("|")]


class Told:
    """What the tests of one run have heard from the engines."""

    def __init__(self) -> None:
        self._heard: dict[str, dict[str, set[str]]] = {}

    def note(self, engines: Iterable[str], word: str) -> None:
        test = os.environ["PYTEST_CURRENT_TEST"].partition("::")[2].split("[")[0].split(" ")[0]
        for engine in engines if test in table() else ():
            self._heard.setdefault(test, {}).setdefault(engine, set()).add(word)

    def contradicts(self) -> list[str]:
        """Where the page says something else; nothing is said of tests that did not run."""
        engines = {engine for heard in self._heard.values() for engine in heard}
        found: list[str] = []
        for test, heard in self._heard.items():
            for engine in sorted(engines):
                words = heard.get(engine, set())
                said = BOTH if len(words) == 2 else next(iter(words), "nothing")
                if table()[test].get(engine) != said:
                    found.append(f"{test} on {engine}: {said}, and the page says {table()[test].get(engine)}")
        return found
