"""Support sessions: those that have ended, and those alive now."""

from bisect import bisect_right

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
    channel,
    device_draw,
    identifier,
    issue,
    product_id,
    product_number,
    slot_of,
    slots,
)
from assay.demo.steady import alive, by_hour
from assay.demo.timeline import DAY_TICKS, DAY_US, Day, offset_sql, ticks_at

# How long sessions live: (share in ten-thousandths, from, to), in seconds, evenly in between.
_LIVES = ((5_000, 3_600, 43_200), (2_500, 43_200, 345_600), (2_000, 345_600, 1_036_800), (500, 1_036_800, 2_592_000))
_MEAN_LIFE = sum(share * (low + high) / 2 for share, low, high in _LIVES) / 10_000
_ONE_IN = 3
"""One session in so many ends at a busy hour, the others at any: the number alive hardly differs between hours."""
_ALIVE_A_WEEK_AGO = figures.ACTIVE_ISSUES / 1.021


def _survival(seconds: float) -> float:
    """Share of sessions that live longer than this."""
    return sum(
        share * min(1.0, max(0.0, (high - seconds) / (high - low))) for share, low, high in _LIVES
    ) / 10_000  # fmt: skip


def open_ages(count: int) -> list[int]:
    """For how many seconds those alive now have lived.

    If arrivals are steady, ages are spread like the survival of lives (the equilibrium distribution of renewal
    theory); so the number alive a day or a week ago is much the same as now.
    """
    step = 3_600
    reached: list[float] = [0.0]
    for second in range(0, _LIVES[-1][2], step):
        reached.append(reached[-1] + _survival(second + step / 2) * step)
    ages: list[int] = []
    for number in range(count):
        place = reached[-1] * (number + 0.5) / count
        index = bisect_right(reached, place) - 1
        within = (place - reached[index]) / (reached[index + 1] - reached[index])
        ages.append(max(45, int((index + within) * step)))
    return ages


def _ends(day: Day) -> float:
    """Sessions that end on a day, at the pace that would keep _ALIVE_A_WEEK_AGO alive if all days were alike."""
    seconds = (day.end_us - day.start_us) / 1_000_000
    share = day.weight / (seconds / 86_400) if seconds else 0.0
    calm = (1 + (share - 1) * 0.35) if seconds >= 3_600 * 20 else 1.0
    far = (day.end_us - day.start_us) / DAY_US
    ticks = (ticks_at(day.end_us - day.start_us) / DAY_TICKS + (_ONE_IN - 1) * far) / _ONE_IN
    return _ALIVE_A_WEEK_AGO * 86_400 / _MEAN_LIFE * (1 - 0.1 * day.age / 365) * calm * ticks


