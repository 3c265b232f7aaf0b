"""The operational tables: parts on the shelf, bookable slots, recommendations and alerts."""

from assay.demo import figures
from assay.demo.portable import PRIME, digits, hundredths, linear, one_of, scrambled, values
from assay.demo.reference import LINES
from assay.demo.scene import Scene, center_id, identifier
from assay.demo.support import recommendations_by_day
from assay.demo.timeline import DAY_US, HOUR_US, Day

_STOCKED_LINES = 20
_SLOT_DAYS, _SLOTS_A_DAY = 7, 6
_HALF_HOUR_US = HOUR_US // 2
_OPEN_RECOMMENDATIONS = 24
_ALERT_DAYS, _ALERTS_A_DAY = 60, 36

ACTIONS = ((44, "book_same_day_repair"), (24, "send_mail_in_kit"), (16, "ship_replacement"), (10, "troubleshoot_remotely"),
           (6, "review_for_fraud"))  # fmt: skip
_REASONS = {
    "book_same_day_repair": ("COVERED,PART_IN_STOCK,SLOT_TODAY", "Covered, the part is in stock and a slot is free today.", 21_000),
    "send_mail_in_kit": ("COVERED,NO_CENTER_NEAR", "Covered, but no repair centre is near: a repair by mail.", 19_000),
    "ship_replacement": ("COVERED,NOT_REPAIRABLE", "Covered, and not worth repairing.", 0),
    "troubleshoot_remotely": ("SOFTWARE_LIKELY", "The signs point to software: try this first.", 4_000),
    "review_for_fraud": ("FRAUD_SCORE_HIGH", "The score calls for a second look.", 0),
}  # fmt: skip


def stock(scene: Scene, centers: int) -> str:
    lines = values("l", ("n", "product_line"), [(n, LINES[n][0]) for n in range(_STOCKED_LINES)])
    kinds = values("t", ("k", "repair_type", "sku", "part", "cents"),
                   [(0, "screen", "SCR-", "screen", 1_850), (1, "battery", "BAT-", "battery", 1_100)])  # fmt: skip
    return f"""WITH begun AS (
        SELECT c.i AS center, l.n, l.product_line, t.repair_type, t.sku, t.part, t.cents,
            {linear("(c.i * 64 + l.n * 2 + t.k)", 48_271, 606)} AS a
        FROM series_{centers} AS c CROSS JOIN {lines} CROSS JOIN {kinds}
    ), drawn AS (
        SELECT *, {scrambled("a")} AS h FROM begun
    )
    SELECT {center_id("center")} AS center_id, sku || CAST(1000 + n AS VARCHAR) AS part_sku,
        product_line || ' ' || part AS part_name, product_line, repair_type,
        CASE WHEN h % 11 = 0 THEN 0 ELSE 2 + {digits("h", 11, 23)} END AS quantity_on_hand,
        CASE WHEN h % 11 = 0 THEN 0 ELSE {digits("h", 13, 3)} END AS quantity_reserved, 4 + {digits("h", 17, 4)} AS reorder_point,
        {hundredths("cents + n * 35")} AS unit_cost_usd,
        AT_MICROS({scene.edge} - 1000000 * (60 + {digits("h", 19, 86_000)})) AS counted_ts
    FROM drawn ORDER BY center_id, part_sku"""


