"""The camera of the film, before a page that never stands still."""

import contextlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from assay.demo.recorder import Camera

_MOVING = "<style>@keyframes on {to {transform: translateX(500px)}} p {animation: on 1s infinite}</style><p>on and on</p>"


def test_a_frame_that_comes_after_the_film_is_let_go(
    browser: Browser, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Its folder is gone by then, whether the film came to its end or was broken off; and so is the page, next."""
    for turn in range(4):
        folder = tmp_path / str(turn)
        folder.mkdir()
        page = browser.new_page()
        page.set_content(_MOVING)
        told: list[dict[str, Any]] = []
        with contextlib.suppress(ZeroDivisionError), Camera(page, folder) as camera:
            camera._session.on("Page.screencastFrame", lambda frame, told=told: told.append(frame))
            while len(camera.frames) < 3:
                page.wait_for_timeout(10)
            if turn % 2:
                raise ZeroDivisionError
        taken = len(camera.frames)
        shutil.rmtree(folder)
        camera._take(told[-1])
        if turn < 2:
            page.wait_for_timeout(100)
        page.close()
        assert len(camera.frames) == taken
    assert [each.getMessage() for each in caplog.records] == []
    assert "Traceback" not in capfd.readouterr().err
