"""The arc, played in a real browser from the script: each step is done, seen, and measured against its budget."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from assay.demo.script import Act, Place, Scene, ScriptFile, Step
from assay.demo.system import Rehearsal
from assay.errors import AssayError, SetupFailed

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

_PATIENCE_MS = 30_000
"""How long a thing may take to come before the step counts as failed; its budget is judged apart from that."""


class Stage(Protocol):
    """What is added for an audience: nothing where only the time counts."""

    def caption(self, words: str) -> None: ...
    def terminal(self, line: str, printed: str) -> None: ...
    def editor(self, file: str, before: str, after: str) -> None: ...
    def point(self, at: "Locator") -> None: ...
    def clear(self) -> None: ...
    def hold(self, seconds: float) -> None: ...
    def write(self, into: "Locator", words: str) -> None: ...


class Bare:
    """Nobody looks on."""

    def caption(self, words: str) -> None: ...
    def terminal(self, line: str, printed: str) -> None: ...
    def editor(self, file: str, before: str, after: str) -> None: ...
    def point(self, at: "Locator") -> None: ...
    def clear(self) -> None: ...
    def hold(self, seconds: float) -> None: ...

    def write(self, into: "Locator", words: str) -> None:
        into.fill(words)


@dataclass(frozen=True)
class StepResult:
    scene: str
    step: int
    say: str
    took_ms: int
    budget_ms: int
    failure: str | None

    @property
    def within_budget(self) -> bool:
        return self.took_ms <= self.budget_ms


@dataclass
class Played:
    """How one time through the script went."""

    steps: list[StepResult] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """What the page said on its console as an error."""

    @property
    def failures(self) -> list[str]:
        broken = [f"{each.scene} {each.step}: {each.failure}" for each in self.steps if each.failure]
        slow = [
            f"{each.scene} {each.step} took {each.took_ms} ms of {each.budget_ms}"
            for each in self.steps if not each.failure and not each.within_budget
        ]  # fmt: skip
        return broken + slow + [f"the page complained: {each}" for each in self.complaints]

    @property
    def is_clean(self) -> bool:
        return not self.failures


class Player:
    """Plays the script's scenes on a page, against a system."""

    def __init__(self, script: ScriptFile, system: Rehearsal, page: "Page", stage: Stage, shots: Path | None = None) -> None:
        self._script, self._system, self._page, self._stage, self._shots = script, system, page, stage, shots
        self._kept: dict[str, str] = {}
        self.played = Played()
        page.on("pageerror", lambda error: self.played.complaints.append(str(error)))

    def play(self, on_scene: Callable[[Scene], None] = lambda _: None) -> Played:
        """All scenes; it ends at the first step that fails, because those after it build on it."""
        for scene in self._script.scenes:
            on_scene(scene)
            for number, step in enumerate(scene.steps, 1):
                result = self._step(scene, number, step)
                self.played.steps.append(result)
                if self._shots is not None:
                    self._page.screenshot(path=self._shots / f"{len(self.played.steps):02}-{scene.id}-{number}.png")
                if result.failure:
                    return self.played
        return self.played

    def _step(self, scene: Scene, number: int, step: Step) -> StepResult:
        from playwright.sync_api import Error

        failure: str | None = None
        self._stage.caption(step.say)
        started = time.monotonic()
        act: Act | None = None
        try:
            for act in step.act:
                _DOING[act.verb](self, getattr(act, act.verb))
        except (Error, AssayError, AssertionError) as error:
            said = error.detail if isinstance(error, AssayError) else str(error).strip().splitlines()[0]
            failure = f"{act.verb if act else 'step'}: {said}"
        took = round((time.monotonic() - started) * 1e3)
        if not failure:
            self._stage.hold(step.hold_seconds)
        self._stage.clear()
        return StepResult(scene.id, number, step.say, took, step.budget_ms, failure)

    def find(self, place: Place) -> "Locator":
        return _found(self._page if place.inside is None else self.find(place.inside), place)

    # -- the verbs -------------------------------------------------------------------------------------

    def _go(self, address: str) -> None:
        self._page.goto(self._system.url + address)

    def _click(self, place: Place) -> None:
        found = self.find(place)
        self._await(place)
        self._stage.point(found)
        found.click(timeout=_PATIENCE_MS)

    def _fill(self, filled: Any) -> None:
        found = self.find(filled.into)
        self._await(filled.into)
        self._stage.point(found)
        self._stage.write(found, filled.words)

    def _press(self, key: str) -> None:
        self._page.keyboard.press(key)

    def _await(self, place: Place) -> None:
        from playwright.sync_api import TimeoutError as TooLate

        try:
            self.find(place).wait_for(state="visible", timeout=_PATIENCE_MS)
        except TooLate as error:
            raise SetupFailed(f"{place.words()} did not come within {_PATIENCE_MS // 1000} s") from error

    def _gone(self, place: Place) -> None:
        from playwright.sync_api import TimeoutError as TooLate

        try:
            self.find(place).wait_for(state="hidden", timeout=_PATIENCE_MS)
        except TooLate as error:
            raise SetupFailed(f"{place.words()} is still there after {_PATIENCE_MS // 1000} s") from error

    def _reveal(self, place: Place) -> None:
        self._await(place)
        found = self.find(place)
        found.scroll_into_view_if_needed()
        self._stage.point(found)

    def _keep(self, kept: Any) -> None:
        self._await(kept.of)
        self._kept[kept.as_] = _read(self.find(kept.of))

    def _same(self, kept: Any) -> None:
        self._await(kept.of)
        now = _read(self.find(kept.of))
        if now != self._kept.get(kept.as_):
            raise SetupFailed(f"{kept.as_} was {self._kept.get(kept.as_)!r} and is {now!r}")

    def _run(self, line: str) -> None:
        self._stage.terminal(line, "")
        done = self._system.command(line)
        # 1 is an answer: "no".
        if done.returncode not in (0, 1):
            raise SetupFailed(f"{line} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        self._stage.terminal(line, done.stdout.strip())

    def _edit(self, edit: Any) -> None:
        before, after = self._system.edit_route(edit.metric, edit.backend)
        self._stage.editor("config/metric_routing.yaml", before, after)


_DOING: dict[str, Callable[[Player, Any], None]] = {
    "go": Player._go, "click": Player._click, "fill": Player._fill, "press": Player._press, "see": Player._await,
    "gone": Player._gone, "reveal": Player._reveal, "keep": Player._keep, "same": Player._same, "run": Player._run,
    "edit": Player._edit,
}  # fmt: skip


def _found(within: "Page | Locator", place: Place) -> "Locator":
    text = _pattern(place.text)
    if place.role is None:
        assert text is not None, "a place has a role or a text"
        return within.get_by_text(text).nth(place.nth)
    name = _pattern(place.name)
    found = within.get_by_role(place.role, name=name) if name is not None else within.get_by_role(place.role)  # pyright: ignore[reportArgumentType]
    return (found.filter(has_text=text) if text is not None else found).nth(place.nth)


def _read(found: "Locator") -> str:
    """What it says; a figure that is shortened for the eye says the whole of it in its title."""
    return found.get_attribute("title") or found.inner_text().strip()


def _pattern(said: str | None) -> "str | re.Pattern[str] | None":
    if said is not None and len(said) > 2 and said.startswith("/") and said.endswith("/"):
        return re.compile(said[1:-1], re.IGNORECASE)
    return said


def dry_run(script: ScriptFile, system: Rehearsal, times: int, shots: Path) -> list[Played]:
    """Play it so many times in a row. What each time left behind is put back by the system itself, by nobody's hand."""
    from assay.demo.browser import browser, open_page

    played: list[Played] = []
    with browser() as started:
        for number in range(1, times + 1):
            system.put_back()
            folder = shots / f"time-{number}"
            folder.mkdir(parents=True, exist_ok=True)
            page = open_page(started, color_scheme="light")
            played.append(Player(script, system, page, Bare(), folder).play())
            page.context.close()
    system.put_back()
    return played
