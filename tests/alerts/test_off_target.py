"""An alert on the distance to a target: a figure so far is judged by where it leads, what is over by what it came to."""

import pytest

from tests.alerts.stand import Stand
from tests.alerts.test_no_false_alarm import at
from tests.receivers import Receiver

TARGETS = """\
targets:
  - {metric: revenue, grain: month, starts: "2026-03-01", value: 300}
  - {metric: revenue, grain: month, starts: "2026-03-01", where: {region: West}, value: 400}
  - {metric: revenue, grain: month, starts: "2026-03-01", where: {region: East}, value: 100}
"""


@pytest.mark.exhaustive
async def test_a_figure_so_far_is_held_against_its_target_by_its_pace(stand: Stand, hook: Receiver) -> None:
    stand.configure(hook)
    (stand.house.root / "targets").mkdir(exist_ok=True)
    (stand.house.root / "targets" / "plan.yaml").write_text(TARGETS)
    await stand.house.running.reload.workspace()
    for day in range(1, 16):
        await stand.sell(at(f"2026-03-{day:02}T12:00"))
    stand.house.clock[0] = at("2026-03-02T23:59:30")
    months = "window: month_to_date"
    await stand.watch(
        f"id: a, question: {{metrics: [revenue], {months}}}, when: {{change: target, below: -10%}}, tell: [ops]",
        f"id: b, question: {{metrics: [revenue], dimensions: [region], {months}}}, when: {{change: target, below: -10%}},"
        " tell: [ops]",
        "id: c, question: {metrics: [revenue], window: previous_month}, when: {change: target, below: 0}, tell: [ops]",
    )
    assert (await stand.look()).unknown == "its period has hardly begun: less than a tenth of it is over"
    look = await stand.check_at(at("2026-03-15T23:59:30"))  # its tick is midnight: 15 days of 31
    assert (look.unknown, look.value) == (None, "310.00"), "150 * 31 / 15 is 310"
    await stand.look("b")
    assert sorted(await stand.fired()) == [["East"], ["West"]], "310 of 400, and nothing of 100"
    assert "No target is written" in str((await stand.look("c")).unknown)
    (message,) = await stand.delivered(1)
    told = [each["sentence"] for each in message.document["groups"]]
    assert told == [
        "Revenue, West comes to $310.00 for March 2026, on the current pace: 22.5% below its target of $400.00.",
        "Revenue, East comes to $0.00 for March 2026, on the current pace: 100.0% below its target of $100.00.",
    ]
    await stand.watch(
        "id: c, question: {metrics: [revenue], window: previous_month}, when: {change: target, below: 0}, tell: [ops]"
    )
    await stand.sell(at("2026-04-01T00:01"))
    look = await stand.check_at(at("2026-04-02T12:00"), "c")
    assert look.value == "150.00"
    assert [] in await stand.fired()
    (*_, message) = await stand.delivered(2)
    assert "comes to $150.00 for March 2026: 50.0% below its target of $300.00." in str(message.document["groups"])
