-- :p1 = '2025-12-21 2025-12-21 2026-02-01,2026-02-01 2026-02-01 2026-03-01,2026-03-01 2026-03-01 2026-03-29'
-- :p2 = 'denied'
-- :p3 = 2025-12-21 00:00:00+00:00
-- :p4 = 2026-03-17 15:43:00+00:00
WITH periods1 AS (
  SELECT
    CAST(SUBSTRING(item, 1, 10) AS DATE) AS time,
    CAST(SUBSTRING(item, 12, 10) AS DATE) AS begins,
    CAST(SUBSTRING(item, 23, 10) AS DATE) AS ends
  FROM (
    SELECT
      EXPLODE(SPLIT(NULLIF(:p1, ''), ',')) AS item
  ) AS items
)
SELECT
  periods1.time AS time,
  SUM(cells._aggregate_0) AS value
FROM (
  SELECT
    CAST(DATE_TRUNC('DAY', FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')) AS DATE) AS _day,
    SUM(c.cost_avoided_usd) AS _aggregate_0
  FROM l3_asurion.ev_claim AS c
  WHERE
    c.claim_status <> :p2 AND (
      c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4
    )
  GROUP BY
    1
) AS cells
JOIN periods1
  ON periods1.begins <= cells._day AND periods1.ends > cells._day
GROUP BY
  1
ORDER BY
  time ASC NULLS LAST
LIMIT 1001
