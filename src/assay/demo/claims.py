"""Claims and the repairs that some of them lead to: one set of rows, looked at twice."""

from collections.abc import Iterator, Sequence

from assay.demo import figures
from assay.demo.portable import PRIME, digits, hundredths, linear, one_of, scrambled, values
from assay.demo.scene import (
    Scene, category_number, center_id, channel, device_draw, identifier, issue, partner_id, partner_number, product_id,
    product_number, slot_of, slots,
)  # fmt: skip
from assay.demo.timeline import DAY_US, HOUR_US, Stretch, offset_sql

BATCH_ROWS = 1_000_000
MINUTE_US = 60_000_000

# What becomes of a claim.
REPAIRED, REPAIRED_CLOSED, REPLACED, REPLACED_CLOSED, WITHDRAWN, DENIED, IN_REVIEW, PENDING = range(1, 9)
LAPSED_REVIEW, LAPSED_PENDING = 9, 10
"""Old claims that were in review or pending: closed as withdrawn."""

_DENIALS = ((38, "not covered"), (27, "deductible unpaid"), (21, "claim limit reached"), (14, "suspected fraud"))
_REPLACEMENT_CENTS = (25_000, 26_500, 38_000, 17_000, 34_000)


def batches(scene: Scene) -> Iterator[list[Stretch]]:
    """Stretches in pieces that an engine can take in one statement."""
    batch: list[Stretch] = []
    for stretch in scene.stretches:
        if batch and sum(each.claims for each in batch) + stretch.claims > BATCH_ROWS:
            yield batch
            batch = []
        batch.append(stretch)
    yield batch


def desk_limit() -> int:
    """Of the claims that were not repaired, the latest so many hold exactly those that lie on a desk now.

    The demo's own claim is one of CLAIMS_IN_PROGRESS and is added by hand.
    """
    found, number = 0, 0
    first = figures.OTHERS - figures.IN_REVIEW - figures.PENDING
    while found < figures.CLAIMS_IN_PROGRESS - 1:
        found += first <= number * 353 % figures.OTHERS < first + figures.IN_REVIEW
        number += 1
    return number


def _calendar(scene: Scene, batch: Sequence[Stretch]) -> str:
    """The batch as a table: where each stretch lies and which numbers its claims have."""
    claims = avoided = month_avoided = 0
    firsts: dict[Stretch, tuple[int, int]] = {}
    for stretch in scene.stretches:
        in_month = stretch.start_us >= scene.timeline.month_us
        # This month's avoided replacements are numbered from 0; all earlier ones stand apart from them.
        firsts[stretch] = (claims, month_avoided if in_month else 1_000_000_000 + avoided)
        month_avoided += stretch.avoided if in_month else 0
        claims, avoided = claims + stretch.claims, avoided + stretch.avoided
    left = claims - avoided
    rows: list[tuple[int, ...]] = []
    wanted = {id(stretch) for stretch in batch}
    for stretch in scene.stretches:
        if id(stretch) in wanted:
            rows.append((stretch.start_us, stretch.ticks_from, stretch.ticks, stretch.claims, stretch.avoided,
                         *firsts[stretch], left - 1, int(stretch.is_old), stretch.desk_us))  # fmt: skip
        left -= stretch.claims - stretch.avoided
    names = ("start_us", "ticks_from", "ticks", "claims", "avoided", "first_claim", "first_avoided", "others_left",
             "is_old", "desk_us")  # fmt: skip
    return values("d", names, rows)


def _kind() -> str:
    place = f"(others_left * 353 % {figures.OTHERS})"
    bound, branches = 0, ""
    for share, kind in (
        (figures.APPROVED_REPLACED, str(REPLACED)),
        (figures.CLOSED_REPLACED, str(REPLACED_CLOSED)),
        (figures.CLOSED_WITHDRAWN, str(WITHDRAWN)),
        (figures.DENIED, str(DENIED)),
        (figures.IN_REVIEW, f"CASE WHEN is_old = 1 THEN {LAPSED_REVIEW} ELSE {IN_REVIEW} END"),
        (figures.PENDING, f"CASE WHEN is_old = 1 THEN {LAPSED_PENDING} ELSE {PENDING} END"),
    ):
        bound += share
        branches += f" WHEN {place} < {bound} THEN {kind}"
    repaired = f"WHEN is_avoided = 1 AND saving % 53 * 5 % 53 < {figures.CLOSED_OF_53_REPAIRED} THEN {REPAIRED_CLOSED}"
    return f"CASE {repaired} WHEN is_avoided = 1 THEN {REPAIRED}{branches} END"


