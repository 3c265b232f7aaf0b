"""Pictures and PDF, made by a process of its own: the engine of charts reserves more memory than workers may, and aborts
where it is given too much. Nothing is fetched: texts are data, fonts are bundled, no address is followed.

    in:   {"charts": {number: Vega-Lite}, "document": what the PDF says}
    out:  {"pictures": {number: PNG}, "pdf": PDF}, in base64; a chart that cannot be drawn has no picture
"""

import asyncio
import base64
import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from assay.errors import Busy, ReportNotMade

_SECONDS = 120.0
_CPU_SECONDS = 60
_MOST_ASKING, _AGAIN_SECONDS = 4, 15
_MEMORY_BYTES = 2 << 30
_NEEDED = ("vl_convert", "typst", "font_roboto")
_WIDTH, _HEIGHT = 400, 210
_CELL_WIDTH, _CELL_HEIGHT = 110, 80
_SCALE = 2
_VEGA_LITE = "5.21"
_CONFIG = {
    "font": "Roboto", "background": "#ffffff", "view": {"stroke": None},
    "axis": {"domainColor": "#c9ccd1", "gridColor": "#eceef0", "tickColor": "#c9ccd1", "labelColor": "#4a4f57",
             "titleColor": "#4a4f57", "labelFontSize": 11, "titleFontWeight": "normal"},
    "legend": {"labelColor": "#4a4f57", "titleColor": "#4a4f57", "labelFontSize": 11, "orient": "bottom", "columns": 4,
               "title": None},
    "header": {"labelColor": "#4a4f57"},
}  # fmt: skip


@dataclass(frozen=True)
class Pressed:
    pictures: dict[int, bytes]
    pdf: bytes


def why_no_press() -> str | None:
    """What is missing before reports can be made; None where nothing is."""
    missing = [each for each in _NEEDED if importlib.util.find_spec(each) is None]
    return f"{missing[0]} is not installed: pip install 'assay[reports]'" if missing else None


class Press:
    """One edition at a time, and few that wait: each takes a processor for seconds."""

    def __init__(self) -> None:
        self._place = asyncio.Semaphore(1)
        self._asking = 0

    async def print(self, charts: dict[int, Any], document: dict[str, Any]) -> Pressed:
        """Raises ReportNotMade, or Busy."""
        if (why := why_no_press()) is not None:
            raise ReportNotMade(f"No report can be made: {why}.")
        order = orjson.dumps({"charts": {str(each): spec for each, spec in charts.items()}, "document": document})
        if self._asking >= _MOST_ASKING:
            raise Busy("Too many reports are being made just now.", retry_after_seconds=_AGAIN_SECONDS)
        self._asking += 1
        try:
            async with self._place:
                reply = await _run(order)
        finally:
            self._asking -= 1
        told = orjson.loads(reply)
        pictures = {int(number): base64.b64decode(each) for number, each in told["pictures"].items()}
        return Pressed(pictures, base64.b64decode(told["pdf"]))


async def _run(order: bytes) -> bytes:
    # Nothing of the server's environment goes there; charts are drawn on the clock that they were told by.
    root = str(Path(__file__).parents[2])
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join([root, *filter(None, sys.path)]),
                   "LANG": "C.UTF-8", "TZ": "UTC"}  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "assay.reports.press", env=environment,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_SECONDS):
            reply, trouble = await process.communicate(order)
    except TimeoutError:
        raise ReportNotMade(f"The report was not made within {_SECONDS:.0f} s.") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        last = trouble.decode(errors="replace").strip().splitlines()[-1:] or [""]
        raise ReportNotMade(f"The report could not be made (status {process.returncode}): {last[0][:300]}")
    return reply


# -- in that process ---------------------------------------------------------------------------------


def main() -> None:
    import resource

    import font_roboto
    import vl_convert

    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    # Of memory that is written to: what the engine of charts only reserves is many times that.
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))
    fonts = str(Path(font_roboto.__file__).parent / "files")
    vl_convert.register_font_directory(fonts)
    order = orjson.loads(sys.stdin.buffer.read())
    drawn: dict[str, str] = {}
    for number, spec in order["charts"].items():
        try:
            drawn[number] = vl_convert.vegalite_to_svg(_sized(spec), vl_version=_VEGA_LITE, allowed_base_urls=[])
        except ValueError as error:
            print(f"chart {number}: {error}", file=sys.stderr)
    pictures = {number: base64.b64encode(vl_convert.svg_to_png(svg, scale=_SCALE)) for number, svg in drawn.items()}
    pdf = typeset(order["document"] | {"drawn": drawn}, fonts)
    reply = {"pictures": {number: each.decode() for number, each in pictures.items()}, "pdf": base64.b64encode(pdf).decode()}
    sys.stdout.buffer.write(orjson.dumps(reply))


def _sized(spec: dict[str, Any]) -> dict[str, Any]:
    """As wide as a mail; what the mail says above the picture is not written in it once more."""
    is_faceted = "facet" in spec.get("encoding", {})
    width, height = (_CELL_WIDTH, _CELL_HEIGHT) if is_faceted else (_WIDTH, _HEIGHT)
    sized = {name: each for name, each in spec.items() if name != "title"}
    return sized | {"width": width, "height": height, "config": {**_CONFIG, **spec.get("config", {})}}


def typeset(document: dict[str, Any], fonts: str) -> bytes:
    """Texts travel as data, so that none is read as markup."""
    import typst

    source = Path(__file__).with_name("report.typ")
    return typst.compile(
        source, format="pdf", font_paths=[Path(fonts)], sys_inputs={"document": orjson.dumps(document).decode()}
    )


if __name__ == "__main__":
    main()
