"""Claims and the repairs that some of them lead to: one set of rows, looked at twice."""

from collections.abc import Iterator, Sequence

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
from assay.demo.scene import (
    Scene,
    category_number,
    center_id,
    channel,
    device_draw,
    identifier,
    issue,
    partner_id,
    partner_number,
    product_id,
    product_number,
    slot_of,
    slots,
)
from assay.demo.timeline import DAY_US, HOUR_US, Stretch, offset_sql

BATCH_ROWS = 1_000_000
MINUTE_US = 60_000_000

# What becomes of a claim.
REPAIRED, REPAIRED_CLOSED, REPLACED, REPLACED_CLOSED, WITHDRAWN, DENIED, IN_REVIEW, PENDING = range(1, 9)
LAPSED_REVIEW, LAPSED_PENDING = 9, 10
"""Old claims that were in review or pending: closed as withdrawn."""

_DENIALS = ((38, "not covered"), (27, "deductible unpaid"), (21, "claim limit reached"), (14, "suspected fraud"))
_FULFILMENTS = ((62, "walk_in"), (12, "on_site"), (26, "mail_in"))
_WAITED_FOR = ((5, "customer"), (3, "partner"), (2, "laboratory"))
_SOURCES = ((7, "claims_core"), (2, "partner_feed"), (1, "paper"))
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


IS_REPAIR = f"kind <= {REPAIRED_CLOSED}"
IS_REPLACEMENT = f"kind IN ({REPLACED}, {REPLACED_CLOSED})"
IS_REVIEWED = f"kind IN ({IN_REVIEW}, {LAPSED_REVIEW})"
IS_DECIDED = f"(kind <= {REPLACED_CLOSED} OR kind = {DENIED})"
IS_SAME_DAY = f"{digits('h3', 11, 100)} < 38"
_ISSUE = digits("h2", 41, 100)


def _by_edge(scene: Scene, start: str, span: str, squeeze: str) -> str:
    """`start + span`; or where that is not over yet, `squeeze` percent of the time since `start`."""
    left = f"({scene.edge} - {start})"
    return when(f"{start} + {span} < {scene.edge}", f"{start} + {span}", f"{start} + {left} * {squeeze} // 100")


def _wait() -> str:
    """From opening to an adjuster's desk: minutes to two hours for reviews, up to a day and a half for others."""
    usual = f"(10 + LEAST({digits('h2', 7, 1800)}, {digits('h3', 5, 1800)})) * {MINUTE_US}"
    return when(IS_REVIEWED, f"(5 + {digits('h2', 7, 115)}) * {MINUTE_US}", usual)


def _desk() -> str:
    """On the desk: from 0.2 to 1.8 times the stretch's average for reviews, minutes for others."""
    usual = f"(5 + {digits('h3', 3, 55)}) * {MINUTE_US}"
    return when(IS_REVIEWED, f"desk_us // 1000 * (200 + {digits('h3', 3, 1601)})", usual)


def _to_the_bench() -> str:
    soon = f"(15 + {digits('h2', 13, 60)}) * {MINUTE_US}"
    return when(IS_SAME_DAY, soon, f"(2 + {digits('h2', 13, 22)}) * {HOUR_US}")


def _on_the_bench(scene: Scene) -> str:
    """Repairs get a little faster over time: one percent in thirty days."""
    same_day = f"(110 + {digits('h3', 17, 240)}) * {MINUTE_US}"
    work = when(IS_SAME_DAY, same_day, f"(600 + {digits('h3', 17, 3000)}) * {MINUTE_US}")
    return f"({work}) // 3000 * (3000 + ({scene.edge} - open_us) // {DAY_US})"