def rows(scene: Scene, batch: Sequence[Stretch]) -> str:
    """The common table expressions up to `told`: one row a claim, with every instant and amount as a whole number."""
    edge = scene.edge
    most = max(stretch.claims for stretch in batch)
    device = f"h1 * {scene.devices_with_claims} // {PRIME}"

    def before_edge(start: str, span: str, squeeze: str) -> str:
        """`start + span`, or where that is not over yet, a part of the time since `start`."""
        return f"CASE WHEN {start} + {span} < {edge} THEN {start} + {span} ELSE {start} + ({edge} - {start}) * {squeeze} // 100 END"

    wait = (
        f"CASE WHEN kind IN ({IN_REVIEW}, {LAPSED_REVIEW}) THEN (5 + {digits('h2', 7, 115)}) * {MINUTE_US}"
        f" ELSE (10 + LEAST({digits('h2', 7, 1800)}, {digits('h3', 5, 1800)})) * {MINUTE_US} END"
    )
    desk = (
        f"CASE WHEN kind IN ({IN_REVIEW}, {LAPSED_REVIEW}) THEN desk_us // 1000 * (200 + {digits('h3', 3, 1601)})"
        f" ELSE (5 + {digits('h3', 3, 55)}) * {MINUTE_US} END"
    )
    same_day = f"{digits('h3', 11, 100)} < 38"
    give = f"CASE WHEN {same_day} THEN (15 + {digits('h2', 13, 60)}) * {MINUTE_US} ELSE (2 + {digits('h2', 13, 22)}) * {HOUR_US} END"
    work = (
        f"CASE WHEN {same_day} THEN (110 + {digits('h3', 17, 240)}) * {MINUTE_US}"
        f" ELSE (600 + {digits('h3', 17, 3000)}) * {MINUTE_US} END"
    )
    # Repairs get a little faster over time: one percent in thirty days.
    work = f"({work}) // 3000 * (3000 + ({edge} - open_us) // {DAY_US})"
    return f"""WITH placed AS (
        SELECT d.start_us, d.ticks_from + s.i * (d.ticks // d.claims) AS ticks_before, d.ticks // d.claims AS room,
            d.first_claim + s.i AS n, d.is_old, d.desk_us, d.first_avoided + s.i * d.avoided // d.claims AS saving,
            (s.i + 1) * d.avoided // d.claims - s.i * d.avoided // d.claims AS is_avoided,
            d.others_left - s.i + s.i * d.avoided // d.claims AS others_left
        FROM {_calendar(scene, batch)} JOIN series_{most} AS s ON s.i < d.claims
    ), begun AS (
        SELECT *, {linear("n", 48_271, 12_345)} AS a1, {linear("n", 69_621, 777)} AS a2, {linear("n", 40_692, 31)} AS a3
        FROM placed
    ), drawn AS MATERIALIZED (
        SELECT n, start_us, ticks_before, room, is_old, desk_us, saving, is_avoided, others_left,
            {scrambled("a1")} AS h1, {scrambled("a2")} AS h2, {scrambled("a3")} AS h3
        FROM begun
    ), set_in_time AS (
        SELECT *, ticks_before + h2 % room AS at_tick, {device} AS device, {_kind()} AS kind FROM drawn
    ), opened AS MATERIALIZED (
        SELECT n, start_us + {offset_sql("at_tick")} AS open_us, device, {device_draw("device")} AS b1, {scene.customer_of("device")} AS customer,
            is_old, desk_us, saving, others_left, kind, h2, h3,
            CASE WHEN kind = {IN_REVIEW} AND others_left < {desk_limit()} THEN 1 ELSE 0 END AS is_on_desk
        FROM set_in_time
    ), taken_up AS MATERIALIZED (
        SELECT *, {scrambled("b1")} AS b, {slot_of("customer")} AS slot,
            open_us + LEAST({wait}, ({edge} - open_us) // 2) AS start_work_us
        FROM opened
    ), put_down AS MATERIALIZED (
        SELECT *, CASE WHEN is_on_desk = 0 THEN {before_edge("start_work_us", desk, f"(1 + {digits('h2', 19, 97)})")} END AS end_work_us,
            {give} AS give_us, {work} AS repair_us, {category_number("b")} AS category,
            CASE WHEN kind <= {REPLACED_CLOSED} OR kind = {DENIED} THEN 1 ELSE 0 END AS is_decided
        FROM taken_up
    ), told AS MATERIALIZED (
        SELECT *, CASE WHEN is_decided = 1 THEN end_work_us END AS decision_us,
            CASE WHEN kind = {REPAIRED} THEN end_work_us + give_us + repair_us
                WHEN kind = {REPAIRED_CLOSED} THEN {before_edge("end_work_us", "give_us + repair_us", "90")}
                WHEN kind = {REPLACED} THEN end_work_us + (20 + {digits("h3", 23, 60)}) * {HOUR_US}
                WHEN kind = {REPLACED_CLOSED} THEN {before_edge("end_work_us", f"(20 + {digits('h3', 23, 60)}) * {HOUR_US}", "90")} END AS back_us,
            3200 + {digits("h3", 29, 1601)} AS repair_cents,
            CASE WHEN kind > {REPAIRED_CLOSED} THEN 0
                WHEN saving % 2 = 0 THEN {_saving("+")}
                ELSE {_saving("-")} END AS saving_cents
        FROM put_down
    )"""


