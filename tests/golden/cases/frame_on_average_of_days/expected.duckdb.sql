-- $p1 = '2025-12-29 2025-10-01 2025-12-31 2025-12-30 2026-01-05 2025-12-30,2025-12-29 2025-10-01 2026-01-01 2025-12-30 2026-01-05 2025-12-31,2025-12-29 2026-01-01 2026-01-02 2025-12-30 2026-01-05 2026-01-01,2025-12-29 2026-01-01 2026-01-03 2025-12-30 2026-01-05 2026-01-02,2025-12-29 2026-01-01 2026-01-04 2025-12-30 2026-01-05 2026-01-03,2025-12-29 2026-01-01 2026-01-05 2025-12-30 2026-01-05 2026-01-04,2026-01-05 2026-01-01 2026-01-06 2026-01-05 2026-01-12 2026-01-05,2026-01-05 2026-01-01 2026-01-07 2026-01-05 2026-01-12 2026-01-06,2026-01-05 2026-01-01 2026-01-08 2026-01-05 2026-01-12 2026-01-07,2026-01-05 2026-01-01 2026-01-09 2026-01-05 2026-01-12 2026-01-08,2026-01-05 2026-01-01 2026-01-10 2026-01-05 2026-01-12 2026-01-09,2026-01-05 2026-01-01 2026-01-11 2026-01-05 2026-01-12 2026-01-10,2026-01-05 2026-01-01 2026-01-12 2026-01-05 2026-01-12 2026-01-11'
-- $p2 = 'denied'
-- $p3 = 'West'
-- $p4 = 'Midwest'
-- $p5 = 2025-10-01 00:00:00+00:00
-- $p6 = 2026-01-12 00:00:00+00:00
WITH frames1 AS (
  SELECT
    CAST(SUBSTRING(item, 1, 10) AS DATE) AS time,
    CAST(SUBSTRING(item, 12, 10) AS DATE) AS begins,
    CAST(SUBSTRING(item, 23, 10) AS DATE) AS ends,
    CAST(SUBSTRING(item, 34, 10) AS DATE) AS further1,
    CAST(SUBSTRING(item, 45, 10) AS DATE) AS further2,
    CAST(SUBSTRING(item, 56, 10) AS DATE) AS further3
  FROM (
    SELECT
      UNNEST(STR_SPLIT(NULLIF($p1, ''), ',')) AS item
  ) AS items
), leg1 AS (
  SELECT
    days.time AS time,
    days.region AS region,
    CAST(COALESCE(CAST(SUM(days.m1) AS DOUBLE), CAST(0 AS DOUBLE)) AS DOUBLE) / NULLIF(
      CAST(COUNT(days.m1) + (
        DATE_DIFF('DAY', MAX(days._first), MAX(days._behind)) - COUNT(*)
      ) AS DOUBLE),
      0
    ) AS m1
  FROM (
    SELECT
      frames1.time AS time,
      cells.region AS region,
      frames1.further1 AS _first,
      frames1.further2 AS _behind,
      frames1.further3 AS _at,
      SUM(cells._aggregate_0) AS m1
    FROM (
      SELECT
        CAST(DATE_TRUNC('DAY', c.claim_open_ts AT TIME ZONE 'UTC') AS DATE) AS _day,
        c.region AS region,
        SUM(c.cost_avoided_usd) AS _aggregate_0
      FROM l3_asurion.ev_claim AS c
      WHERE
        c.claim_status <> $p2
        AND c.region IN ($p3, $p4)
        AND (
          c.claim_open_ts >= $p5 AND c.claim_open_ts < $p6
        )
      GROUP BY
        1,
        2
    ) AS cells
    JOIN frames1
      ON frames1.ends > cells._day AND frames1.begins <= cells._day
    GROUP BY
      1,
      2,
      3,
      4,
      5
  ) AS days
  GROUP BY
    1,
    2
)
SELECT
  u.time AS time,
  u.region AS region,
  CASE WHEN COUNT(u._leg1) = 0 THEN 0 ELSE MAX(u.m1) END AS value
FROM (
  SELECT
    time,
    region,
    m1 AS m1,
    1 AS _leg1
  FROM leg1
) AS u
GROUP BY
  1,
  2
ORDER BY
  time ASC,
  region ASC
LIMIT 1001
