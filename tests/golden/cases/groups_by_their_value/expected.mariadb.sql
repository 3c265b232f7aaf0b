-- :p1 = 2026-03-11 00:00:00+00:00
-- :p2 = 2026-03-17 15:45:00+00:00
-- :p3 = 1000
-- :p4 = 0.405
WITH leg1 AS (
  SELECT
    c.region AS region,
    COUNT(DISTINCT c.claim_id) AS m1
  FROM l3_asurion.ev_claim AS c
  WHERE
    c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2
  GROUP BY
    1
), leg2 AS (
  SELECT
    i.region AS region,
    COUNT(*) AS m2
  FROM l3_asurion.ev_issue_session AS i
  WHERE
    i.opened_ts >= :p1 AND i.opened_ts < :p2
  GROUP BY
    1
)
SELECT
  u.region AS region,
  COALESCE(MAX(u.m1), 0) AS claim_volume_l3_asurion,
  CAST(COALESCE(MAX(u.m2), 0) AS DOUBLE) / NULLIF(CAST(COALESCE(MAX(u.m1), 0) AS DOUBLE), 0) AS sessions_per_claim
FROM (
  SELECT
    region,
    m1 AS m1,
    CAST(NULL AS SIGNED) AS m2
  FROM leg1
  UNION ALL
  SELECT
    region,
    CAST(NULL AS SIGNED) AS m1,
    m2 AS m2
  FROM leg2
) AS u
GROUP BY
  1
HAVING
  CAST(COALESCE(MAX(u.m1), 0) AS DECIMAL(38, 0)) >= :p3
  AND (
    CAST(CAST(COALESCE(MAX(u.m2), 0) AS DOUBLE) / NULLIF(CAST(COALESCE(MAX(u.m1), 0) AS DOUBLE), 0) AS DOUBLE) + CAST(0 AS DOUBLE)
  ) < :p4
ORDER BY
  claim_volume_l3_asurion DESC,
  CASE WHEN u.region IS NULL THEN 1 ELSE 0 END,
  u.region ASC
LIMIT 1001
