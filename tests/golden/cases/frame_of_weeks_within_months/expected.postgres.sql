-- $1 = '2026-02-23 2026-02-01 2026-03-01 2026-02-01,2026-02-23 2026-02-02 2026-03-02 2026-03-01,2026-03-02 2026-02-09 2026-03-09 2026-03-01'
-- $2 = 'denied'
-- $3 = 'West'
-- $4 = 2026-02-01 00:00:00+00:00
-- $5 = 2026-03-09 00:00:00+00:00
-- $6 = 2026-02-23 00:00:00+00:00
WITH frames1 AS (
  SELECT
    CAST(SUBSTRING(item FROM 1 FOR 10) AS DATE) AS time,
    CAST(SUBSTRING(item FROM 12 FOR 10) AS DATE) AS begins,
    CAST(SUBSTRING(item FROM 23 FOR 10) AS DATE) AS ends,
    CAST(SUBSTRING(item FROM 34 FOR 10) AS DATE) AS further1
  FROM (
    SELECT
      UNNEST(STRING_TO_ARRAY(NULLIF($1, ''), ',')) AS item
  ) AS items
), leg1 AS (
  SELECT
    frames1.time AS time,
    cells.region AS region,
    frames1.further1 AS "time:month",
    SUM(cells._aggregate_0) AS m1
  FROM (
    SELECT
      CAST(DATE_TRUNC('DAY', c.claim_open_ts AT TIME ZONE 'UTC') AS DATE) AS _day,
      c.region AS region,
      SUM(c.cost_avoided_usd) AS _aggregate_0
    FROM l3_asurion.ev_claim AS c
    WHERE
      c.claim_status <> $2
      AND c.region = $3
      AND (
        c.claim_open_ts >= $4 AND c.claim_open_ts < $5
      )
    GROUP BY
      1,
      2
  ) AS cells
  JOIN frames1
    ON frames1.ends > cells._day AND frames1.begins <= cells._day
  GROUP BY
    1,
    2,
    3
), leg2 AS (
  SELECT
    CAST(DATE_TRUNC('WEEK', c.claim_open_ts AT TIME ZONE 'UTC') AS DATE) AS time,
    c.region AS region,
    CAST(CASE
      WHEN c.claim_open_ts BETWEEN CAST('0001-01-01' AS TIMESTAMPTZ) AND CAST('9999-12-31' AS TIMESTAMPTZ)
      THEN CAST(DATE_TRUNC('MONTH', c.claim_open_ts AT TIME ZONE 'UTC') AS DATE)
    END AS DATE) AS "time:month",
    COUNT(*) AS m2
  FROM l3_asurion.ev_claim AS c
  WHERE
    c.region = $3 AND (
      c.claim_open_ts >= $6 AND c.claim_open_ts < $5
    )
  GROUP BY
    1,
    2,
    3
)
SELECT
  u.time AS time,
  u.region AS region,
  u."time:month" AS "time:month",
  CASE WHEN COUNT(u._leg1) = 0 THEN 0 ELSE MAX(u.m1) END AS savings_of_four_weeks,
  COALESCE(MAX(u.m2), 0) AS claims_opened
FROM (
  SELECT
    time,
    region,
    "time:month",
    m1 AS m1,
    CAST(NULL AS BIGINT) AS m2,
    1 AS _leg1
  FROM leg1
  UNION ALL
  SELECT
    time,
    region,
    "time:month",
    CAST(NULL AS DECIMAL(38, 2)) AS m1,
    m2 AS m2,
    CAST(NULL AS INT) AS _leg1
  FROM leg2
) AS u
GROUP BY
  1,
  2,
  3
ORDER BY
  time ASC,
  u.region COLLATE "C" ASC,
  "time:month" ASC
LIMIT 1001
