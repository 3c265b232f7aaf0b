"""The film: the arc played before a camera, with captions and a visible cursor, written as an MP4 with chapters.

Chromium hands over each frame that it paints; ffmpeg joins them at the moments at which they were painted.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.demo.arc import Played, Player
from assay.demo.browser import MAGNIFIED, open_page
from assay.demo.script import Scene, ScriptFile
from assay.demo.system import CHECKOUT, Rehearsal
from assay.errors import SetupFailed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Locator, Page

WIDTH, HEIGHT = 1920, 1080
_FRAMES_A_SECOND = 25
_TITLE_SECONDS = 3.0
_LINES_SHOWN = 9
_LONGEST_WAIT_SECONDS = 2.0
"""So long the film waits for a command; what it took beyond that is cut out, and the command's own words tell it."""
_TOOLS = ("ffmpeg", "ffprobe")


class NoFilm(SetupFailed):
    """The film cannot be made here."""


@dataclass(frozen=True)
class Chapter:
    scene: str
    title: str
    starts: float
    """Seconds from the beginning."""
    ends: float


@dataclass(frozen=True)
class Film:
    """What `demo.json` says of `demo.mp4`."""

    file: str
    title: str
    build: str
    recorded_at: str
    seconds: float
    chapters: tuple[Chapter, ...]
    captions: tuple[tuple[float, str], ...]
    cut_seconds: float
    """So much waiting for commands was left out."""


def need_tools() -> None:
    """Raises NoFilm with what to install."""
    missing = [name for name in _TOOLS if shutil.which(name) is None]
    if missing:
        raise NoFilm(f"{' and '.join(missing)} cannot be found.", mend="apt-get install ffmpeg (or brew install ffmpeg)")


def build_hash(workspace: Path) -> str:
    """Of all that a film of this workspace shows: the product's code, the page's sources and the workspace's files."""
    package = Path(__file__).parents[1]
    page = CHECKOUT / "frontend" / "src"
    roots = (package, page if page.is_dir() else package / "web" / "static", workspace)
    digest = hashlib.sha256()
    for number, root in enumerate(roots):
        for file in sorted(root.rglob("*")):
            place = file.relative_to(root)
            is_made = any(part.startswith(".") or part in ("__pycache__", "static") for part in place.parts)
            if file.is_file() and (number == 1 or not is_made):
                digest.update(f"{number} {place} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:24]


class Camera:
    """Takes every frame that the page paints, with the moment of it, for as long as the block runs."""

    def __init__(self, page: "Page", folder: Path) -> None:
        self._folder = folder
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._is_on = False
        self.frames: list[tuple[float, Path]] = []

    def __enter__(self) -> "Camera":
        self._is_on = True
        self._session.on("Page.screencastFrame", self._take)
        self._session.send("Page.startScreencast", {"format": "jpeg", "quality": 92, "maxWidth": WIDTH, "maxHeight": HEIGHT})
        return self

    def _take(self, frame: dict[str, Any]) -> None:
        if not self._is_on:
            return  # it was on its way already: its folder, and soon its page, are gone
        file = self._folder / f"{len(self.frames):06}.jpg"
        file.write_bytes(base64.b64decode(frame["data"]))
        self.frames.append((float(frame["metadata"]["timestamp"]), file))
        from playwright.sync_api import Error

        try:
            self._session.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})
        except Error:
            if self._is_on:  # else the page was closed before Chromium had taken note
                raise

    def __exit__(self, *_: object) -> None:
        self._is_on = False
        self._session.remove_listener("Page.screencastFrame", self._take)
        self._session.send("Page.stopScreencast")


@dataclass
class Clock:
    """The film's own time: seconds from its beginning, without what was cut out."""

    began: float
    waits: list[tuple[float, float]] = field(default_factory=list)

    def at(self, moment: float) -> float:
        gone = sum(max(0.0, min(moment, end) - start - _LONGEST_WAIT_SECONDS) for start, end in self.waits)
        return max(0.0, moment - self.began - gone)


