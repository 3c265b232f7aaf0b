-- $1 = '2025-12-21 2025-12-21 2026-02-01,2026-02-01 2026-02-01 2026-03-01,2026-03-01 2026-03-01 2026-03-29'
-- $2 = 'denied'
-- $3 = 2025-12-21 00:00:00+00:00
-- $4 = 2026-03-17 15:43:00+00:00
WITH periods1 AS (
  SELECT
    CAST(SUBSTRING(item FROM 1 FOR 10) AS DATE) AS time,
    CAST(SUBSTRING(item FROM 12 FOR 10) AS DATE) AS begins,
    CAST(SUBSTRING(item FROM 23 FOR 10) AS DATE) AS ends
  FROM (
    SELECT
      UNNEST(STRING_TO_ARRAY(NULLIF($1, ''), ',')) AS item
  ) AS items
)
SELECT
  periods1.time AS time,
  SUM(cells._aggregate_0) AS value
FROM (
  SELECT
    CAST(DATE_TRUNC('DAY', c.claim_open_ts AT TIME ZONE 'UTC') AS DATE) AS _day,
    SUM(c.cost_avoided_usd) AS _aggregate_0
  FROM l3_asurion.ev_claim AS c
  WHERE
    c.claim_status <> $2 AND (
      c.claim_open_ts >= $3 AND c.claim_open_ts < $4
    )
  GROUP BY
    1
) AS cells
JOIN periods1
  ON periods1.begins <= cells._day AND periods1.ends > cells._day
GROUP BY
  1
ORDER BY
  time ASC
LIMIT 1001
