-- :p1 = '2026-02-23 2026-01-01 2026-03-02,2026-03-02 2026-01-01 2026-03-09,2026-03-09 2026-01-01 2026-03-16,2026-03-16 2026-01-01 2026-03-18'
-- :p2 = 2026-01-01 00:00:00+00:00
-- :p3 = 2026-03-17 15:45:00+00:00
-- :p4 = '2026-02-23 2026-01-01 2026-02-02,2026-03-02 2026-01-01 2026-02-09,2026-03-09 2026-01-01 2026-02-16,2026-03-16 2026-01-01 2026-02-18'
-- :p5 = 2026-01-01 00:00:00+00:00
-- :p6 = 2026-02-17 15:45:00+00:00
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
    COUNT(DISTINCT c.customer_id) AS m1
  FROM l3_asurion.ev_claim AS c
  JOIN frames1
    ON frames1.ends > CAST(DATE_TRUNC('DAY', FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')) AS DATE)
    AND frames1.begins <= CAST(DATE_TRUNC('DAY', FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')) AS DATE)
  WHERE
    c.claim_open_ts >= :p2 AND c.claim_open_ts < :p3
  GROUP BY
    1
), leg2 AS (
  SELECT
    frames4.time AS time,
    COUNT(DISTINCT c.customer_id) AS m1_previous
  FROM l3_asurion.ev_claim AS c
  JOIN frames4
    ON frames4.ends > CAST(DATE_TRUNC('DAY', FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')) AS DATE)
    AND frames4.begins <= CAST(DATE_TRUNC('DAY', FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')) AS DATE)
  WHERE
    c.claim_open_ts >= :p5 AND c.claim_open_ts < :p6
  GROUP BY
    1
)
SELECT
  u.time AS time,
  COALESCE(MAX(u.m1), 0) AS value,
  COALESCE(MAX(u.m1_previous), 0) AS previous
FROM (
  SELECT
    time,
    m1 AS m1,
    CAST(NULL AS BIGINT) AS m1_previous
  FROM leg1
  UNION ALL
  SELECT
    time,
    CAST(NULL AS BIGINT) AS m1,
    m1_previous AS m1_previous
  FROM leg2
) AS u
GROUP BY
  1
ORDER BY
  time ASC NULLS LAST
LIMIT 1001
