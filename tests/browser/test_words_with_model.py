"""A model beside the reader, as a person meets it: who read the words is said, and so is why a model had no say."""

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, serve, until
from tests.browser.test_add_widget import Open, dialog, preview, say
from tests.browser.test_overview import overview
from tests.llm.models import FILTERED, SILENCE, FakeModel, Step, fails, fake_model, replies

WORDS = "claims by region, last 30 days"
VOLUME = "claim_volume_l3_asurion"


def reads(window: str) -> Step:
    same = {"can_be_shown": True, "kind": "bar", "metrics": [VOLUME], "dimensions": ["region"]}
    return replies({**same, "window": window}, "read_words")


AGREES, DIFFERS = reads("trailing_30d"), reads("trailing_7d")


@contextmanager
def bedrock() -> Iterator[FakeModel]:
    """Bedrock's protocol on this machine. A loop of its own: Playwright holds the one of this thread."""
    started: list[tuple[FakeModel, asyncio.AbstractEventLoop, asyncio.Event]] = []
    is_up = threading.Event()

    async def run() -> None:
        async with fake_model("bedrock") as model:
            is_over = asyncio.Event()
            started.append((model, asyncio.get_running_loop(), is_over))
            is_up.set()
            await is_over.wait()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    assert is_up.wait(300)
    model, loop, is_over = started[0]
    yield model
    loop.call_soon_threadsafe(is_over.set)
    thread.join()


@pytest.fixture(scope="module")
def model() -> Iterator[FakeModel]:
    with bedrock() as model:
        yield model


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, model: FakeModel) -> Iterator[Served]:
    """A server whose model is ours; nothing of a live account is in reach."""
    alone = {
        "SERVE_LLM": model.name,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_BEARER_TOKEN_BEDROCK", "AWS_PROFILE", "AWS_REGION"):
            patch.delenv(name, raising=False)
        with serve(tmp_path_factory, {**model.environment, **alone}) as running:
            model.plays(AGREES)
            # The library that speaks to models takes longer to load than a reading waits.
            until(lambda: '"words and model"' in heard(running), seconds=180)
            yield running


def heard(served: Served) -> str:
    return httpx.post(f"{served.url}/v1/widgets/clarify", json={"words": WORDS}, timeout=120).raise_for_status().text


def asked(open_page: Open, served: Served, model: FakeModel, step: Step) -> Page:
    page = overview(open_page, served)
    model.plays(step)
    page.keyboard.press("Control+i")
    say(page, WORDS)
    return page


def shown(page: Page) -> Any:
    """The window of the widget in the preview, once its real answer is there."""
    expect(preview(page).locator("[data-state]")).to_contain_text("live")
    dialog(page).get_by_role("tab", name="Spec JSON").click()
    found = re.search(r'"window": "(\w+)"', dialog(page).get_by_role("tabpanel", name="Spec JSON").inner_text())
    return found and found[1]


@pytest.mark.exhaustive
def test_where_words_and_model_agree_the_page_says_so(open_page: Open, served: Served, model: FakeModel) -> None:
    page = asked(open_page, served, model, AGREES)
    expect(dialog(page)).to_contain_text("Read by the words and the model, which agree")
    expect(dialog(page).get_by_role("list", name="Notes")).to_have_count(0)
    assert shown(page) == "trailing_30d"
    assert WORDS in model.prompts()[0]


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("days", "window", "says"),
    [
        ("last 30 days", "trailing_30d", "Read by the words; the model’s reading was not taken"),
        ("last 7 days", "trailing_7d", "Read by the model, checked against the catalog"),
    ],
    ids=["the words", "the model"],
)
def test_where_they_disagree_on_the_window_the_person_chooses(
    open_page: Open, served: Served, model: FakeModel, days: str, window: str, says: str
) -> None:
    page = asked(open_page, served, model, DIFFERS)
    question = dialog(page).get_by_role(
        "group", name=re.compile(r"The words and the model read this differently \(window\)")
    )
    expect(question.locator("[data-choice]")).to_have_count(2)
    expect(preview(page)).to_have_count(0)
    expect(dialog(page).get_by_role("button", name="Add to dashboard")).to_be_disabled()
    question.get_by_role("button", name=re.compile(days)).click()
    expect(dialog(page)).to_contain_text(says)
    expect(dialog(page)).to_contain_text(re.compile(f"you said: .*{days}"))
    assert shown(page) == window
    assert len(model.asked) == 1


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("step", "why"),
    [
        (FILTERED, "refused: its filter stepped in"),
        (fails(429), "was too busy, asked 2 times (HTTP 429)"),
        (SILENCE, "did not answer within 4 s"),
    ],
    ids=["refused", "throttled", "timed out"],
)
def test_where_the_model_has_no_say_the_words_decide_and_a_note_says_why(
    open_page: Open, served: Served, model: FakeModel, step: Step, why: str
) -> None:
    page = asked(open_page, served, model, step)
    note = dialog(page).get_by_role("list", name="Notes").get_by_role("listitem")
    expect(note).to_have_count(1)
    expect(note).to_contain_text("Only the words were read: ")
    expect(note).to_contain_text(why)
    expect(dialog(page)).to_contain_text("The words alone decided")
    expect(dialog(page)).not_to_contain_text("secret-of-the-tests")
    assert shown(page) == "trailing_30d"
    expect(dialog(page).get_by_role("button", name="Add to dashboard")).to_be_enabled()
    assert model.asked
