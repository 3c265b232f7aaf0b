-- $1 = 2026-02-26 00:00:00+00:00
-- $2 = 2026-03-05 00:00:00+00:00
-- $3 = 2026-02-19 00:00:00+00:00
-- $4 = 2026-02-26 00:00:00+00:00
-- $5 = 'West'
-- $6 = '2026-02-26 2026-02-01 2026-02-02,2026-02-27 2026-02-01 2026-02-02,2026-02-28 2026-02-01 2026-02-02,2026-03-01 2026-03-01 2026-03-02,2026-03-02 2026-03-01 2026-03-02,2026-03-03 2026-03-01 2026-03-02,2026-03-04 2026-03-01 2026-03-02'
-- $7 = 2026-02-01 00:00:00+00:00
-- $8 = 2026-03-02 00:00:00+00:00
-- $9 = '2026-02-26 2026-02-01 2026-02-02,2026-02-27 2026-02-01 2026-02-02,2026-02-28 2026-02-01 2026-02-02,2026-03-01 2026-02-01 2026-02-02,2026-03-02 2026-02-01 2026-02-02,2026-03-03 2026-02-01 2026-02-02,2026-03-04 2026-02-01 2026-02-02'
-- $10 = 2026-02-01 00:00:00+00:00
-- $11 = 2026-02-02 00:00:00+00:00
WITH frames6 AS (
  SELECT
    CAST(SUBSTRING(item FROM 1 FOR 10) AS DATE) AS time,
    CAST(SUBSTRING(item FROM 12 FOR 10) AS DATE) AS begins,
    CAST(SUBSTRING(item FROM 23 FOR 10) AS DATE) AS ends
  FROM (
    SELECT
      UNNEST(STRING_TO_ARRAY(NULLIF($6, ''), ',')) AS item
  ) AS items
), frames9 AS (
  SELECT
    CAST(SUBSTRING(item FROM 1 FOR 10) AS DATE) AS time,
    CAST(SUBSTRING(item FROM 12 FOR 10) AS DATE) AS begins,
    CAST(SUBSTRING(item FROM 23 FOR 10) AS DATE) AS ends
  FROM (
    SELECT
      UNNEST(STRING_TO_ARRAY(NULLIF($9, ''), ',')) AS item
  ) AS items
), leg1 AS (
  SELECT
    CAST(DATE_TRUNC(
      'DAY',
      CASE
        WHEN c.claim_open_ts < $1
        THEN (
          c.claim_open_ts AT TIME ZONE 'UTC'
        ) + INTERVAL '7 DAY'
        ELSE c.claim_open_ts AT TIME ZONE 'UTC'
      END
    ) AS DATE) AS time,
    c.region AS region,
    COUNT(*) FILTER(WHERE
      c.claim_open_ts >= $1 AND c.claim_open_ts < $2) AS m1,
    COUNT(*) FILTER(WHERE
      c.claim_open_ts >= $3 AND c.claim_open_ts < $4) AS m1_previous
  FROM l3_asurion.ev_claim AS c
  WHERE
    c.region = $5
    AND (
      (
        c.claim_open_ts >= $1 AND c.claim_open_ts < $2
      )
      OR (
        c.claim_open_ts >= $3 AND c.claim_open_ts < $4
      )
    )
  GROUP BY
    1,
    2
), leg2 AS (
  SELECT
    frames6.time AS time,
    cells.region AS region,
    CAST(SUM(cells._aggregate_0) AS BIGINT) AS m2
  FROM (
    SELECT
      CAST(DATE_TRUNC('DAY', c.claim_open_ts AT TIME ZONE 'UTC') AS DATE) AS _day,
      c.region AS region,
      COUNT(*) AS _aggregate_0
    FROM l3_asurion.ev_claim AS c
    WHERE
      c.region = $5 AND (
        c.claim_open_ts >= $7 AND c.claim_open_ts < $8
      )
    GROUP BY
      1,
      2
  ) AS cells
  JOIN frames6
    ON frames6.ends > cells._day AND frames6.begins <= cells._day
  GROUP BY
    1,
    2
), leg3 AS (
  SELECT
    frames9.time AS time,
    cells.region AS region,
    CAST(SUM(cells._aggregate_0) AS BIGINT) AS m2_previous
  FROM (
    SELECT
      CAST(DATE_TRUNC('DAY', c.claim_open_ts AT TIME ZONE 'UTC') AS DATE) AS _day,
      c.region AS region,
      COUNT(*) AS _aggregate_0
    FROM l3_asurion.ev_claim AS c
    WHERE
      c.region = $5 AND (
        c.claim_open_ts >= $10 AND c.claim_open_ts < $11
      )
    GROUP BY
      1,
      2
  ) AS cells
  JOIN frames9
    ON frames9.ends > cells._day AND frames9.begins <= cells._day
  GROUP BY
    1,
    2
)
SELECT
  u.time AS time,
  u.region AS region,
  CAST(COALESCE(MAX(u.m1), 0) AS DOUBLE PRECISION) - CAST(COALESCE(MAX(u.m2), 0) AS DOUBLE PRECISION) AS value,
  CAST(COALESCE(MAX(u.m1_previous), 0) AS DOUBLE PRECISION) - CAST(COALESCE(MAX(u.m2_previous), 0) AS DOUBLE PRECISION) AS previous
FROM (
  SELECT
    time,
    region,
    m1 AS m1,
    m1_previous AS m1_previous,
    CAST(NULL AS BIGINT) AS m2,
    CAST(NULL AS BIGINT) AS m2_previous
  FROM leg1
  UNION ALL
  SELECT
    time,
    region,
    CAST(NULL AS BIGINT) AS m1,
    CAST(NULL AS BIGINT) AS m1_previous,
    m2 AS m2,
    CAST(NULL AS BIGINT) AS m2_previous
  FROM leg2
  UNION ALL
  SELECT
    time,
    region,
    CAST(NULL AS BIGINT) AS m1,
    CAST(NULL AS BIGINT) AS m1_previous,
    CAST(NULL AS BIGINT) AS m2,
    m2_previous AS m2_previous
  FROM leg3
) AS u
GROUP BY
  1,
  2
ORDER BY
  time ASC,
  u.region COLLATE "C" ASC
LIMIT 1001
