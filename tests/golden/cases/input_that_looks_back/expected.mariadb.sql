-- :p1 = 'denied'
-- :p2 = 2026-03-11 00:00:00+00:00
-- :p3 = 2026-03-17 15:45:00+00:00
-- :p4 = 'web'
-- :p5 = 2026-02-25 00:00:00+00:00
-- :p6 = 2026-03-03 15:45:00+00:00
WITH leg1 AS (
  SELECT
    CAST(c.claim_open_ts AS DATE) AS time,
    SUM(c.cost_avoided_usd) AS m1
  FROM l3_asurion.ev_claim AS c
  WHERE
    c.claim_status <> :p1 AND (
      c.claim_open_ts >= :p2 AND c.claim_open_ts < :p3
    )
  GROUP BY
    1
), leg2 AS (
  SELECT
    CAST(c.claim_open_ts + INTERVAL '14' DAY AS DATE) AS time,
    SUM(c.cost_avoided_usd) AS m2
  FROM l3_asurion.ev_claim AS c
  WHERE
    (
      (
        c.claim_status <> :p1
      ) AND (
        c.channel <> :p4
      )
    )
    AND (
      c.claim_open_ts >= :p5 AND c.claim_open_ts < :p6
    )
  GROUP BY
    1
)
SELECT
  u.time AS time,
  CAST(CASE WHEN COUNT(u._leg1) = 0 THEN 0 ELSE MAX(u.m1) END AS DOUBLE) - CAST(CASE WHEN COUNT(u._leg2) = 0 THEN 0 ELSE MAX(u.m2) END AS DOUBLE) AS value
FROM (
  SELECT
    time,
    m1 AS m1,
    CAST(NULL AS DECIMAL(38, 2)) AS m2,
    1 AS _leg1,
    CAST(NULL AS SIGNED) AS _leg2
  FROM leg1
  UNION ALL
  SELECT
    time,
    CAST(NULL AS DECIMAL(38, 2)) AS m1,
    m2 AS m2,
    CAST(NULL AS SIGNED) AS _leg1,
    1 AS _leg2
  FROM leg2
) AS u
GROUP BY
  1
ORDER BY
  CASE WHEN u.time IS NULL THEN 1 ELSE 0 END,
  u.time ASC
LIMIT 1001
