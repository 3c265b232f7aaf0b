-- :p1 = 2026-01-18 00:00:00+00:00
-- :p2 = 2026-03-17 15:45:00+00:00
WITH leg1 AS (
  SELECT
    c.region AS region,
    SUM(c.cost_avoided_usd) AS m1
  FROM l3_asurion.ev_claim AS c
  WHERE
    c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2
  GROUP BY
    1
), leg2 AS (
  SELECT
    c.region AS region,
    SUM(c.cost_avoided_usd) AS m2
  FROM l3_asurion.ev_claim AS c
  WHERE
    c.claim_open_ts < :p2
  GROUP BY
    1
)
SELECT
  u.region AS region,
  CASE WHEN COUNT(u._leg1) = 0 THEN 0 ELSE MAX(u.m1) END AS savings_of_two_months,
  CASE WHEN COUNT(u._leg2) = 0 THEN 0 ELSE MAX(u.m2) END AS savings_ever
FROM (
  SELECT
    region,
    m1 AS m1,
    CAST(NULL AS DECIMAL(38, 2)) AS m2,
    1 AS _leg1,
    CAST(NULL AS SIGNED) AS _leg2
  FROM leg1
  UNION ALL
  SELECT
    region,
    CAST(NULL AS DECIMAL(38, 2)) AS m1,
    m2 AS m2,
    CAST(NULL AS SIGNED) AS _leg1,
    1 AS _leg2
  FROM leg2
) AS u
GROUP BY
  1
ORDER BY
  savings_of_two_months DESC,
  CASE WHEN u.region IS NULL THEN 1 ELSE 0 END,
  u.region ASC
LIMIT 1001