def repair_slots(scene: Scene, centers: int) -> str:
    """Today's slots begin at the next half hour, those of the following days at nine."""
    next_half_us = (scene.edge // _HALF_HOUR_US + 1) * _HALF_HOUR_US
    days = [(0, next_half_us)] + [
        (ahead, scene.timeline.midnight_us(ahead) + 9 * HOUR_US) for ahead in range(1, _SLOT_DAYS)
    ]
    return f"""WITH begun AS (
        SELECT c.i AS center, d.ahead, d.start_us, s.i, {linear("(c.i * 64 + d.ahead * 8 + s.i)", 69_621, 303)} AS a
        FROM series_{centers} AS c CROSS JOIN {values("d", ("ahead", "start_us"), days)} CROSS JOIN series_{_SLOTS_A_DAY} AS s
    ), drawn AS (
        SELECT *, {scrambled("a")} AS h FROM begun
    ), filled AS (
        SELECT *, 2 + {digits("h", 3, 4)} AS places,
            LEAST(2 + {digits("h", 3, 4)}, {digits("h", 7, 8)} * (8 - ahead) // 8) AS taken FROM drawn
    )
    SELECT {identifier("slot_", f"(ahead * {centers} + center) * {_SLOTS_A_DAY} + i", 100_000)} AS slot_id, {center_id("center")} AS center_id,
        AT_MICROS(start_us + i * CASE WHEN ahead = 0 THEN {_HALF_HOUR_US} ELSE {3 * _HALF_HOUR_US} END) AS slot_start_ts,
        AT_MICROS(start_us + (i + 1) * CASE WHEN ahead = 0 THEN {_HALF_HOUR_US} ELSE {3 * _HALF_HOUR_US} END) AS slot_end_ts,
        places AS capacity, taken AS booked,
        CASE WHEN h % 97 = 0 THEN 'blocked' WHEN taken >= places THEN 'full' ELSE 'available' END AS slot_status,
        AT_MICROS({scene.edge} - 1000000 * (30 + {digits("h", 11, 7_000)})) AS updated_ts
    FROM filled ORDER BY slot_start_ts, slot_id"""


def _hours(scene: Scene, day: Day) -> tuple[int, int]:
    """The span of a day in which operators decide: eight to eight, or what there has been of today."""
    if day.age == 0:
        return day.start_us, max(1, day.end_us - day.start_us)
    return day.start_us + 8 * HOUR_US, min(12 * HOUR_US, day.end_us - day.start_us - 8 * HOUR_US)


def recommendations(scene: Scene) -> str:
    rows: list[tuple[int, ...]] = []
    number = 0
    decided = figures.RECOMMENDATIONS_DECIDED
    groups = {0: (figures.RECOMMENDATIONS_APPROVED, decided), 1: (108, decided - 12), 2: (246, 300)}
    reached = dict.fromkeys(groups, 0)
    for day, count in recommendations_by_day(scene.timeline.days):
        group = 0 if day.age < 30 else 1 if day.age <= 60 else 2
        if count:
            rows.append((*_hours(scene, day), count, number, reached[group], *groups[group]))
            number += count
            reached[group] += count
    names = ("start_us", "span_us", "decided", "first", "place", "approved", "whole")
    reasons = [(action, *_REASONS[action]) for _, action in ACTIONS]
    return f"""WITH settled AS (
        SELECT d.first + s.i AS n, d.start_us + d.span_us // d.decided * s.i + d.span_us // d.decided // 2 AS decided_us,
            (d.place + s.i + 1) * d.approved // d.whole - (d.place + s.i) * d.approved // d.whole AS is_approved
        FROM {values("d", names, rows)} JOIN series_{max(row[2] for row in rows)} AS s ON s.i < d.decided
        UNION ALL
        SELECT {number} + i AS n, CAST(NULL AS BIGINT) AS decided_us, 0 AS is_approved FROM series_{_OPEN_RECOMMENDATIONS} AS s
    ), begun AS (
        SELECT *, {linear("n", 48_271, 909)} AS a1, {linear("n", 69_621, 1_919)} AS a2 FROM settled
    ), drawn AS MATERIALIZED (
        SELECT n, decided_us, is_approved, {scrambled("a1")} AS h1, {scrambled("a2")} AS h2 FROM begun
    ), made AS (
        SELECT *, h1 * {scene.devices_with_claims} // {PRIME} AS device, {one_of(digits("h2", 3, 100), ACTIONS)} AS action,
            COALESCE(decided_us - (40 + {digits("h2", 7, 3_000)}) * 1000000, {scene.edge} - (20 + {digits("h2", 7, 80_000)}) * 1000000) AS created_us
        FROM drawn
    )
    SELECT {identifier("rec_", "n", 100_000)} AS recommendation_id, CAST(NULL AS VARCHAR) AS session_id, CAST(NULL AS VARCHAR) AS claim_id,
        {identifier("cust_", scene.customer_of("device"))} AS customer_id, {identifier("dev_", "device")} AS device_id,
        CASE WHEN made.action = 'book_same_day_repair' THEN {center_id(digits("h2", 11, figures.CENTERS))} END AS center_id,
        {identifier("evt_", "n", 100_000)} AS event_id, made.action,
        CASE WHEN decided_us IS NULL THEN 'open' WHEN is_approved = 1 THEN 'approved' ELSE 'dismissed' END AS status,
        CAST(5500 + {digits("h2", 13, 4_400)} AS DECIMAL(18, 4)) * 0.0001 AS score, r.reasons AS reason_codes, r.sentence AS rationale,
        {hundredths("r.cents")} AS expected_cost_avoided_usd, AT_MICROS(created_us) AS created_ts, AT_MICROS(decided_us) AS decided_ts,
        CASE WHEN decided_us IS NOT NULL THEN {identifier("emp_", digits("h2", 17, 12), 900)} END AS decided_by,
        CASE WHEN decided_us IS NOT NULL AND is_approved = 0
            THEN {one_of(digits("h2", 19, 10), ((5, "customer prefers replacement"), (3, "already handled"), (2, "wrong device")))} END AS dismiss_reason
    FROM made JOIN {values("r", ("action", "reasons", "sentence", "cents"), reasons)} ON r.action = made.action
    ORDER BY created_us"""


def alerts(scene: Scene) -> str:
    types = ((38, "device_damage"), (27, "battery_failing"), (15, "queue_length"), (12, "low_stock"), (8, "fraud_signal"))
    titles = [
        ("device_damage", "A device reported damage"), ("battery_failing", "A battery is failing"),
        ("queue_length", "A queue is longer than usual"), ("low_stock", "A part is running out"),
        ("fraud_signal", "A claim looks like fraud"),
    ]  # fmt: skip
    about_device = "alert_type IN ('device_damage', 'battery_failing', 'fraud_signal')"
    return f"""WITH begun AS (
        SELECT i, {linear("i", 48_271, 5_150)} AS a1, {linear("i", 69_621, 2_112)} AS a2 FROM series_{_ALERT_DAYS * _ALERTS_A_DAY} AS s
    ), drawn AS MATERIALIZED (
        SELECT i, {scrambled("a1")} AS h1, {scrambled("a2")} AS h2 FROM begun
    ), raised AS (
        SELECT i, h1, h2, {one_of(digits("h1", 3, 100), types)} AS alert_type,
            {scene.edge} - i * {DAY_US // _ALERTS_A_DAY} - {digits("h1", 7, 2_300)} * 1000000 - 15000000 AS raised_us
        FROM drawn
    ), followed AS (
        SELECT *, CASE WHEN raised_us + (60 + {digits("h1", 11, 14_000)}) * 1000000 < {scene.edge}
                THEN raised_us + (60 + {digits("h1", 11, 14_000)}) * 1000000 END AS noted_us,
            CASE WHEN raised_us + (14100 + {digits("h1", 13, 60_000)}) * 1000000 < {scene.edge}
                THEN raised_us + (14100 + {digits("h1", 13, 60_000)}) * 1000000 END AS over_us
        FROM raised
    )
    SELECT {identifier("alr_", "i", 100_000)} AS alert_id, followed.alert_type,
        {one_of(digits("h2", 3, 100), ((46, "info"), (41, "warning"), (13, "critical")))} AS severity,
        CASE WHEN over_us IS NOT NULL THEN 'cleared' WHEN noted_us IS NOT NULL THEN 'acknowledged' ELSE 'active' END AS status,
        t.title, CASE WHEN followed.{about_device} THEN {identifier("cust_", scene.customer_of(f"(h2 * {scene.devices_with_claims} // {PRIME})"))} END AS customer_id,
        CASE WHEN followed.{about_device} THEN {identifier("dev_", f"h2 * {scene.devices_with_claims} // {PRIME}")} END AS device_id,
        CAST(NULL AS VARCHAR) AS session_id,
        CASE WHEN NOT followed.{about_device} THEN {center_id(digits("h2", 7, figures.CENTERS))} END AS center_id,
        CAST(NULL AS VARCHAR) AS event_id, AT_MICROS(raised_us) AS raised_ts, AT_MICROS(noted_us) AS acknowledged_ts,
        AT_MICROS(over_us) AS cleared_ts
    FROM followed JOIN {values("t", ("alert_type", "title"), titles)} ON t.alert_type = followed.alert_type
    ORDER BY raised_us"""