def _saving(sign: str) -> str:
    """Savings come in pairs, as far above the usual one as below it; the first ones get the cents that are left."""
    spread = f"saving // 2 * 3571 % {figures.SAVING_SPREAD_CENTS + 1}"
    return f"{figures.SAVING_CENTS} {sign} {spread} + CASE WHEN saving < {figures.LEFT_OVER_CENTS} THEN 1 ELSE 0 END"


def claims(scene: Scene, batch: Sequence[Stretch]) -> str:
    edge = scene.edge
    hours = "CAST(({0}) * 100 // 3600000000 AS DECIMAL(18, 2)) * 0.01"
    base = "CASE category" + "".join(f" WHEN {n} THEN {cents}" for n, cents in enumerate(_REPLACEMENT_CENTS)) + " END"
    asked = (
        f"CASE WHEN kind <= {REPAIRED_CLOSED} THEN saving_cents + repair_cents"
        f" ELSE ({base}) * (75 + {digits('h2', 31, 51)}) // 100 END"
    )
    lost = f"kind <= {REPAIRED_CLOSED} AND {digits('h2', 41, 100)} >= 73 AND {digits('h2', 41, 100)} < 88"
    unknown = "customer % 83 = 0"
    closed = f"""CASE WHEN kind IN ({REPAIRED}, {REPLACED}) AND back_us < {edge} THEN back_us
        WHEN kind IN ({REPAIRED_CLOSED}, {REPLACED_CLOSED}) THEN back_us + LEAST(({edge} - back_us) // 20, {2 * HOUR_US})
        WHEN kind = {DENIED} THEN decision_us
        WHEN kind = {WITHDRAWN} THEN end_work_us + LEAST(({edge} - end_work_us) * 9 // 10, (20 + {digits("h3", 37, 200)}) * {HOUR_US})
        WHEN kind = {LAPSED_REVIEW} THEN end_work_us + {5 * DAY_US}
        WHEN kind = {LAPSED_PENDING} THEN open_us + {40 * DAY_US} END"""
    return f"""{rows(scene, batch)}, priced AS (
        SELECT *, {asked} AS asked_cents, {closed} AS closed_us, {digits("h3", 43, 1000)} AS fraud FROM told
    )
    SELECT {identifier("CLM-", "n")} AS claim_id, {identifier("cust_", "customer")} AS customer_id,
        {identifier("dev_", "device")} AS device_id, {product_id(product_number("b"))} AS product_id,
        {identifier("cov_", "device")} AS coverage_id, {partner_id(partner_number("customer"))} AS partner_id,
        CASE WHEN {unknown} THEN NULL ELSE a.state_code END AS state_code,
        CASE WHEN {unknown} THEN NULL ELSE a.region END AS region, {channel(digits("h2", 37, 100))} AS channel,
        CASE WHEN {lost} THEN 'Device screen damage' ELSE {issue(digits("h2", 41, 100))} END AS issue_type,
        CASE WHEN kind IN ({REPAIRED}, {REPLACED}) THEN 'approved' WHEN kind = {DENIED} THEN 'denied'
            WHEN kind = {IN_REVIEW} THEN 'in_review' WHEN kind = {PENDING} THEN 'pending' ELSE 'closed' END AS claim_status,
        CASE WHEN kind <= {REPAIRED_CLOSED} THEN 'repair' WHEN kind <= {REPLACED_CLOSED} THEN 'replacement'
            WHEN kind IN ({WITHDRAWN}, {LAPSED_REVIEW}, {LAPSED_PENDING}) THEN 'withdrawn' END AS resolution,
        CASE WHEN kind = {DENIED} THEN {one_of(digits("h3", 47, 100), _DENIALS)} END AS denial_reason,
        CASE WHEN kind <= {REPAIRED_CLOSED} THEN {one_of(digits("h3", 11, 100), ((62, "walk_in"), (12, "on_site"), (26, "mail_in")))}
            WHEN kind <= {REPLACED_CLOSED} THEN 'shipped' END AS fulfilment,
        CASE WHEN kind = {PENDING} THEN 'customer' WHEN kind = {IN_REVIEW} AND is_on_desk = 0
            THEN {one_of(digits("h3", 53, 10), ((5, "customer"), (3, "partner"), (2, "laboratory")))} END AS waiting_on,
        {identifier("emp_", digits("h3", 59, 180), 100)} AS adjuster_id,
        AT_MICROS(open_us) AS claim_open_ts, AT_MICROS(start_work_us) AS work_started_ts,
        AT_MICROS(end_work_us) AS work_ended_ts, AT_MICROS(decision_us) AS decision_ts, AT_MICROS(closed_us) AS closed_ts,
        {hours.format("decision_us - open_us")} AS decision_hours,
        CASE WHEN kind <= {REPAIRED_CLOSED} AND back_us < {edge} THEN {hours.format("back_us - decision_us")} END AS repair_turnaround_hours,
        {hundredths("asked_cents")} AS claim_amount_usd,
        CASE WHEN kind <= {REPAIRED_CLOSED} THEN {hundredths("repair_cents")}
            WHEN kind <= {REPLACED_CLOSED} THEN {hundredths("asked_cents")} END AS approved_amount_usd,
        {hundredths(f"CASE WHEN kind <= {REPAIRED_CLOSED} THEN 2900 ELSE 4900 + {digits('h2', 43, 3)} * 2500 END")} AS deductible_usd,
        CASE WHEN kind <= {REPAIRED_CLOSED} THEN {hundredths("repair_cents")} END AS repair_cost_usd,
        {hundredths("saving_cents")} AS cost_avoided_usd,
        CAST(fraud * fraud // 100 AS DECIMAL(18, 4)) * 0.0001 AS fraud_score, fraud * fraud // 100 >= 8500 AS is_fraud_suspected,
        CASE WHEN kind <= {REPAIRED_CLOSED} THEN {digits("h3", 11, 100)} < 38 END AS is_same_day,
        {digits("h2", 47, 4)} * ({digits("h3", 61, 3)}) // 3 AS prior_claims,
        CASE WHEN {digits("h3", 11, 100)} >= 74 THEN CAST(1 + {digits("h2", 53, 998)} AS VARCHAR) || ' Elm Street' END AS shipping_street,
        {one_of(digits("h2", 59, 10), ((7, "claims_core"), (2, "partner_feed"), (1, "paper")))} AS source_system,
        AT_MICROS(COALESCE(closed_us, end_work_us, start_work_us)) AS updated_ts
    FROM priced JOIN {slots("a")} ON a.slot = priced.slot
    ORDER BY claim_open_ts"""


