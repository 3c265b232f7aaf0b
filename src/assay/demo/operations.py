"""The operational tables: parts on the shelf, bookable slots, recommendations and alerts."""

from assay.demo import figures
from assay.demo.portable import (
    PRIME,
    digits,
    hundredths,
    instant,
    linear,
    one_of,
    scrambled,
    select,
    text,
    values,
    when,
)
from assay.demo.reference import LINES
from assay.demo.scene import Scene, center_id, identifier
from assay.demo.timeline import DAY_US, HOUR_US, Day, allot

_STOCKED_LINES = 20
_PARTS = ((0, "screen", "SCR-", 1_850), (1, "battery", "BAT-", 1_100))
_SLOT_DAYS, _SLOTS_A_DAY = 7, 6
_HALF_HOUR_US = HOUR_US // 2
_OPEN_RECOMMENDATIONS = 24
_APPROVED_BEFORE, _DECIDED_BEFORE = 108, 126
_APPROVED_EARLIER, _DECIDED_EARLIER = 246, 300
_ALERT_DAYS, _ALERTS_A_DAY = 60, 36

_ACTIONS = (
    (44, "book_same_day_repair"), (24, "send_mail_in_kit"), (16, "ship_replacement"), (10, "troubleshoot_remotely"),
    (6, "review_for_fraud"),
)  # fmt: skip
_REASONS = (
    ("book_same_day_repair", "COVERED,PART_IN_STOCK,SLOT_TODAY", "Covered, in stock, and a slot is free today.", 21_000),
    ("send_mail_in_kit", "COVERED,NO_CENTER_NEAR", "Covered, but no repair centre is near: a repair by mail.", 19_000),
    ("ship_replacement", "COVERED,NOT_REPAIRABLE", "Covered, and not worth repairing.", 0),
    ("troubleshoot_remotely", "SOFTWARE_LIKELY", "The signs point to software: try this first.", 4_000),
    ("review_for_fraud", "FRAUD_SCORE_HIGH", "The score calls for a second look.", 0),
)
_DISMISSALS = ((5, "customer prefers replacement"), (3, "already handled"), (2, "wrong device"))
_ALERT_TYPES = ((38, "device_damage"), (27, "battery_failing"), (15, "queue_length"), (12, "low_stock"), (8, "fraud_signal"))
_ALERT_TITLES = (
    ("device_damage", "A device reported damage"), ("battery_failing", "A battery is failing"),
    ("queue_length", "A queue is longer than usual"), ("low_stock", "A part is running out"),
    ("fraud_signal", "A claim looks like fraud"),
)  # fmt: skip
_SEVERITIES = ((46, "info"), (41, "warning"), (13, "critical"))


def stock(scene: Scene) -> str:
    lines = values("l", ("n", "product_line"), [(n, LINES[n][0]) for n in range(_STOCKED_LINES)])
    parts = values("t", ("k", "repair_type", "sku", "cents"), _PARTS)
    is_out = "h % 11 = 0"
    columns = {
        "center_id": center_id("center"),
        "part_sku": f"sku || {text('1000 + n')}",
        "part_name": "product_line || ' ' || repair_type",
        "product_line": "product_line",
        "repair_type": "repair_type",
        "quantity_on_hand": when(is_out, "0", f"2 + {digits('h', 11, 23)}"),
        "quantity_reserved": when(is_out, "0", digits("h", 13, 3)),
        "reorder_point": f"4 + {digits('h', 17, 4)}",
        "unit_cost_usd": hundredths("cents + n * 35"),
        "counted_ts": instant(f"{scene.edge} - 1000000 * (60 + {digits('h', 19, 86_000)})"),
    }
    return f"""WITH begun AS (
        SELECT c.i AS center, l.n, l.product_line, t.repair_type, t.sku, t.cents,
            {linear("(c.i * 64 + l.n * 2 + t.k)", 48_271, 606)} AS a
        FROM series_{figures.CENTERS} AS c CROSS JOIN {lines} CROSS JOIN {parts}
    ), drawn AS (
        SELECT *, {scrambled("a")} AS h FROM begun
    )
    {select(columns, "FROM drawn ORDER BY center_id, part_sku")}"""