def _back(scene: Scene) -> str:
    """When the customer has a working device again, even if that is yet to come; closed claims have it already."""
    shipping = f"(20 + {digits('h3', 23, 60)}) * {HOUR_US}"
    return f"""CASE WHEN kind = {REPAIRED} THEN end_work_us + give_us + repair_us
        WHEN kind = {REPAIRED_CLOSED} THEN {_by_edge(scene, "end_work_us", "give_us + repair_us", "90")}
        WHEN kind = {REPLACED} THEN end_work_us + {shipping}
        WHEN kind = {REPLACED_CLOSED} THEN {_by_edge(scene, "end_work_us", shipping, "90")} END"""


def _saving() -> str:
    """Savings come in pairs, as far above the usual one as below it; the first ones get the cents that are left."""
    spread = f"saving // 2 * 3571 % {figures.SAVING_SPREAD_CENTS + 1}"
    cent = when(f"saving < {figures.LEFT_OVER_CENTS}", "1", "0")
    above, below = (f"{figures.SAVING_CENTS} {sign} {spread} + {cent}" for sign in "+-")
    return f"CASE WHEN NOT ({IS_REPAIR}) THEN 0 WHEN saving % 2 = 0 THEN {above} ELSE {below} END"


def rows(scene: Scene, batch: Sequence[Stretch]) -> str:
    """Common table expressions up to `told`: one row a claim, every instant and amount as a whole number.

    Each step is materialized where the next one names its columns more than once.
    """
    most = max(stretch.claims for stretch in batch)
    is_on_desk = when(f"kind = {IN_REVIEW} AND others_left < {desk_limit()}", "1", "0")
    end_work = _by_edge(scene, "start_work_us", _desk(), f"(1 + {digits('h2', 19, 97)})")
    return f"""WITH placed AS (
        SELECT d.start_us, d.ticks_from + s.i * (d.ticks // d.claims) AS ticks_before, d.ticks // d.claims AS room,
            d.first_claim + s.i AS n, d.is_old, d.desk_us, d.first_avoided + s.i * d.avoided // d.claims AS saving,
            (s.i + 1) * d.avoided // d.claims - s.i * d.avoided // d.claims AS is_avoided,
            d.others_left - s.i + s.i * d.avoided // d.claims AS others_left
        FROM {_calendar(scene, batch)} JOIN series_{most} AS s ON s.i < d.claims
    ), begun AS (
        SELECT *, {linear("n", 48_271, 12_345)} AS a1, {linear("n", 69_621, 777)} AS a2,
            {linear("n", 40_692, 31)} AS a3
        FROM placed
    ), drawn AS MATERIALIZED (
        SELECT n, start_us, ticks_before, room, is_old, desk_us, saving, is_avoided, others_left,
            {scrambled("a1")} AS h1, {scrambled("a2")} AS h2, {scrambled("a3")} AS h3
        FROM begun
    ), set_in_time AS (
        SELECT *, ticks_before + h2 % room AS at_tick, h1 * {scene.devices_with_claims} // {PRIME} AS device,
            {_kind()} AS kind
        FROM drawn
    ), opened AS MATERIALIZED (
        SELECT n, start_us + {offset_sql("at_tick")} AS open_us, device, {device_draw("device")} AS b1,
            {scene.customer_of("device")} AS customer, desk_us, saving, kind, h2, h3, {is_on_desk} AS is_on_desk
        FROM set_in_time
    ), taken_up AS MATERIALIZED (
        SELECT *, {scrambled("b1")} AS b, {slot_of("customer")} AS slot,
            open_us + LEAST({_wait()}, ({scene.edge} - open_us) // 2) AS start_work_us
        FROM opened
    ), put_down AS MATERIALIZED (
        SELECT *, {when("is_on_desk = 0", end_work)} AS end_work_us, {_to_the_bench()} AS give_us,
            {_on_the_bench(scene)} AS repair_us, {category_number("b")} AS category
        FROM taken_up
    ), told AS MATERIALIZED (
        SELECT *, {when(IS_DECIDED, "end_work_us")} AS decision_us, {_back(scene)} AS back_us,
            3200 + {digits("h3", 29, 1601)} AS repair_cents, {_saving()} AS saving_cents
        FROM put_down
    )"""


