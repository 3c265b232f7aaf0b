-- $1 = 2026-03-01 00:00:00+00:00
-- $2 = 2026-03-17 15:43:00+00:00
-- $3 = 2026-02-01 00:00:00+00:00
-- $4 = 2026-02-17 15:43:00+00:00
-- $5 = 'denied'
-- $6 = 'web'
-- $7 = 2026-02-15 00:00:00+00:00
-- $8 = 2026-03-03 15:43:00+00:00
-- $9 = 2026-01-18 00:00:00+00:00
-- $10 = 2026-02-03 15:43:00+00:00
WITH leg1 AS (
  SELECT
    CASE
      WHEN COUNT(*) FILTER(WHERE
        c.claim_open_ts >= $1 AND c.claim_open_ts < $2) = 0
      THEN 0
      ELSE SUM(c.cost_avoided_usd) FILTER(WHERE
        c.claim_open_ts >= $1 AND c.claim_open_ts < $2)
    END AS m1,
    CASE
      WHEN COUNT(*) FILTER(WHERE
        c.claim_open_ts >= $3 AND c.claim_open_ts < $4) = 0
      THEN 0
      ELSE SUM(c.cost_avoided_usd) FILTER(WHERE
        c.claim_open_ts >= $3 AND c.claim_open_ts < $4)
    END AS m1_previous
  FROM l3_asurion.ev_claim AS c
  WHERE
    c.claim_status <> $5
    AND (
      (
        c.claim_open_ts >= $1 AND c.claim_open_ts < $2
      )
      OR (
        c.claim_open_ts >= $3 AND c.claim_open_ts < $4
      )
    )
), leg2 AS (
  SELECT
    CASE WHEN COUNT(*) = 0 THEN 0 ELSE SUM(c.cost_avoided_usd) END AS m2
  FROM l3_asurion.ev_claim AS c
  WHERE
    (
      (
        c.claim_status <> $5
      ) AND (
        c.channel <> $6
      )
    )
    AND (
      c.claim_open_ts >= $7 AND c.claim_open_ts < $8
    )
), leg3 AS (
  SELECT
    CASE WHEN COUNT(*) = 0 THEN 0 ELSE SUM(c.cost_avoided_usd) END AS m2_previous
  FROM l3_asurion.ev_claim AS c
  WHERE
    (
      (
        c.claim_status <> $5
      ) AND (
        c.channel <> $6
      )
    )
    AND (
      c.claim_open_ts >= $9 AND c.claim_open_ts < $10
    )
)
SELECT
  CAST(MAX(u.m1) AS DOUBLE PRECISION) - CAST(MAX(u.m2) AS DOUBLE PRECISION) AS growth_of_savings,
  MAX(u.m1) AS cost_avoided_mtd,
  CAST(MAX(u.m1_previous) AS DOUBLE PRECISION) - CAST(MAX(u.m2_previous) AS DOUBLE PRECISION) AS previous_growth_of_savings,
  MAX(u.m1_previous) AS previous_cost_avoided_mtd
FROM (
  SELECT
    m1 AS m1,
    m1_previous AS m1_previous,
    CAST(NULL AS DECIMAL(38, 2)) AS m2,
    CAST(NULL AS DECIMAL(38, 2)) AS m2_previous
  FROM leg1
  UNION ALL
  SELECT
    CAST(NULL AS DECIMAL(38, 2)) AS m1,
    CAST(NULL AS DECIMAL(38, 2)) AS m1_previous,
    m2 AS m2,
    CAST(NULL AS DECIMAL(38, 2)) AS m2_previous
  FROM leg2
  UNION ALL
  SELECT
    CAST(NULL AS DECIMAL(38, 2)) AS m1,
    CAST(NULL AS DECIMAL(38, 2)) AS m1_previous,
    CAST(NULL AS DECIMAL(38, 2)) AS m2,
    m2_previous AS m2_previous
  FROM leg3
) AS u
LIMIT 1
