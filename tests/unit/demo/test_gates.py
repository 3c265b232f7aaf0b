"""How gates are run and summed up: one that fails or cannot be checked says why, and hides none of the others."""

import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from assay.catalog.workspace import load_workspace
from assay.demo import browser as browsing
from assay.demo import gates, recorder
from assay.demo.gates.hostile import hostile_model
from assay.demo.gates.page import sum_up
from assay.demo.gates.result import Bench, NotChecked, NotSo, Result, need, p95
from assay.demo.script import load_script
from assay.demo.system import Rehearsal
from assay.errors import SetupFailed
from tests.conftest import DEMO

Checked = tuple[list[Result], Path]


def run_gates(monkeypatch: pytest.MonkeyPatch, artifacts: Path, *checks: Any) -> Checked:
    monkeypatch.setattr(gates, "GATES", tuple((check.__name__, check) for check in checks))
    script = load_script(DEMO, load_workspace(DEMO, {}))
    return gates.check_gates(DEMO, script, artifacts, "2026-01-15", tuple(range(1, len(checks) + 1)), lambda _: None)


def passes(bench: Bench) -> str:
    bench.keep("01-evidence.json", {"seen": "<b>it</b>"})
    bench.figures["seen_ms"] = 3
    return "all is <well>"


def is_not_so(bench: Bench) -> str:
    need(False, "the badge names another backend")
    return "never"


def cannot(bench: Bench) -> str:
    raise NotChecked("no warehouse is configured")


def lacks_a_server(bench: Bench) -> str:
    raise SetupFailed("Port 1 cannot be used.", mend="choose another")


def has_an_accident(bench: Bench) -> str:
    raise KeyError("rows")


def test_each_gate_has_its_own_result_whatever_becomes_of_the_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    results, page = run_gates(monkeypatch, tmp_path, is_not_so, cannot, lacks_a_server, has_an_accident, passes)
    assert [(each.status, each.says) for each in results] == [
        ("failed", "the badge names another backend"),
        ("not checked", "no warehouse is configured"),
        ("failed", "Port 1 cannot be used. (choose another)"),
        ("failed", "an accident: KeyError: 'rows'"),
        ("passed", "all is <well>"),
    ]
    assert results[-1].figures == {"seen_ms": 3}
    assert page == tmp_path / "gates" / "2026-01-15" / "index.html"
    text = page.read_text()
    assert "1 passed, 3 failed, 1 not checked" in text
    assert "all is &lt;well&gt;" in text
    assert '<a href="01-evidence.json">' in text
    assert (page.parent / "01-evidence.json").exists()
    assert (page.parent / "gates.json").exists()


def test_nothing_of_a_rehearsal_is_left_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[Rehearsal] = []

    def looks(bench: Bench) -> str:
        seen.append(bench.system)
        assert (bench.system.workspace / "demo.yaml").exists()
        return "there"

    run_gates(monkeypatch, tmp_path, looks)
    assert not seen[0].workspace.exists()
    assert seen[0].workspace.parent != DEMO.parent


def test_a_rehearsal_takes_nothing_of_the_users_own_assay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSAY_TOKEN", "a-token-of-the-user")
    monkeypatch.setenv("DATABASE_URL", "postgresql://of-the-user")
    monkeypatch.setenv("MAKEFLAGS", "-j4")
    monkeypatch.setenv("DATABRICKS_HOST", "https://warehouse.example")
    own = Rehearsal(DEMO, tmp_path)
    given = own.environment()
    own.http.close()
    assert not {"ASSAY_TOKEN", "DATABASE_URL", "MAKEFLAGS"} & set(given)
    assert given["ASSAY_HOME"] == str(tmp_path / "home")
    assert given["DATABRICKS_HOST"] == "https://warehouse.example"


@pytest.mark.parametrize(("said", "means"), [("3,4,5", (3, 4, 5)), ("12, 1,1", (1, 12)), (None, tuple(range(1, 13)))])
def test_gates_are_chosen_by_number(said: str | None, means: tuple[int, ...]) -> None:
    assert gates.numbers_of(said) == means


@pytest.mark.parametrize("said", ["0", "13", "three", "", "3-5"])
def test_what_is_no_number_of_a_gate_is_refused(said: str) -> None:
    with pytest.raises(SetupFailed, match="names no gates"):
        gates.numbers_of(said)


