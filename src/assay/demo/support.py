"""Support sessions and the surveys that are answered after a claim."""

from bisect import bisect_right

from assay.demo import figures
from assay.demo.portable import PRIME, digits, linear, one_of, scrambled, values
from assay.demo.scene import (
    LANGUAGES, Scene, channel, device_draw, identifier, issue, product_id, product_number, slot_of, slots,
)  # fmt: skip
from assay.demo.steady import alive, by_hour
from assay.demo.timeline import DAY_TICKS, DAY_US, HOUR_US, Day, allot, offset_sql, ticks_at

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


def _claims_by_day(scene: Scene) -> dict[int, tuple[int, int]]:
    """Age of a day to the number of its first claim and how many it has."""
    found: dict[int, tuple[int, int]] = {}
    first = 0
    for stretch in scene.stretches:
        age = (scene.timeline.today - stretch.day).days
        known = found.get(age)
        found[age] = (known[0], known[1] + stretch.claims) if known else (first, stretch.claims)
        first += stretch.claims
    return found


def sessions(scene: Scene) -> str:
    edge = scene.edge
    by_day = _claims_by_day(scene)
    days = scene.timeline.days
    rows: list[tuple[int, ...]] = []
    first = 0
    pace = _pace(scene)
    for day in days:
        count = int(_ends(day) * pace + 0.5)
        ticks = ticks_at(day.end_us - day.start_us)
        if count and ticks:
            rows.append((day.start_us, day.end_us - day.start_us, ticks, count, first, *by_day.get(day.age, (0, 0))))
            first += count
    most = max(row[3] for row in rows)
    calendar = values("d", ("start_us", "span_us", "ticks", "sessions", "first", "first_claim", "claims"), rows)
    ages = list(enumerate(open_ages(figures.ACTIVE_ISSUES - 1)))
    bound, lives = 0, ""
    for share, low, high in _LIVES:
        lives += f" WHEN u < {bound + share} THEN {low} + (u - {bound}) * {high - low} // {share}"
        bound += share
    device = f"CASE WHEN claim >= 0 THEN c * {scene.devices_with_claims} // {PRIME} ELSE h1 * {scene.devices_with_claims} // {PRIME} END"
    claim_issue = digits("c2", 41, 100)
    # A claim whose draw says "lost" may have become a screen repair (see `claims`): those are not linked.
    unknown = "customer % 83 = 0"
    return f"""WITH closed AS (
        SELECT d.first + s.i AS n, d.start_us, d.ticks // d.sessions * s.i AS ticks_before, d.ticks // d.sessions AS room,
            d.span_us // d.sessions * s.i AS before_us, d.span_us // d.sessions AS room_us,
            CASE WHEN d.claims > 0 AND s.i % 2 = 0 THEN d.first_claim + s.i * d.claims // d.sessions ELSE -1 END AS claim
        FROM {calendar} JOIN series_{most} AS s ON s.i < d.sessions
    ), ended AS (
        SELECT n, claim, start_us, ticks_before + n * 7919 % room AS at_tick, before_us + n * 7919 % room_us AS flat_us,
            (n * 6180339887 // 1000000) % 10000 AS u
        FROM closed
    ), lived AS (
        SELECT n, claim, start_us + CASE WHEN n % {_ONE_IN} = 0 THEN {offset_sql("at_tick")} ELSE flat_us END AS closed_us,
            CASE{lives} END AS seconds
        FROM ended
    ), every AS (
        SELECT n, claim, closed_us - seconds * 1000000 - n % 1000000 AS opened_us, closed_us FROM lived
        UNION ALL
        SELECT {first} + k AS n, -1 AS claim, {edge} - age * 1000000 - k * 7717 % 1000000 AS opened_us, CAST(NULL AS BIGINT) AS closed_us
        FROM {values("alive", ("k", "age"), ages)}
    ), begun AS (
        SELECT *, {linear("n", 48_271, 555)} AS a1, {linear("n", 69_621, 8_080)} AS a2,
            {linear("claim", 48_271, 12_345)} AS c1, {linear("claim", 69_621, 777)} AS c21
        FROM every
    ), drawn AS MATERIALIZED (
        SELECT n, claim, opened_us, closed_us, {scrambled("a1")} AS h1, {scrambled("a2")} AS h2,
            CASE WHEN claim >= 0 THEN {scrambled("c1")} END AS c, CASE WHEN claim >= 0 THEN {scrambled("c21")} END AS c2
        FROM begun
    ), linked AS (
        SELECT n, opened_us, closed_us, h1, h2, c, c2,
            CASE WHEN claim >= 0 AND ({claim_issue} < 73 OR {claim_issue} >= 88) THEN claim ELSE -1 END AS claim
        FROM drawn
    ), owned AS MATERIALIZED (
        SELECT *, {device} AS device, COALESCE(closed_us, {edge}) - opened_us AS life_us FROM linked
    ), known AS MATERIALIZED (
        SELECT *, {device_draw("device")} AS b1, {scene.customer_of("device")} AS customer,
            LEAST(life_us // 2, (45 + {digits("h2", 5, 600)} * {digits("h2", 7, 13)}) * 1000000) AS answer_us
        FROM owned
    ), told AS MATERIALIZED (
        SELECT *, {scrambled("b1")} AS b, {slot_of("customer")} AS slot,
            CASE WHEN closed_us IS NULL AND {digits("h1", 11, 100)} < 42 THEN 1 ELSE 0 END AS is_unanswered
        FROM known
    )
    SELECT {identifier("ses_", "n")} AS session_id, {identifier("cust_", "customer")} AS customer_id,
        {identifier("dev_", "device")} AS device_id, {product_id(product_number("b"))} AS product_id,
        CASE WHEN claim >= 0 THEN {identifier("CLM-", "claim")} END AS claim_id,
        CASE WHEN {unknown} THEN NULL ELSE a.state_code END AS state_code,
        CASE WHEN {unknown} THEN NULL ELSE a.region END AS region, {channel(digits("h1", 3, 100))} AS channel,
        CASE WHEN claim >= 0 THEN {issue(claim_issue)} ELSE {issue(digits("h2", 3, 100))} END AS issue_description,
        CASE WHEN is_unanswered = 1 THEN 'open' WHEN closed_us IS NULL THEN 'in_progress'
            WHEN {digits("h1", 11, 100)} < 91 THEN 'resolved' ELSE 'abandoned' END AS status,
        {one_of(digits("h1", 13, 100), ((22, "low"), (54, "normal"), (18, "high"), (6, "urgent")))} AS priority,
        AT_MICROS(opened_us) AS opened_ts, CASE WHEN is_unanswered = 0 THEN AT_MICROS(opened_us + answer_us) END AS first_response_ts,
        AT_MICROS(closed_us) AS closed_ts,
        CASE WHEN is_unanswered = 0 THEN CAST(answer_us * 100 // 60000000 AS DECIMAL(18, 2)) * 0.01 END AS first_response_minutes,
        CASE WHEN closed_us IS NOT NULL THEN CAST(LEAST(life_us // 600000, 300 + {digits("h2", 11, 4200)}) AS DECIMAL(18, 2)) * 0.01 END AS handle_minutes,
        {digits("h2", 13, 4)} * {digits("h1", 17, 3)} // 3 AS transfers, {digits("h1", 19, 100)} < 7 AS is_escalated,
        CASE WHEN is_unanswered = 0 THEN {identifier("emp_", digits("h2", 17, 240), 300)} END AS agent_id,
        CASE WHEN {digits("h2", 19, 3)} = 0 THEN 'customer' || CAST(customer AS VARCHAR) || '@example.com' END AS contact_email
    FROM told JOIN {slots("a")} ON a.slot = told.slot
    ORDER BY opened_us"""


