-- :p1 = '2026-02-16 2025-11-23 2026-01-23,2026-02-23 2025-12-02 2026-02-02,2026-03-02 2025-12-09 2026-02-09,2026-03-09 2025-12-16 2026-02-16,2026-03-16 2025-12-18 2026-02-18'
-- :p2 = 2025-11-23 00:00:00+00:00
-- :p3 = 2026-02-17 15:45:00+00:00
-- :p4 = '2026-02-16 0001-01-01 2026-01-23,2026-02-23 0001-01-01 2026-02-02,2026-03-02 0001-01-01 2026-02-09,2026-03-09 0001-01-01 2026-02-16,2026-03-16 0001-01-01 2026-02-18'
WITH frames1 AS (
  SELECT
    CAST(SUBSTRING(item, 1, 10) AS DATE) AS time,
    CAST(SUBSTRING(item, 12, 10) AS DATE) AS begins,
    CAST(SUBSTRING(item, 23, 10) AS DATE) AS ends
  FROM (
    SELECT
      EXPLODE(SPLIT(NULLIF(:p1, ''), ',')) AS item
  ) AS items
), frames4 AS (
  SELECT
    CAST(SUBSTRING(item, 1, 10) AS DATE) AS time,
    CAST(SUBSTRING(item, 12, 10) AS DATE) AS begins,
    CAST(SUBSTRING(item, 23, 10) AS DATE) AS ends
  FROM (
    SELECT
      EXPLODE(SPLIT(NULLIF(:p4, ''), ',')) AS item
  ) AS items
), leg1 AS (
  SELECT
    frames1.time AS time,
    SUM(cells._aggregate_0) AS m1
  FROM (
    SELECT
      CAST(DATE_TRUNC('DAY', FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')) AS DATE) AS _day,
      SUM(c.cost_avoided_usd) AS _aggregate_0
    FROM l3_asurion.ev_claim AS c
    WHERE
      c.claim_open_ts >= :p2 AND c.claim_open_ts < :p3
    GROUP BY
      1
  ) AS cells
  JOIN frames1
    ON frames1.ends > cells._day AND frames1.begins <= cells._day
  GROUP BY
    1
), leg2 AS (
  SELECT
    frames4.time AS time,
    SUM(cells._aggregate_0) AS m2
  FROM (
    SELECT
      CAST(DATE_TRUNC('DAY', FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')) AS DATE) AS _day,
      SUM(c.cost_avoided_usd) AS _aggregate_0
    FROM l3_asurion.ev_claim AS c
    WHERE
      c.claim_open_ts < :p3
    GROUP BY
      1
  ) AS cells
  JOIN frames4
    ON frames4.ends > cells._day
  GROUP BY
    1
)
SELECT
  u.time AS time,
  CAST(CASE WHEN COUNT(u._leg1) = 0 THEN 0 ELSE MAX(u.m1) END AS DOUBLE) / NULLIF(CAST(CASE WHEN COUNT(u._leg2) = 0 THEN 0 ELSE MAX(u.m2) END AS DOUBLE), 0) AS value
FROM (
  SELECT
    time,
    m1 AS m1,
    CAST(NULL AS DECIMAL(38, 2)) AS m2,
    1 AS _leg1,
    CAST(NULL AS INT) AS _leg2
  FROM leg1
  UNION ALL
  SELECT
    time,
    CAST(NULL AS DECIMAL(38, 2)) AS m1,
    m2 AS m2,
    CAST(NULL AS INT) AS _leg1,
    1 AS _leg2
  FROM leg2
) AS u
GROUP BY
  1
ORDER BY
  time ASC NULLS LAST
LIMIT 1001