def repair_slots(scene: Scene) -> str:
    """Today's slots begin at the next half hour, those of the following days at nine."""
    nine = [(ahead, scene.timeline.midnight_us(ahead) + 9 * HOUR_US) for ahead in range(1, _SLOT_DAYS)]
    days = [(0, (scene.edge // _HALF_HOUR_US + 1) * _HALF_HOUR_US), *nine]
    length = when("ahead = 0", str(_HALF_HOUR_US), str(3 * _HALF_HOUR_US))
    columns = {
        "slot_id": identifier("slot_", f"(ahead * {figures.CENTERS} + center) * {_SLOTS_A_DAY} + i", 100_000),
        "center_id": center_id("center"),
        "slot_start_ts": instant(f"start_us + i * {length}"),
        "slot_end_ts": instant(f"start_us + (i + 1) * {length}"),
        "capacity": "places",
        "booked": "taken",
        "slot_status": "CASE WHEN h % 97 = 0 THEN 'blocked' WHEN taken >= places THEN 'full' ELSE 'available' END",
        "updated_ts": instant(f"{scene.edge} - 1000000 * (30 + {digits('h', 11, 7_000)})"),
    }
    places = f"2 + {digits('h', 3, 4)}"
    return f"""WITH begun AS (
        SELECT c.i AS center, d.ahead, d.start_us, s.i,
            {linear("(c.i * 64 + d.ahead * 8 + s.i)", 69_621, 303)} AS a
        FROM series_{figures.CENTERS} AS c CROSS JOIN {values("d", ("ahead", "start_us"), days)}
        CROSS JOIN series_{_SLOTS_A_DAY} AS s
    ), drawn AS (
        SELECT *, {scrambled("a")} AS h FROM begun
    ), filled AS (
        SELECT *, {places} AS places, LEAST({places}, {digits("h", 7, 8)} * (8 - ahead) // 8) AS taken FROM drawn
    )
    {select(columns, "FROM filled ORDER BY slot_start_ts, slot_id")}"""


# -- recommendations ------------------------------------------------------------------------------


def _decided(days: list[Day]) -> list[tuple[Day, int, int]]:
    """(day, how many were decided, which period) for 150 days; on the day of age 30 none, as `surveys` explains."""
    periods = (
        (_DECIDED_EARLIER, [day for day in days if 60 < day.age <= 150]),
        (_DECIDED_BEFORE, [day for day in days if 30 < day.age <= 60]),
        (figures.RECOMMENDATIONS_DECIDED, [day for day in days if day.age < 30]),
    )
    return [
        (day, count, period)
        for period, (total, own) in enumerate(periods)
        for day, count in zip(own, allot(total, [day.weight for day in own]), strict=True)
    ]


def _hours(day: Day) -> tuple[int, int]:
    """The span of a day in which operators decide: eight to eight, or what there has been of today."""
    if day.age == 0:
        return day.start_us, max(1, day.end_us - day.start_us)
    return day.start_us + 8 * HOUR_US, 12 * HOUR_US


def _calendar(scene: Scene) -> tuple[str, int, int]:
    """The days as a table of constants, the most decisions of a day, and how many in all."""
    shares = (
        (_APPROVED_EARLIER, _DECIDED_EARLIER),
        (_APPROVED_BEFORE, _DECIDED_BEFORE),
        (figures.RECOMMENDATIONS_APPROVED, figures.RECOMMENDATIONS_DECIDED),
    )
    rows: list[tuple[int, ...]] = []
    number, places = 0, [0, 0, 0]
    for day, count, period in _decided(scene.timeline.days):
        if count:
            rows.append((*_hours(day), count, number, places[period], *shares[period]))
            number += count
            places[period] += count
    names = ("start_us", "span_us", "decided", "first", "place", "approved", "whole")
    return values("d", names, rows), max(row[2] for row in rows), number


def recommendations(scene: Scene) -> str:
    calendar, most, decided = _calendar(scene)
    is_decided = "decided_us IS NOT NULL"
    columns = {
        "recommendation_id": identifier("rec_", "n", 100_000),
        "customer_id": identifier("cust_", scene.customer_of("device")),
        "device_id": identifier("dev_", "device"),
        "center_id": when("made.action = 'book_same_day_repair'", center_id(digits("h2", 11, figures.CENTERS))),
        "event_id": identifier("evt_", "n", 100_000),
        "action": "made.action",
        "status": "CASE WHEN decided_us IS NULL THEN 'open' WHEN is_approved = 1 THEN 'approved' ELSE 'dismissed' END",
        "score": f"CAST(5500 + {digits('h2', 13, 4_400)} AS DECIMAL(18, 4)) * 0.0001",
        "reason_codes": "r.reasons",
        "rationale": "r.sentence",
        "expected_cost_avoided_usd": hundredths("r.cents"),
        "created_ts": instant("created_us"),
        "decided_ts": instant("decided_us"),
        "decided_by": when(is_decided, identifier("emp_", digits("h2", 17, 12), 900)),
        "dismiss_reason": when(f"{is_decided} AND is_approved = 0", one_of(digits("h2", 19, 10), _DISMISSALS)),
    }
    lead, age = f"(40 + {digits('h2', 7, 3_000)}) * 1000000", f"(20 + {digits('h2', 7, 80_000)}) * 1000000"
    # Approvals are spread so that of the period's decisions exactly the wanted number are approved.
    return f"""WITH settled AS (
        SELECT d.first + s.i AS n,
            d.start_us + d.span_us // d.decided * s.i + d.span_us // d.decided // 2 AS decided_us,
            (d.place + s.i + 1) * d.approved // d.whole - (d.place + s.i) * d.approved // d.whole AS is_approved
        FROM {calendar} JOIN series_{most} AS s ON s.i < d.decided
        UNION ALL
        SELECT {decided} + i AS n, CAST(NULL AS BIGINT) AS decided_us, 0 AS is_approved
        FROM series_{_OPEN_RECOMMENDATIONS} AS s
    ), begun AS (
        SELECT *, {linear("n", 48_271, 909)} AS a1, {linear("n", 69_621, 1_919)} AS a2 FROM settled
    ), drawn AS MATERIALIZED (
        SELECT n, decided_us, is_approved, {scrambled("a1")} AS h1, {scrambled("a2")} AS h2 FROM begun
    ), made AS (
        SELECT *, h1 * {scene.devices_with_claims} // {PRIME} AS device, {one_of(digits("h2", 3, 100), _ACTIONS)} AS action,
            COALESCE(decided_us - {lead}, {scene.edge} - {age}) AS created_us
        FROM drawn
    )
    {select(columns, "FROM made")} JOIN {values("r", ("action", "reasons", "sentence", "cents"), _REASONS)}
    ON r.action = made.action ORDER BY created_us"""


# -- alerts ---------------------------------------------------------------------------------------


def alerts(scene: Scene) -> str:
    is_about_device = "followed.alert_type IN ('device_damage', 'battery_failing', 'fraud_signal')"
    device = f"h2 * {scene.devices_with_claims} // {PRIME}"
    columns = {
        "alert_id": identifier("alr_", "i", 100_000),
        "alert_type": "followed.alert_type",
        "severity": one_of(digits("h2", 3, 100), _SEVERITIES),
        "status": """CASE WHEN over_us IS NOT NULL THEN 'cleared' WHEN noted_us IS NOT NULL THEN 'acknowledged'
            ELSE 'active' END""",
        "title": "t.title",
        "customer_id": when(is_about_device, identifier("cust_", scene.customer_of(f"({device})"))),
        "device_id": when(is_about_device, identifier("dev_", device)),
        "center_id": when(f"NOT {is_about_device}", center_id(digits("h2", 7, figures.CENTERS))),
        "raised_ts": instant("raised_us"),
        "acknowledged_ts": instant("noted_us"),
        "cleared_ts": instant("over_us"),
    }
    spacing = DAY_US // _ALERTS_A_DAY

    def so_far(delay: str) -> str:
        moment = f"raised_us + ({delay}) * 1000000"
        return when(f"{moment} < {scene.edge}", moment)

    return f"""WITH begun AS (
        SELECT i, {linear("i", 48_271, 5_150)} AS a1, {linear("i", 69_621, 2_112)} AS a2
        FROM series_{_ALERT_DAYS * _ALERTS_A_DAY} AS s
    ), drawn AS MATERIALIZED (
        SELECT i, {scrambled("a1")} AS h1, {scrambled("a2")} AS h2 FROM begun
    ), raised AS (
        SELECT i, h1, h2, {one_of(digits("h1", 3, 100), _ALERT_TYPES)} AS alert_type,
            {scene.edge} - i * {spacing} - {digits("h1", 7, 2_300)} * 1000000 - 15000000 AS raised_us
        FROM drawn
    ), followed AS (
        SELECT *, {so_far("60 + " + digits("h1", 11, 14_000))} AS noted_us,
            {so_far("14100 + " + digits("h1", 13, 60_000))} AS over_us
        FROM raised
    )
    {select(columns, "FROM followed")} JOIN {values("t", ("alert_type", "title"), _ALERT_TITLES)}
    ON t.alert_type = followed.alert_type ORDER BY raised_us"""