def repairs(scene: Scene, batch: Sequence[Stretch]) -> str:
    edge = scene.edge
    kind_of_repair = (
        f"CASE WHEN {digits('h2', 41, 100)} < 34 OR {digits('h2', 41, 100)} BETWEEN 73 AND 87 THEN 'screen'"
        f" WHEN {digits('h2', 41, 100)} < 56 THEN 'battery' WHEN {digits('h2', 41, 100)} < 73 THEN 'board' ELSE 'cleaning' END"
    )
    center = f"CASE WHEN slot < {figures.CENTERS - 200} AND {digits('h3', 67, 2)} = 1 THEN slot + 200 ELSE slot END"
    return f"""{rows(scene, batch)}, received AS (
        SELECT *, LEAST(decision_us + give_us, decision_us + (back_us - decision_us) // 2) AS received_us,
            {kind_of_repair} AS repair_type, repair_cents * 45 // 100 AS parts_cents
        FROM told WHERE kind <= {REPAIRED_CLOSED}
    )
    SELECT {identifier("rep_", "n")} AS repair_order_id, {identifier("CLM-", "n")} AS claim_id,
        {identifier("dev_", "device")} AS device_id, {product_id(product_number("b"))} AS product_id,
        {center_id(center)} AS center_id, repair_type,
        CASE WHEN back_us < {edge} THEN 'completed' ELSE 'in_repair' END AS repair_status,
        CASE WHEN repair_type IN ('screen', 'battery') THEN CASE repair_type WHEN 'screen' THEN 'SCR-' ELSE 'BAT-' END
            || CAST(1000 + {product_number("b")} // 10 AS VARCHAR) END AS part_sku,
        AT_MICROS(received_us) AS received_ts, CASE WHEN back_us < {edge} THEN AT_MICROS(back_us) END AS completed_ts,
        CASE WHEN back_us < {edge} THEN CAST((back_us - received_us) * 100 // 3600000000 AS DECIMAL(18, 2)) * 0.01 END AS turnaround_hours,
        18 + {digits("h3", 71, 70)} AS labor_minutes, {hundredths("parts_cents")} AS parts_cost_usd,
        {hundredths("repair_cents - parts_cents")} AS labor_cost_usd, {hundredths("repair_cents")} AS total_cost_usd,
        {digits("h3", 11, 100)} < 38 AS is_same_day, {digits("h3", 73, 40)} = 0 AS is_rework,
        {identifier("emp_", digits("h3", 79, 900), 1_000)} AS technician_id, 90 AS warranty_days
    FROM received WHERE received_us < {edge}
    ORDER BY received_us"""
