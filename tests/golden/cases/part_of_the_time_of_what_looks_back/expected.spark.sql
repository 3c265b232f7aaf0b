-- :p1 = 'denied'
-- :p2 = 2026-02-20 00:00:00+00:00
-- :p3 = 2026-03-05 00:00:00+00:00
-- :p4 = 'web'
-- :p5 = 2026-02-06 00:00:00+00:00
-- :p6 = 2026-02-19 00:00:00+00:00
WITH leg1 AS (
  SELECT
    CAST(CASE
      WHEN c.claim_open_ts BETWEEN CAST('0001-01-01' AS TIMESTAMP) AND CAST('9999-12-31' AS TIMESTAMP)
      THEN DATEDIFF(
        CAST(DATE_TRUNC('DAY', FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')) AS DATE),
        CAST(DATE_TRUNC('YEAR', FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')) AS DATE)
      ) + 1
    END AS BIGINT) AS time_day_of_year,
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
    CAST(CASE
      WHEN c.claim_open_ts BETWEEN CAST('0001-01-01' AS TIMESTAMP) AND CAST('9999-12-31' AS TIMESTAMP)
      THEN DATEDIFF(
        CAST(DATE_TRUNC(
          'DAY',
          (
            FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
          ) + INTERVAL '14' DAY
        ) AS DATE),
        CAST(DATE_TRUNC(
          'YEAR',
          (
            FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
          ) + INTERVAL '14' DAY
        ) AS DATE)
      ) + 1
    END AS BIGINT) AS time_day_of_year,
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
  u.time_day_of_year AS time_day_of_year,
  CAST(CASE WHEN COUNT(u._leg1) = 0 THEN 0 ELSE MAX(u.m1) END AS DOUBLE) - CAST(CASE WHEN COUNT(u._leg2) = 0 THEN 0 ELSE MAX(u.m2) END AS DOUBLE) AS value
FROM (
  SELECT
    time_day_of_year,
    m1 AS m1,
    CAST(NULL AS DECIMAL(38, 2)) AS m2,
    1 AS _leg1,
    CAST(NULL AS INT) AS _leg2
  FROM leg1
  UNION ALL
  SELECT
    time_day_of_year,
    CAST(NULL AS DECIMAL(38, 2)) AS m1,
    m2 AS m2,
    CAST(NULL AS INT) AS _leg1,
    1 AS _leg2
  FROM leg2
) AS u
GROUP BY
  1
ORDER BY
  time_day_of_year ASC NULLS LAST
LIMIT 1001
