"""Answers to the survey after a claim: in groups of ten, so that the average is exact."""

from assay.demo.portable import PRIME, digits, instant, linear, one_of, scrambled, select, values, when
from assay.demo.scene import LANGUAGES, Scene, identifier
from assay.demo.timeline import HOUR_US, Day, offset_sql, ticks_at

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


def _groups(scene: Scene) -> tuple[str, int]:
    """The days as a table of constants, and the most groups of ten answers on one of them."""
    by_day = scene.claims_by_day
    days = [day for day in scene.timeline.days if by_day.get(day.age + 3, (0, 0))[1] > 0]
    groups = [int(_GROUPS_A_DAY * day.weight) for day in days]
    rows: list[tuple[int, ...]] = []
    first = 0
    for day, count, better in zip(days, groups, _better_groups(days, groups), strict=True):
        if count:
            # The window before the last 30 days ends somewhere within the day of age 30 and moves on with the clock. On
            # that day ten answers come in at one instant, so that the window's edge never cuts through a group.
            together = int(day.age == 30)
            total = _SUM_NOW if day.age <= 30 else _SUM_BEFORE
            ticks = ticks_at(day.end_us - day.start_us)
            rows.append((day.start_us, ticks, count, first, together, total, better, *by_day[day.age + 3]))
            first += count
    names = ("start_us", "ticks", "groups", "first", "together", "total", "better", "first_claim", "claims")
    return values("d", names, rows), max(row[2] for row in rows)


def _score() -> str:
    """The ten answers of a group add up to `total + step`; four patterns, turned by the number of the group."""
    place, pattern = "((q + g) % 10)", "(g * 7 % 10)"
    score = f"""CASE WHEN {pattern} < 4 THEN CASE {place} WHEN 0 THEN 3 WHEN 1 THEN 4 WHEN 2 THEN 4 ELSE 5 END
        WHEN {pattern} < 7 THEN CASE {place} WHEN 0 THEN 2 WHEN 1 THEN 4 ELSE 5 END
        WHEN {pattern} < 9 THEN CASE WHEN {place} < 4 THEN 4 ELSE 5 END
        ELSE CASE {place} WHEN 0 THEN 1 ELSE 5 END END"""
    nudge = f"""CASE WHEN step > 0 AND {pattern} < 9 AND {place} = 1 THEN 1
        WHEN step > 0 AND {pattern} = 9 AND {place} = 0 THEN 1 WHEN step < 0 AND {place} = 9 THEN -1
        WHEN total < {_SUM_NOW} AND {place} = 8 THEN -1 ELSE 0 END"""
    return f"{score} + {nudge}"


_SURVEY_CHANNELS = ((55, "email"), (30, "sms"), (15, "app"))


def surveys(scene: Scene) -> str:
    days, most = _groups(scene)
    apart = f"room // {_GROUP} * w.i + g * 7919 % (room // {_GROUP})"
    device = f"h1 * {scene.devices_with_claims} // {PRIME}"
    lukewarm = when("score = 3", "'It took longer than promised.'", "'I had to call twice.'")
    columns = {
        "survey_id": identifier("srv_", "n"),
        "claim_id": identifier("CLM-", "claim"),
        "customer_id": identifier("cust_", scene.customer_of("device")),
        "channel": one_of(digits("h2", 3, 100), _SURVEY_CHANNELS),
        "language": one_of(digits("h2", 7, 100), LANGUAGES),
        "invited_ts": instant(f"responded_us - {HOUR_US} * (1 + {digits('h2', 11, 20)})"),
        "responded_ts": instant("responded_us"),
        "csat_score": "score",
        "nps_score": f"""CASE WHEN h2 % 11 = 0 THEN NULL WHEN score = 5 THEN 9 + {digits("h2", 13, 2)}
            WHEN score = 4 THEN 8 WHEN score = 3 THEN 6 + {digits("h2", 13, 2)} ELSE {digits("h2", 13, 6)} END""",
        "effort_score": when("h2 % 7 <> 0", f"score + {digits('h2', 17, 3)}"),
        "is_resolved": "score > 2",
        "comment_text": f"""CASE WHEN score < 4 AND {digits("h2", 19, 2)} = 0 THEN {lukewarm}
            WHEN {digits("h2", 23, 9)} = 0 THEN 'Quick and friendly.' END""",
    }
    step = when("d.better > 0 AND s.i < d.better", "1", when("d.better < 0 AND s.i < -d.better", "-1", "0"))
    next_claim = when(f"claims_room > {_GROUP}", f"w.i * (claims_room // {_GROUP})", "0")
    return f"""WITH grouped AS (
        SELECT d.first + s.i AS g, d.start_us, d.ticks // d.groups AS room, d.ticks // d.groups * s.i AS ticks_before,
            d.together, d.total, d.first_claim + s.i * d.claims // d.groups AS claim,
            d.claims // d.groups AS claims_room, {step} AS step
        FROM {days} JOIN series_{most} AS s ON s.i < d.groups
    ), answered AS (
        SELECT g, w.i AS q, g * {_GROUP} + w.i AS n, start_us, total, step, claim + {next_claim} AS claim,
            ticks_before + {when("together = 1", "room // 2", apart)} AS at_tick
        FROM grouped CROSS JOIN series_{_GROUP} AS w
    ), begun AS (
        SELECT *, {linear("claim", 48_271, 12_345)} AS c1, {linear("n", 69_621, 2_024)} AS a2 FROM answered
    ), drawn AS MATERIALIZED (
        SELECT g, q, n, claim, total, step, start_us + {offset_sql("at_tick")} AS responded_us,
            {scrambled("c1")} AS h1, {scrambled("a2")} AS h2
        FROM begun
    ), scored AS MATERIALIZED (
        SELECT n, claim, responded_us, h2, {device} AS device, {_score()} AS score FROM drawn
    )
    {select(columns, "FROM scored ORDER BY responded_us")}"""
