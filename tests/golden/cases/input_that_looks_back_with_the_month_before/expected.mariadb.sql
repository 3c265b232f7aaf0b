-- :p1 = 2026-03-01 00:00:00+00:00
-- :p2 = 2026-03-17 15:43:00+00:00
-- :p3 = 2026-02-01 00:00:00+00:00
-- :p4 = 2026-02-17 15:43:00+00:00
-- :p5 = 'denied'
-- :p6 = 'web'
-- :p7 = 2026-02-15 00:00:00+00:00
-- :p8 = 2026-03-03 15:43:00+00:00
-- :p9 = 2026-01-18 00:00:00+00:00
-- :p10 = 2026-02-03 15:43:00+00:00
WITH leg1 AS (
  SELECT
    CASE
      WHEN COUNT(CASE WHEN c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2 THEN 1 END) = 0
      THEN 0
      ELSE SUM(
        CASE
          WHEN c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2
          THEN c.cost_avoided_usd
        END
      )
    END AS m1,
    CASE
      WHEN COUNT(CASE WHEN c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4 THEN 1 END) = 0
      THEN 0
      ELSE SUM(
        CASE
          WHEN c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4
          THEN c.cost_avoided_usd
        END
      )
    END AS m1_previous
  FROM l3_asurion.ev_claim AS c
  WHERE
    c.claim_status <> :p5
    AND (
      (
        c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2
      )
      OR (
        c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4
      )
    )
), leg2 AS (
  SELECT
    CASE WHEN COUNT(*) = 0 THEN 0 ELSE SUM(c.cost_avoided_usd) END AS m2
  FROM l3_asurion.ev_claim AS c
  WHERE
    (
      (
        c.claim_status <> :p5
      ) AND (
        c.channel <> :p6
      )
    )
    AND (
      c.claim_open_ts >= :p7 AND c.claim_open_ts < :p8
    )
), leg3 AS (
  SELECT
    CASE WHEN COUNT(*) = 0 THEN 0 ELSE SUM(c.cost_avoided_usd) END AS m2_previous
  FROM l3_asurion.ev_claim AS c
  WHERE
    (
      (
        c.claim_status <> :p5
      ) AND (
        c.channel <> :p6
      )
    )
    AND (
      c.claim_open_ts >= :p9 AND c.claim_open_ts < :p10
    )
)
SELECT
  CAST(MAX(u.m1) AS DOUBLE) - CAST(MAX(u.m2) AS DOUBLE) AS growth_of_savings,
  MAX(u.m1) AS cost_avoided_mtd,
  CAST(MAX(u.m1_previous) AS DOUBLE) - CAST(MAX(u.m2_previous) AS DOUBLE) AS previous_growth_of_savings,
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
