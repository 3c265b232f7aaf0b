-- :p1 = 2025-11-29 00:00:00+00:00
-- :p2 = 2025-11-30 00:00:00+00:00
-- :p3 = 2026-01-01 00:00:00+00:00
-- :p4 = 2026-03-17 15:45:00+00:00
-- :p5 = 2025-10-01 00:00:00+00:00
-- :p6 = 2025-12-17 15:45:00+00:00
SELECT
  CAST(DATE_TRUNC(
    'MONTH',
    CASE
      WHEN c.claim_open_ts < :p1
      THEN (
        FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
      ) + INTERVAL '92' DAY
      WHEN c.claim_open_ts < :p2
      THEN (
        FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
      ) + INTERVAL '91' DAY
      WHEN c.claim_open_ts < :p3
      THEN (
        FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
      ) + INTERVAL '90' DAY
      ELSE FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
    END
  ) AS DATE) AS time,
  CASE
    WHEN COUNT(*) FILTER(WHERE
      c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4) = 0
    THEN 0
    ELSE SUM(c.approved_amount_usd) FILTER(WHERE
      c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4)
  END AS value,
  CASE
    WHEN COUNT(*) FILTER(WHERE
      c.claim_open_ts >= :p5 AND c.claim_open_ts < :p6) = 0
    THEN 0
    ELSE SUM(c.approved_amount_usd) FILTER(WHERE
      c.claim_open_ts >= :p5 AND c.claim_open_ts < :p6)
  END AS previous
FROM l3_asurion.ev_claim AS c
WHERE
  (
    c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4
  )
  OR (
    c.claim_open_ts >= :p5 AND c.claim_open_ts < :p6
  )
GROUP BY
  1
ORDER BY
  time ASC NULLS LAST
LIMIT 1001