def _hours(microseconds: str) -> str:
    return hundredths(f"({microseconds}) * 100 // {HOUR_US}")


def _asked_cents() -> str:
    """What a replacement would cost. For a repair that is the saving and the repair together."""
    usual = "CASE category" + "".join(f" WHEN {n} THEN {cents}" for n, cents in enumerate(_REPLACEMENT_CENTS)) + " END"
    return when(IS_REPAIR, "saving_cents + repair_cents", f"({usual}) * (75 + {digits('h2', 31, 51)}) // 100")


def _closed(scene: Scene) -> str:
    edge = scene.edge
    withdrawn = f"end_work_us + LEAST(({edge} - end_work_us) * 9 // 10, (20 + {digits('h3', 37, 200)}) * {HOUR_US})"
    return f"""CASE WHEN kind IN ({REPAIRED}, {REPLACED}) AND back_us < {edge} THEN back_us
        WHEN kind IN ({REPAIRED_CLOSED}, {REPLACED_CLOSED}) THEN back_us + LEAST(({edge} - back_us) // 20, {2 * HOUR_US})
        WHEN kind = {DENIED} THEN decision_us WHEN kind = {WITHDRAWN} THEN {withdrawn}
        WHEN kind = {LAPSED_REVIEW} THEN end_work_us + {5 * DAY_US}
        WHEN kind = {LAPSED_PENDING} THEN open_us + {40 * DAY_US} END"""


def claims(scene: Scene, batch: Sequence[Stretch]) -> str:
    known = "customer % 83 <> 0"
    # A lost device cannot be repaired: where the draw says both, it was the screen.
    is_lost_and_found = f"{IS_REPAIR} AND {_ISSUE} >= 73 AND {_ISSUE} < 88"
    waiting = when(f"kind = {IN_REVIEW} AND is_on_desk = 0", one_of(digits("h3", 53, 10), _WAITED_FOR))
    columns = {
        "claim_id": identifier("CLM-", "n"),
        "claim_open_ts": instant("open_us"),
        "claim_status": f"""CASE WHEN kind IN ({REPAIRED}, {REPLACED}) THEN 'approved' WHEN kind = {DENIED} THEN 'denied'
            WHEN kind = {IN_REVIEW} THEN 'in_review' WHEN kind = {PENDING} THEN 'pending' ELSE 'closed' END""",
        "resolution": f"""CASE WHEN {IS_REPAIR} THEN 'repair' WHEN {IS_REPLACEMENT} THEN 'replacement'
            WHEN kind IN ({WITHDRAWN}, {LAPSED_REVIEW}, {LAPSED_PENDING}) THEN 'withdrawn' END""",
        "cost_avoided_usd": hundredths("saving_cents"),
        "region": when(known, "a.region"),
        "product_id": product_id(product_number("b")),
        "work_started_ts": instant("start_work_us"),
        "work_ended_ts": instant("end_work_us"),
        "decision_ts": instant("decision_us"),
        "customer_id": identifier("cust_", "customer"),
        "device_id": identifier("dev_", "device"),
        "coverage_id": identifier("cov_", "device"),
        "partner_id": partner_id(partner_number("customer")),
        "state_code": when(known, "a.state_code"),
        "channel": channel(digits("h2", 37, 100)),
        "issue_type": when(is_lost_and_found, "'Device screen damage'", issue(_ISSUE)),
        "denial_reason": when(f"kind = {DENIED}", one_of(digits("h3", 47, 100), _DENIALS)),
        "fulfilment": when(
            IS_REPAIR, one_of(digits("h3", 11, 100), _FULFILMENTS), when(IS_REPLACEMENT, "'shipped'")
        ),
        "waiting_on": when(f"kind = {PENDING}", "'customer'", waiting),
        "adjuster_id": identifier("emp_", digits("h3", 59, 180), 100),
        "closed_ts": instant("closed_us"),
        "decision_hours": _hours("decision_us - open_us"),
        "repair_turnaround_hours": when(f"{IS_REPAIR} AND back_us < {scene.edge}", _hours("back_us - decision_us")),
        "claim_amount_usd": hundredths("asked_cents"),
        "approved_amount_usd": when(
            IS_REPAIR, hundredths("repair_cents"), when(IS_REPLACEMENT, hundredths("asked_cents"))
        ),
        "deductible_usd": hundredths(when(IS_REPAIR, "2900", f"4900 + {digits('h2', 43, 3)} * 2500")),
        "repair_cost_usd": when(IS_REPAIR, hundredths("repair_cents")),
        "fraud_score": "CAST(fraud * fraud // 100 AS DECIMAL(18, 4)) * 0.0001",
        "is_fraud_suspected": "fraud * fraud // 100 >= 8500",
        "is_same_day": when(IS_REPAIR, IS_SAME_DAY),
        "prior_claims": f"{digits('h2', 47, 4)} * {digits('h3', 61, 3)} // 3",
        "shipping_street": when(
            f"{digits('h3', 11, 100)} >= 74", f"{text('1 + ' + digits('h2', 53, 998))} || ' Elm Street'"
        ),
        "source_system": one_of(digits("h2", 59, 10), _SOURCES),
        "updated_ts": instant("COALESCE(closed_us, end_work_us, start_work_us)"),
    }  # fmt: skip
    return f"""{rows(scene, batch)}, priced AS (
        SELECT *, {_asked_cents()} AS asked_cents, {_closed(scene)} AS closed_us, {digits("h3", 43, 1000)} AS fraud
        FROM told
    )
    {select(columns, "FROM priced")} JOIN {slots("a")} ON a.slot = priced.slot ORDER BY claim_open_ts"""