# -- surveys --------------------------------------------------------------------------------------

_GROUP = 10
_GROUPS_A_DAY = 9
_SUM_NOW, _SUM_BEFORE = 46, 45
"""Ten answers that average 4.6 add up to 46. Earlier ones averaged a little less."""


def _better_groups(days: list[Day], groups: list[int]) -> list[int]:
    """For each day how many of its groups score one more (or, below 0, one less), none in all of the last 30 days.

    Only so the days differ while the average of the month is exact.
    """
    offsets = [0] * len(days)
    month = [index for index, day in enumerate(days) if 0 < day.age < 29]
    for index in month:
        wave = (days[index].date.toordinal() * 37) % 11 - 5
        offsets[index] = max(-groups[index], min(groups[index], wave))
    excess = sum(offsets[index] for index in month)
    for index in month * 12:
        if excess and abs(offsets[index] - (1 if excess > 0 else -1)) <= groups[index]:
            offsets[index] -= 1 if excess > 0 else -1
            excess -= 1 if excess > 0 else -1
    return offsets


def surveys(scene: Scene) -> str:
    by_day = _claims_by_day(scene)
    days = [day for day in scene.timeline.days if by_day.get(day.age + 3, (0, 0))[1] > 0]
    groups = [int(_GROUPS_A_DAY * day.weight) for day in days]
    better = _better_groups(days, groups)
    rows: list[tuple[int, ...]] = []
    first = 0
    for day, count, offset in zip(days, groups, better, strict=True):
        if count:
            # A window of 30 days begins somewhere within the day of age 30 and moves on with the clock. On that
            # day ten answers come in at one instant, so that the window's edge never cuts through a group.
            together = 1 if day.age == 30 else 0
            total = _SUM_NOW if day.age <= 30 else _SUM_BEFORE
            rows.append((day.start_us, ticks_at(day.end_us - day.start_us), count, first, together, total, offset,
                         *by_day[day.age + 3]))  # fmt: skip
            first += count
    most = max(row[2] for row in rows)
    names = ("start_us", "ticks", "groups", "first", "together", "total", "better", "first_claim", "claims")
    place = "(w.q + g) % 10"
    low = f"""CASE WHEN g * 7 % 10 < 4 THEN CASE {place} WHEN 0 THEN 3 WHEN 1 THEN 4 WHEN 2 THEN 4 ELSE 5 END
        WHEN g * 7 % 10 < 7 THEN CASE {place} WHEN 0 THEN 2 WHEN 1 THEN 4 ELSE 5 END
        WHEN g * 7 % 10 < 9 THEN CASE WHEN {place} < 4 THEN 4 ELSE 5 END
        ELSE CASE {place} WHEN 0 THEN 1 ELSE 5 END END"""
    nudge = f"""CASE WHEN step > 0 AND g * 7 % 10 < 9 AND {place} = 1 THEN 1
        WHEN step > 0 AND g * 7 % 10 = 9 AND {place} = 0 THEN 1 WHEN step < 0 AND {place} = 9 THEN -1
        WHEN total < {_SUM_NOW} AND {place} = 8 THEN -1 ELSE 0 END"""
    device = f"h1 * {scene.devices_with_claims} // {PRIME}"
    return f"""WITH grouped AS (
        SELECT d.first + s.i AS g, d.start_us, d.ticks // d.groups AS room, d.ticks // d.groups * s.i AS ticks_before, d.together,
            d.total, d.first_claim + s.i * d.claims // d.groups AS claim, d.claims // d.groups AS claims_room,
            CASE WHEN d.better > 0 AND s.i < d.better THEN 1 WHEN d.better < 0 AND s.i < -d.better THEN -1 ELSE 0 END AS step
        FROM {values("d", names, rows)} JOIN series_{most} AS s ON s.i < d.groups
    ), answered AS (
        SELECT g, w.i AS q, g * {_GROUP} + w.i AS n, start_us, total, step,
            claim + CASE WHEN claims_room > {_GROUP} THEN w.i * (claims_room // {_GROUP}) ELSE 0 END AS claim,
            ticks_before + CASE WHEN together = 1 THEN room // 2 ELSE room // {_GROUP} * w.i + g * 7919 % (room // {_GROUP}) END AS at_tick
        FROM grouped CROSS JOIN series_{_GROUP} AS w
    ), begun AS (
        SELECT *, {linear("claim", 48_271, 12_345)} AS c1, {linear("n", 69_621, 2_024)} AS a2 FROM answered
    ), drawn AS MATERIALIZED (
        SELECT g, q, n, claim, total, step, start_us + {offset_sql("at_tick")} AS responded_us,
            {scrambled("c1")} AS h1, {scrambled("a2")} AS h2
        FROM begun
    ), scored AS MATERIALIZED (
        SELECT n, claim, responded_us, h2, {device} AS device, {low.replace("w.q", "q")} + {nudge.replace("w.q", "q")} AS score FROM drawn
    )
    SELECT {identifier("srv_", "n")} AS survey_id, {identifier("CLM-", "claim")} AS claim_id,
        {identifier("cust_", scene.customer_of("device"))} AS customer_id,
        {one_of(digits("h2", 3, 100), ((55, "email"), (30, "sms"), (15, "app")))} AS channel,
        {one_of(digits("h2", 7, 100), LANGUAGES)} AS language,
        AT_MICROS(responded_us - {HOUR_US} * (1 + {digits("h2", 11, 20)})) AS invited_ts, AT_MICROS(responded_us) AS responded_ts,
        score AS csat_score,
        CASE WHEN h2 % 11 <> 0 THEN CASE score WHEN 5 THEN 9 + {digits("h2", 13, 2)} WHEN 4 THEN 8 WHEN 3 THEN 6 + {digits("h2", 13, 2)}
            ELSE {digits("h2", 13, 6)} END END AS nps_score,
        CASE WHEN h2 % 7 <> 0 THEN score + {digits("h2", 17, 3)} END AS effort_score, score > 2 AS is_resolved,
        CASE WHEN score < 4 AND {digits("h2", 19, 2)} = 0 THEN CASE score WHEN 3 THEN 'It took longer than promised.' ELSE 'I had to call twice.' END
            WHEN {digits("h2", 23, 9)} = 0 THEN 'Quick and friendly.' END AS comment_text
    FROM scored ORDER BY responded_us"""


def recommendations_by_day(days: list[Day]) -> list[tuple[Day, int]]:
    """Recommendations decided on each of the last 150 days; on the day of age 30 none, for the reason in `surveys`."""
    now = [day for day in days if day.age < 30]
    before = [day for day in days if 30 < day.age <= 60]
    earlier = [day for day in days if 60 < day.age <= 150]
    return [
        *zip(earlier, allot(300, [day.weight for day in earlier]), strict=True),
        *zip(before, allot(figures.RECOMMENDATIONS_DECIDED - 12, [day.weight for day in before]), strict=True),
        *zip(now, allot(figures.RECOMMENDATIONS_DECIDED, [day.weight for day in now]), strict=True),
    ]