def test_there_are_twelve_gates_with_a_title_each() -> None:
    assert len({title for title, _ in gates.GATES}) == 12


def test_a_gate_that_cannot_be_checked_is_never_green() -> None:
    page = sum_up([Result(12, "The recording", "not checked", "ffmpeg cannot be found")], "now", "abc")
    assert '<b class="not">not checked</b> ffmpeg' in page
    assert 'class="passed"' not in page


def test_without_ffmpeg_the_film_is_not_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (result,), _ = run_gates(monkeypatch, tmp_path, gates.recording_shows_the_arc)
    assert result.status == "not checked"
    assert "apt-get install ffmpeg" in result.says


def test_without_playwright_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(browsing.NoBrowser) as raised, browsing.browser():
        pass
    assert raised.value.mend == "make .venv/.dev"


def test_the_hostile_model_writes_what_it_is_told(tmp_path: Path) -> None:
    with hostile_model() as model:
        model.sql = "DROP TABLE l3_asurion.ev_claim"
        asked = httpx.post(
            f"{model.environment['OPENAI_BASE_URL']}/chat/completions", json={"messages": []}, trust_env=False
        )
        call = asked.json()["choices"][0]["message"]["tool_calls"][0]["function"]
        assert (call["name"], "DROP TABLE" in call["arguments"], model.asked) == ("write_sql", True, [{"messages": []}])


def test_p95_is_of_the_slowest_twentieth() -> None:
    assert p95([float(each) for each in range(1, 101)]) == 95
    assert p95([7.0]) == 7


def test_need_says_what_is_not_so() -> None:
    need(1, "never")
    with pytest.raises(NotSo, match="it is red"):
        need([], "it is red")


# -- the film --------------------------------------------------------------------------------------


def test_the_build_is_of_what_is_shown(tmp_path: Path) -> None:
    workspace = Path(shutil.copytree(DEMO, tmp_path / "workspace", ignore=shutil.ignore_patterns(".*")))
    first = recorder.build_hash(workspace)
    assert recorder.build_hash(workspace) == first
    (workspace / ".assay").mkdir()
    (workspace / ".assay" / "server.json").write_text("{}")
    assert recorder.build_hash(workspace) == first
    (workspace / "demo.yaml").write_text((workspace / "demo.yaml").read_text() + "# another\n")
    assert recorder.build_hash(workspace) != first


def test_long_waits_for_commands_are_cut_out_and_nothing_else() -> None:
    clock = recorder.Clock(100, [(110, 120), (130, 131)])
    assert [clock.at(each) for each in (99, 105, 112, 116, 120, 125, 140)] == [0, 5, 12, 12, 12, 17, 32]


@pytest.mark.exhaustive
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="a film needs ffmpeg")
def test_frames_become_a_film_with_chapters(tmp_path: Path) -> None:
    recorder._run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=1920x1080:rate=4:duration=2",
                  "-q:v", "4", str(tmp_path / "%06d.jpg"))  # fmt: skip
    pictures = sorted(tmp_path.glob("*.jpg"))
    frames = [(number * 0.25, picture) for number, picture in enumerate(pictures)]
    chapters = (recorder.Chapter("one", "First; = of all", 0.0, 1.0), recorder.Chapter("two", "Then", 1.0, 3.0))
    film = recorder.Film("film.mp4", "A film", "abc", "now", 3.0, chapters, (), 0.0)
    recorder._join(frames, film, tmp_path, tmp_path / "film.mp4")
    found = recorder.probe(tmp_path / "film.mp4")
    assert [each["tags"]["title"] for each in found["chapters"]] == ["First; = of all", "Then"]
    assert float(found["format"]["duration"]) == pytest.approx(3, abs=0.2)
    picture = found["streams"][0]
    assert (picture["codec_name"], picture["pix_fmt"], picture["width"], picture["height"]) == (
        "h264",
        "yuv420p",
        1920,
        1080,
    )
    recorder.play_through(tmp_path / "film.mp4")
    (tmp_path / "broken.mp4").write_bytes((tmp_path / "film.mp4").read_bytes()[:-20_000])
    (tmp_path / "text.mp4").write_text("no film")
    with pytest.raises(recorder.NoFilm, match="failed"):
        recorder.probe(tmp_path / "text.mp4")