def _pace(scene: Scene) -> float:
    """What to multiply `_ends` by, so that a week ago as many were alive as there should have been."""
    week_ago = scene.edge - 7 * DAY_US
    waiting = sum(age * 1_000_000 > 7 * DAY_US for age in open_ages(figures.ACTIVE_ISSUES - 1))
    # Seen backwards in time, a session "arrives" when it ends and "lives" back to its opening.
    ends: list[tuple[int, float]] = []
    for day in scene.timeline.days:
        span = day.end_us - day.start_us
        if day.age <= 8 and span > 0:
            ends += [(-at, count / _ONE_IN) for at, count in by_hour(day.start_us, 0, ticks_at(span), _ends(day))]
            share = _ends(day) * (_ONE_IN - 1) / _ONE_IN / 24
            ends += [(-(day.start_us + span * (2 * part + 1) // 48), share) for part in range(24)]
    return (_ALIVE_A_WEEK_AGO - waiting) / alive(-week_ago, ends, _survival)


_PRIORITIES = ((22, "low"), (54, "normal"), (18, "high"), (6, "urgent"))


def _calendar(scene: Scene) -> tuple[str, int, int]:
    """The days as a table of constants, the most sessions that end on one of them, and how many end in all."""
    by_day, pace = scene.claims_by_day, _pace(scene)
    rows: list[tuple[int, ...]] = []
    first = 0
    for day in scene.timeline.days:
        count = int(_ends(day) * pace + 0.5)
        span = day.end_us - day.start_us
        if count and span:
            rows.append((day.start_us, span, ticks_at(span), count, first, *by_day.get(day.age, (0, 0))))
            first += count
    names = ("start_us", "span_us", "ticks", "sessions", "first", "first_claim", "claims")
    return values("d", names, rows), max(row[3] for row in rows), first


def _lives() -> str:
    """Seconds out of a number `u` below 10,000, by the shares of `_LIVES`."""
    bound, branches = 0, ""
    for share, low, high in _LIVES:
        branches += f" WHEN u < {bound + share} THEN {low} + (u - {bound}) * {high - low} // {share}"
        bound += share
    return f"CASE{branches} END"


def _lived(scene: Scene) -> str:
    """Common table expressions up to `every`: those that have ended, by the day of their end, and those alive now."""
    calendar, most, ended = _calendar(scene)
    ages = list(enumerate(open_ages(figures.ACTIVE_ISSUES - 1)))
    at = when(f"n % {_ONE_IN} = 0", offset_sql("at_tick"), "flat_us")
    claim = when("d.claims > 0 AND s.i % 2 = 0", "d.first_claim + s.i * d.claims // d.sessions", "-1")
    # The golden ratio spreads the lives of following sessions as evenly as can be.
    return f"""WITH closed AS (
        SELECT d.first + s.i AS n, d.start_us, d.ticks // d.sessions * s.i AS ticks_before,
            d.ticks // d.sessions AS room, d.span_us // d.sessions * s.i AS before_us,
            d.span_us // d.sessions AS room_us, {claim} AS claim
        FROM {calendar} JOIN series_{most} AS s ON s.i < d.sessions
    ), ended AS (
        SELECT n, claim, start_us, ticks_before + n * 7919 % room AS at_tick,
            before_us + n * 7919 % room_us AS flat_us, (n * 6180339887 // 1000000) % 10000 AS u
        FROM closed
    ), lived AS (
        SELECT n, claim, start_us + {at} AS closed_us, {_lives()} AS seconds FROM ended
    ), every AS (
        SELECT n, claim, closed_us - seconds * 1000000 - n % 1000000 AS opened_us, closed_us FROM lived
        UNION ALL
        SELECT {ended} + k AS n, -1 AS claim, {scene.edge} - age * 1000000 - k * 7717 % 1000000 AS opened_us,
            CAST(NULL AS BIGINT) AS closed_us
        FROM {values("alive", ("k", "age"), ages)}
    )"""


def sessions(scene: Scene) -> str:
    known, has_claim, is_answered = "customer % 83 <> 0", "claim >= 0", "is_unanswered = 0"
    # The device and the issue of a linked claim are drawn as `claims` draws them. A claim whose draw says "lost"
    # may have become a screen repair there: those are not linked.
    claim_issue = digits("c2", 41, 100)
    claim = when(f"{has_claim} AND ({claim_issue} < 73 OR {claim_issue} >= 88)", "claim", "-1")
    device = f"{when(has_claim, 'c', 'h1')} * {scene.devices_with_claims} // {PRIME}"
    minutes = f"CAST(LEAST(life_us // 600000, 300 + {digits('h2', 11, 4_200)}) AS DECIMAL(18, 2)) * 0.01"
    columns = {
        "session_id": identifier("ses_", "n"),
        "customer_id": identifier("cust_", "customer"),
        "device_id": identifier("dev_", "device"),
        "product_id": product_id(product_number("b")),
        "claim_id": when(has_claim, identifier("CLM-", "claim")),
        "state_code": when(known, "a.state_code"),
        "region": when(known, "a.region"),
        "channel": channel(digits("h1", 3, 100)),
        "issue_description": when(has_claim, issue(claim_issue), issue(digits("h2", 3, 100))),
        "status": f"""CASE WHEN is_unanswered = 1 THEN 'open' WHEN closed_us IS NULL THEN 'in_progress'
            WHEN {digits("h1", 11, 100)} < 91 THEN 'resolved' ELSE 'abandoned' END""",
        "priority": one_of(digits("h1", 13, 100), _PRIORITIES),
        "opened_ts": instant("opened_us"),
        "first_response_ts": when(is_answered, instant("opened_us + answer_us")),
        "closed_ts": instant("closed_us"),
        "first_response_minutes": when(is_answered, hundredths("answer_us * 100 // 60000000")),
        "handle_minutes": when("closed_us IS NOT NULL", minutes),
        "transfers": f"{digits('h2', 13, 4)} * {digits('h1', 17, 3)} // 3",
        "is_escalated": f"{digits('h1', 19, 100)} < 7",
        "agent_id": when(is_answered, identifier("emp_", digits("h2", 17, 240), 300)),
        "contact_email": when(f"{digits('h2', 19, 3)} = 0", f"'customer' || {text('customer')} || '@example.com'"),
    }
    return f"""{_lived(scene)}, begun AS (
        SELECT *, {linear("n", 48_271, 555)} AS a1, {linear("n", 69_621, 8_080)} AS a2,
            {linear("claim", 48_271, 12_345)} AS c1, {linear("claim", 69_621, 777)} AS c21
        FROM every
    ), drawn AS MATERIALIZED (
        SELECT n, claim, opened_us, closed_us, {scrambled("a1")} AS h1, {scrambled("a2")} AS h2,
            {when(has_claim, scrambled("c1"))} AS c, {when(has_claim, scrambled("c21"))} AS c2
        FROM begun
    ), linked AS (
        SELECT n, opened_us, closed_us, h1, h2, c, c2, {claim} AS claim FROM drawn
    ), owned AS MATERIALIZED (
        SELECT *, {device} AS device, COALESCE(closed_us, {scene.edge}) - opened_us AS life_us FROM linked
    ), known AS MATERIALIZED (
        SELECT *, {device_draw("device")} AS b1, {scene.customer_of("device")} AS customer,
            LEAST(life_us // 2, (45 + {digits("h2", 5, 600)} * {digits("h2", 7, 13)}) * 1000000) AS answer_us
        FROM owned
    ), told AS MATERIALIZED (
        SELECT *, {scrambled("b1")} AS b, {slot_of("customer")} AS slot,
            {when(f"closed_us IS NULL AND {digits('h1', 11, 100)} < 42", "1", "0")} AS is_unanswered
        FROM known
    )
    {select(columns, "FROM told")} JOIN {slots("a")} ON a.slot = told.slot ORDER BY opened_us"""