class Audience:
    """The stage of a film: captions, a terminal, an editor, a cursor that travels, and time to read."""

    def __init__(self, page: "Page") -> None:
        self._page = page
        self._caption, self._card = "", None
        self.captions: list[tuple[float, str]] = []
        self.waits: list[tuple[float, float]] = []
        self._waits_since = 0.0
        page.add_init_script(path=str(Path(__file__).with_name("stage.js")))
        page.on("domcontentloaded", lambda _: self._put())

    def caption(self, words: str) -> None:
        self._caption = words
        self.captions.append((time.time(), words))
        self._put()

    def terminal(self, line: str, printed: str) -> None:
        if printed:
            self.waits.append((self._waits_since, time.time()))
        lines: list[tuple[str, str]] = [(f"$ {line}", "#ffffff")]
        said = printed.splitlines()
        lines += [(each[:104], "#a9c7a0") for each in said[:_LINES_SHOWN]]
        if len(said) > _LINES_SHOWN:
            lines.append((f"… {len(said) - _LINES_SHOWN} more lines", "#93a1b1"))
        self._show_card("Terminal", lines, 1.6 if printed else 0.6)
        self._waits_since = time.time()

    def editor(self, file: str, before: str, after: str) -> None:
        self._show_card(file, [(f"- {before}", "#e39a94"), (f"+ {after}", "#9fd6a5")], 2.2)

    def _show_card(self, title: str, lines: list[tuple[str, str]], seconds: float) -> None:
        self._card = (title, lines)
        self._put()
        self.hold(seconds)
        if title != "Terminal" or len(lines) > 1:
            self._card = None
            self._put()

    def clear(self) -> None:
        self._card = None
        self._put()

    def point(self, at: "Locator") -> None:
        at.scroll_into_view_if_needed()
        box = at.bounding_box()
        if box:
            # Not farther in than a line's height from the left: wide things are pointed at where they begin.
            self._page.mouse.move(box["x"] + min(box["width"] / 2, 120), box["y"] + box["height"] / 2, steps=12)
            self.hold(0.35)

    def write(self, into: "Locator", words: str) -> None:
        into.click()
        into.press_sequentially(words, delay=28)
        self.hold(0.4)

    def hold(self, seconds: float) -> None:
        self._page.wait_for_timeout(seconds * 1_000)

    def _put(self) -> None:
        title, lines = self._card if self._card else (None, [])
        self._page.evaluate(
            "([words, title, lines]) => { const stage = window.__assayStage; if (stage) { stage.caption(words);"
            " stage.card(title, lines); } }",
            [self._caption, title, lines],
        )


def record(script: ScriptFile, system: Rehearsal, started: "Browser", into: Path, build: str) -> tuple[Film, Played]:
    """Play the arc and write `demo.mp4` and `demo.json` into a folder. Raises NoFilm where a step fails."""
    need_tools()
    into.mkdir(parents=True, exist_ok=True)
    scenes: list[tuple[float, Scene]] = []
    with tempfile.TemporaryDirectory(prefix="assay-film-") as name:
        folder = Path(name)
        page = open_page(
            # A page of 1440 by 810, painted large: the back row reads it too.
            started, round(WIDTH / MAGNIFIED), round(HEIGHT / MAGNIFIED), color_scheme="light", device_scale_factor=MAGNIFIED
        )  # fmt: skip
        audience = Audience(page)
        page.goto(system.url)
        page.locator("article [data-state]").first.wait_for()
        with Camera(page, folder) as camera:
            began = time.time()
            audience.caption(script.title)
            audience.hold(_TITLE_SECONDS)
            player = Player(script, system, page, audience)
            played = player.play(lambda scene: scenes.append((time.time(), scene)))
            audience.caption("")
            audience.hold(0.5)
            ended = time.time()
        if any(each.failure for each in played.steps):
            raise NoFilm(f"The film was broken off: {played.failures[0]}", mend="run assay demo dry-run and see")
        clock = Clock(began, audience.waits)
        seconds = clock.at(ended)
        film = Film(
            "demo.mp4", script.title, build, datetime.now(UTC).isoformat(timespec="seconds"), round(seconds, 2),
            tuple(_chapters([(clock.at(at), scene) for at, scene in scenes], seconds)),
            tuple((round(clock.at(at), 2), words) for at, words in audience.captions if words),
            round(ended - began - seconds, 2),
        )  # fmt: skip
        # They arrive in nearly the order in which they were painted.
        frames = [(clock.at(at), file) for at, file in sorted(camera.frames) if at <= ended]
        _join(frames, film, folder, into / film.file)
    (into / "demo.json").write_text(json.dumps(asdict(film), indent=1) + "\n")
    return film, played


