-- :p1 = 0.4
-- :p2 = 2026-03-11 00:00:00+00:00
-- :p3 = 2026-03-17 15:45:00+00:00
-- :p4 = 2026-02-16 00:00:00+00:00
-- :p5 = 2026-03-17 15:45:00+00:00
WITH whose1 AS (
  WITH whose1_leg1 AS (
    SELECT
      i.region AS region,
      COUNT(*) AS m1
    FROM l3_asurion.ev_issue_session AS i
    WHERE
      NOT i.region IS NULL AND (
        i.opened_ts >= :p4 AND i.opened_ts < :p5
      )
    GROUP BY
      1
  ), whose1_leg2 AS (
    SELECT
      c.region AS region,
      COUNT(DISTINCT c.claim_id) AS m2
    FROM l3_asurion.ev_claim AS c
    WHERE
      NOT c.region IS NULL AND (
        c.claim_open_ts >= :p4 AND c.claim_open_ts < :p5
      )
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
    FROM whose1_leg1
    UNION ALL
    SELECT
      region,
      CAST(NULL AS SIGNED) AS m1,
      m2 AS m2
    FROM whose1_leg2
  ) AS u
  GROUP BY
    1
)
SELECT
  c.region AS region,
  COUNT(DISTINCT c.claim_id) AS value
FROM l3_asurion.ev_claim AS c
WHERE
  c.region IN (
    SELECT
      region
    FROM whose1
    WHERE
      (
        CAST(value AS DOUBLE) + CAST(0 AS DOUBLE)
      ) > :p1
  )
  AND (
    c.claim_open_ts >= :p2 AND c.claim_open_ts < :p3
  )
GROUP BY
  1
ORDER BY
  CASE WHEN c.region IS NULL THEN 1 ELSE 0 END,
  c.region ASC
LIMIT 1001
