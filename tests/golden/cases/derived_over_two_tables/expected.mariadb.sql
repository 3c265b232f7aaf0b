-- :p1 = 2026-02-16 00:00:00+00:00
-- :p2 = 2026-03-17 15:45:00+00:00
WITH leg1 AS (
  SELECT
    i.region AS region,
    COUNT(*) AS m1
  FROM l3_asurion.ev_issue_session AS i
  WHERE
    i.opened_ts >= :p1 AND i.opened_ts < :p2
  GROUP BY
    1
), leg2 AS (
  SELECT
    c.region AS region,
    COUNT(DISTINCT c.claim_id) AS m2
  FROM l3_asurion.ev_claim AS c
  WHERE
    c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2
  GROUP BY
    1
)
SELECT
  u.region AS region,
  CAST(COALESCE(MAX(u.m1), 0) AS DOUBLE) / NULLIF(CAST(COALESCE(MAX(u.m2), 0) AS DOUBLE), 0) AS value
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
ORDER BY
  value DESC,
  CASE WHEN u.region IS NULL THEN 1 ELSE 0 END,
  u.region ASC
LIMIT 1001