def repairs(scene: Scene, batch: Sequence[Stretch]) -> str:
    is_back = f"back_us < {scene.edge}"
    repair_type = f"""CASE WHEN {_ISSUE} < 34 OR {_ISSUE} BETWEEN 73 AND 87 THEN 'screen'
        WHEN {_ISSUE} < 56 THEN 'battery' WHEN {_ISSUE} < 73 THEN 'board' ELSE 'cleaning' END"""
    # The first states have a second centre.
    center = when(f"slot < {figures.CENTERS - 200} AND {digits('h3', 67, 2)} = 1", "slot + 200", "slot")
    line = text(f"1000 + {product_number('b')} // 10")
    sku = f"CASE repair_type WHEN 'screen' THEN 'SCR-' ELSE 'BAT-' END || {line}"
    columns = {
        "repair_order_id": identifier("rep_", "n"),
        "claim_id": identifier("CLM-", "n"),
        "device_id": identifier("dev_", "device"),
        "product_id": product_id(product_number("b")),
        "center_id": center_id(center),
        "repair_type": "repair_type",
        "repair_status": when(is_back, "'completed'", "'in_repair'"),
        "part_sku": when("repair_type IN ('screen', 'battery')", sku),
        "received_ts": instant("received_us"),
        "completed_ts": when(is_back, instant("back_us")),
        "turnaround_hours": when(is_back, _hours("back_us - received_us")),
        "labor_minutes": f"18 + {digits('h3', 71, 70)}",
        "parts_cost_usd": hundredths("parts_cents"),
        "labor_cost_usd": hundredths("repair_cents - parts_cents"),
        "total_cost_usd": hundredths("repair_cents"),
        "is_same_day": IS_SAME_DAY,
        "is_rework": f"{digits('h3', 73, 40)} = 0",
        "technician_id": identifier("emp_", digits("h3", 79, 900), 1_000),
        "warranty_days": "90",
    }
    return f"""{rows(scene, batch)}, received AS (
        SELECT *, LEAST(decision_us + give_us, decision_us + (back_us - decision_us) // 2) AS received_us,
            {repair_type} AS repair_type, repair_cents * 45 // 100 AS parts_cents
        FROM told WHERE {IS_REPAIR}
    )
    {select(columns, "FROM received")} WHERE received_us < {scene.edge} ORDER BY received_us"""
