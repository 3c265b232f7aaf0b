-- $p1 = '2026-03-11 2026-02-12 2026-03-12,2026-03-12 2026-02-13 2026-03-13,2026-03-13 2026-02-14 2026-03-14,2026-03-14 2026-02-15 2026-03-15,2026-03-15 2026-02-16 2026-03-16,2026-03-16 2026-02-17 2026-03-17,2026-03-17 2026-02-18 2026-03-18'
-- $p2 = 'denied'
-- $p3 = 2026-02-12 00:00:00+00:00
-- $p4 = 2026-03-17 15:45:00+00:00
WITH frames1 AS (
  SELECT
    CAST(SUBSTRING(item, 1, 10) AS DATE) AS time,
    CAST(SUBSTRING(item, 12, 10) AS DATE) AS begins,
    CAST(SUBSTRING(item, 23, 10) AS DATE) AS ends
  FROM (
    SELECT
      UNNEST(STR_SPLIT(NULLIF($p1, ''), ',')) AS item
  ) AS items
)
SELECT
  frames1.time AS time,
  cells.region AS region,
  SUM(cells._aggregate_0) AS value
FROM (
  SELECT
    CAST(DATE_TRUNC('DAY', c.claim_open_ts AT TIME ZONE 'UTC') AS DATE) AS _day,
    c.region AS region,
    SUM(c.cost_avoided_usd) AS _aggregate_0
  FROM l3_asurion.ev_claim AS c
  WHERE
    c.claim_status <> $p2 AND (
      c.claim_open_ts >= $p3 AND c.claim_open_ts < $p4
    )
  GROUP BY
    1,
    2
) AS cells
JOIN frames1
  ON frames1.ends > cells._day AND frames1.begins <= cells._day
GROUP BY
  1,
  2
ORDER BY
  time ASC,
  region ASC
LIMIT 1001
