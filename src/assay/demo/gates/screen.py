"""Gates 9 and 11: what stands on the screen is what the API says, and the arc can be played twice in a row."""

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from assay.demo.arc import Bare, Player
from assay.demo.browser import open_page
from assay.demo.gates.result import Bench, need

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

_TIMES = 2


def screen_agrees_with_the_api(bench: Bench) -> str:
    """Every tile of every dashboard: badge, definition, lineage and SQL, read off the screen."""
    system = bench.running()
    metrics = {each["metric_id"]: each for each in system.ask("GET", "/v1/metrics")["metrics"]}
    page = open_page(bench.open_browser())
    read: list[dict[str, Any]] = []
    try:
        for line in system.ask("GET", "/v1/dashboards")["dashboards"]:
            name = line["dashboard_id"]
            tiles = system.ask("GET", f"/v1/dashboards/{name}")["tiles"]
            page.goto(f"{system.url}/d/{name}")
            page.locator("article [data-hallmark]").first.wait_for()
            articles = page.get_by_role("article").count()
            need(articles == len(tiles), f"{name} shows {articles} tiles, the API has {len(tiles)}")
            for tile in tiles:
                read.append({"dashboard": name, **_read_tile(bench, page, tile, metrics)})
            page.screenshot(path=bench.path(f"09-{name}.png"), full_page=True)
    finally:
        bench.keep("09-tiles.json", read)
        page.context.close()
    wrong = [f"{each['dashboard']}/{each['tile']}: {', '.join(each['wrong'])}" for each in read if each["wrong"]]
    need(not wrong, "; ".join(wrong[:4]))
    shown = len({each["dashboard"] for each in read})
    return f"{len(read)} tiles of {shown} dashboards: badge, definition, lineage and SQL agree"


def _read_tile(bench: Bench, page: "Page", tile: dict[str, Any], metrics: dict[str, Any]) -> dict[str, Any]:
    name, question = tile["widget_id"], tile["widget"]["question"]
    article = page.get_by_role("article").filter(has=page.locator(f'[data-hallmark="{name}"]'))
    said = bench.system.ask("POST", "/v1/data", {"questions": [{"key": name, **question}]})["answers"][0]["answer"]
    known, metric = said["provenance"], metrics[question["metrics"][0]]
    badge = article.locator("[data-hallmark]").inner_text()
    definition = _definition(page, article)
    sql = _sql(page, article)
    article.locator("[data-hallmark]").click()
    sheet = page.get_by_role("complementary", name="Receipt")
    sheet.get_by_text("Served by").wait_for()
    receipt = sheet.inner_text()
    receipt_id = re.search(r"receipt=([^&]+)", page.url)
    page.keyboard.press("Escape")
    sheet.wait_for(state="hidden")
    need(receipt_id, f"the address names no receipt of {name}")
    assert receipt_id is not None
    kept = bench.system.ask("GET", f"/v1/receipts/{receipt_id[1]}")
    checks = {
        "the badge names another backend": known["backend"] in badge,
        "the definition is another": metric["definition"] in definition and metric["formula"] in definition,
        "the lineage is another": all(table in definition and table in receipt for table in metric["source_tables"]),
        "the SQL of the tile is another": _plain(sql) == _plain(known["sql"]),
        "the SQL of the receipt is another": _plain(kept["sql"]) == _plain(known["sql"]),
        "the receipt on the screen is another": _plain(kept["sql"]) in _plain(receipt),
        "the receipt is of another route": kept["route"]["backend"] == known["backend"],
        "the receipt's signature is not valid": kept["signature_valid"] is True,
    }  # fmt: skip
    return {
        "tile": name, "metric": metric["metric_id"], "badge": " ".join(badge.split()), "backend": known["backend"],
        "sql": sql, "receipt": receipt_id[1], "wrong": [word for word, holds in checks.items() if not holds],
    }  # fmt: skip


def _definition(page: "Page", article: "Locator") -> str:
    article.get_by_role("heading").first.get_by_role("button").click()
    popup = page.get_by_role("dialog")
    popup.wait_for()
    text = popup.inner_text()
    page.keyboard.press("Escape")
    popup.wait_for(state="hidden")
    return text


def _sql(page: "Page", article: "Locator") -> str:
    article.get_by_role("button", name=re.compile("^Actions for")).click()
    page.get_by_role("menuitem", name="SQL & spec").click()
    shown = page.get_by_role("dialog")
    shown.get_by_role("tab", name="Generated SQL").click()
    text = shown.get_by_role("tabpanel", name="Generated SQL").locator("pre").first.inner_text()
    page.keyboard.press("Escape")
    shown.wait_for(state="hidden")
    return text


def _plain(sql: str) -> str:
    """Without the line breaks and spaces of its setting."""
    return re.sub(r"\s+", "", sql)


def arc_twice_in_a_row(bench: Bench) -> str:
    """Two times through the script on one system. Between them the system puts itself back, nobody's hand does."""
    system = bench.running()
    lines: list[str] = []
    for number in range(1, _TIMES + 1):
        system.put_back()
        folder = bench.folder / f"11-time-{number}"
        folder.mkdir()
        page = open_page(bench.open_browser(), color_scheme="light")
        played = Player(bench.script, system, page, Bare(), folder).play()
        page.context.close()
        bench.keep(f"11-time-{number}.json", asdict(played))
        bench.evidence += [f"{folder.name}/{each.name}" for each in sorted(folder.glob("*.png"))]
        lines += [f"time {number}: {each}" for each in played.failures]
        bench.figures[f"time_{number}_ms"] = sum(each.took_ms for each in played.steps)
    system.put_back()
    need(not lines, "; ".join(lines[:3]))
    steps = sum(len(scene.steps) for scene in bench.script.scenes)
    return f"{_TIMES} times {steps} steps, each within its budget, nothing reset by hand"
