"""Gate 12: the recording exists, plays, shows the arc in order, and is of this build. Where it is not, it is made."""

import json
from pathlib import Path
from typing import Any

from assay.demo.gates.result import Bench, NotChecked, need
from assay.demo.recorder import HEIGHT, WIDTH, NoFilm, build_hash, need_tools, play_through, probe, record, still
from assay.demo.script import LONGEST_FILM_SECONDS

_SHORTEST_SECONDS = 30


def recording_shows_the_arc(bench: Bench) -> str:
    try:
        need_tools()
    except NoFilm as error:
        raise NotChecked(f"{error.detail} {error.mend}") from error
    file, told = bench.artifacts / "demo.mp4", bench.artifacts / "demo.json"
    build = build_hash(bench.root)
    was_made = not file.exists() or _told(told).get("build") != build
    if was_made:
        system = bench.running()
        system.put_back()
        record(bench.script, system, bench.open_browser(), bench.artifacts, build)
        system.put_back()
    known, found = _told(told), probe(file)
    bench.keep("12-ffprobe.json", found)
    bench.keep("12-demo.json", known)
    _is_a_film(found, known)
    _shows_the_arc(bench, found, known)
    need(known["build"] == build, f"it is of build {known['build']}, this is {build}")
    play_through(file)
    for number, each in enumerate(known["chapters"], 1):
        still(file, (each["starts"] + each["ends"]) / 2, bench.path(f"12-{number}-{each['scene']}.png"))
    seconds = float(found["format"]["duration"])
    bench.figures |= {
        "seconds": round(seconds, 1),
        "megabytes": round(int(found["format"]["size"]) / 1e6, 1),
        "build": build,
    }
    made = "recorded just now" if was_made else f"recorded {known['recorded_at']}"
    size = f"H.264, {WIDTH} by {HEIGHT}, {len(known['chapters'])} chapters in order"
    return f"{seconds:.0f} s, {size}, every frame decodes, {made}"


def _told(file: Path) -> dict[str, Any]:
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError):
        return {}


def _is_a_film(found: dict[str, Any], known: dict[str, Any]) -> None:
    need("mp4" in found["format"]["format_name"], f"it is {found['format']['format_name']}")
    pictures = [each for each in found["streams"] if each["codec_type"] == "video"]
    need(len(pictures) == 1, f"it has {len(pictures)} video streams")
    picture = pictures[0]
    need(
        (picture["codec_name"], picture["pix_fmt"]) == ("h264", "yuv420p"),
        f"it is {picture['codec_name']} {picture['pix_fmt']}",
    )
    need((picture["width"], picture["height"]) == (WIDTH, HEIGHT), f"it is {picture['width']} by {picture['height']}")
    seconds = float(found["format"]["duration"])
    need(_SHORTEST_SECONDS < seconds < LONGEST_FILM_SECONDS, f"it takes {seconds:.0f} s")
    need(abs(seconds - known["seconds"]) < 2, f"it takes {seconds:.0f} s and demo.json says {known['seconds']:.0f}")


def _shows_the_arc(bench: Bench, found: dict[str, Any], known: dict[str, Any]) -> None:
    wanted = [scene.title for scene in bench.script.scenes]
    embedded = [each["tags"]["title"] for each in found["chapters"]]
    need(embedded == wanted, f"its chapters are {embedded}")
    starts = [float(each["start_time"]) for each in found["chapters"]]
    need(starts == sorted(set(starts)), f"its chapters start at {starts}")
    captions = [words for _, words in known["captions"]]
    said = [step.say for scene in bench.script.scenes for step in scene.steps]
    need(captions[1:] == said, "its captions are not those of the script")