def _chapters(scenes: list[tuple[float, Scene]], seconds: float) -> Iterable[Chapter]:
    ends = [at for at, _ in scenes[1:]] + [seconds]
    for number, ((at, scene), end) in enumerate(zip(scenes, ends, strict=True)):
        # The title belongs to the first: chapters leave no gap.
        yield Chapter(scene.id, scene.title, 0.0 if number == 0 else round(at, 2), round(end, 2))


def _join(frames: list[tuple[float, Path]], film: Film, folder: Path, target: Path) -> None:
    if not frames:
        raise NoFilm("Chromium painted no frame.", mend="try again on a machine that is less busy")
    ends = [at for at, _ in frames[1:]] + [film.seconds]
    listed = ["ffconcat version 1.0"]
    for (at, file), end in zip(frames, ends, strict=True):
        listed += [f"file {file.name}", f"duration {max(end - at, 0.001):.4f}"]
    # The last one is named again: its duration counts only so.
    listed.append(f"file {frames[-1][1].name}")
    (folder / "frames.ffconcat").write_text("\n".join(listed) + "\n")
    (folder / "chapters.txt").write_text(_metadata(film))
    fresh = target.with_suffix(".new.mp4")
    _run(
        "ffmpeg", "-hide_banner", "-loglevel", "error", "-y", "-f", "concat", "-safe", "0", "-i",
        str(folder / "frames.ffconcat"), "-i", str(folder / "chapters.txt"), "-map", "0:v", "-map_metadata", "1",
        "-vf", f"scale={WIDTH}:{HEIGHT}:out_range=tv:out_color_matrix=bt709,format=yuv420p,fps={_FRAMES_A_SECOND}",
        "-c:v", "libx264", "-preset", "superfast", "-crf", "21", "-colorspace", "bt709", "-color_range", "tv",
        "-t", f"{film.seconds:.3f}", "-movflags", "+faststart", str(fresh),
    )  # fmt: skip
    fresh.replace(target)


def _metadata(film: Film) -> str:
    def said(text: str) -> str:
        return "".join(f"\\{each}" if each in "=;#\\\n" else each for each in text)

    lines = [";FFMETADATA1", f"title={said(film.title)}", f"comment=build {film.build}"]
    for each in film.chapters:
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={round(each.starts * 1e3)}", f"END={round(each.ends * 1e3)}",
                  f"title={said(each.title)}"]  # fmt: skip
    return "\n".join(lines) + "\n"


# -- looking at a film -----------------------------------------------------------------------------


def probe(file: Path) -> dict[str, Any]:
    """What ffprobe says of the file: format, streams, chapters. Raises NoFilm where it is no film."""
    need_tools()
    told = _run("ffprobe", "-v", "error", "-show_format", "-show_streams", "-show_chapters", "-of", "json", str(file))
    return json.loads(told)


def play_through(file: Path) -> None:
    """Decode every frame. Raises NoFilm at the first one that cannot be."""
    need_tools()
    _run("ffmpeg", "-v", "error", "-xerror", "-i", str(file), "-f", "null", "-")


def still(file: Path, at_seconds: float, into: Path) -> None:
    """One frame as a picture."""
    _run("ffmpeg", "-v", "error", "-y", "-ss", f"{at_seconds:.2f}", "-i", str(file), "-frames:v", "1", str(into))


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise NoFilm(f"{command[0]} failed: {reason}")
    return done.stdout
