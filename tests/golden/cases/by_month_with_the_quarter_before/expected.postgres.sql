-- $1 = 2025-11-29 00:00:00+00:00
-- $2 = 2025-11-30 00:00:00+00:00
-- $3 = 2026-01-01 00:00:00+00:00
-- $4 = 2026-03-17 15:45:00+00:00
-- $5 = 2025-10-01 00:00:00+00:00
-- $6 = 2025-12-17 15:45:00+00:00
SELECT
  CAST(DATE_TRUNC(
    'MONTH',
    CASE
      WHEN c.claim_open_ts < $1
      THEN (
        c.claim_open_ts AT TIME ZONE 'UTC'
      ) + INTERVAL '92 DAY'
      WHEN c.claim_open_ts < $2
      THEN (
        c.claim_open_ts AT TIME ZONE 'UTC'
      ) + INTERVAL '91 DAY'
      WHEN c.claim_open_ts < $3
      THEN (
        c.claim_open_ts AT TIME ZONE 'UTC'
      ) + INTERVAL '90 DAY'
      ELSE c.claim_open_ts AT TIME ZONE 'UTC'
    END
  ) AS DATE) AS time,
  CASE
    WHEN COUNT(*) FILTER(WHERE
      c.claim_open_ts >= $3 AND c.claim_open_ts < $4) = 0
    THEN 0
    ELSE SUM(c.approved_amount_usd) FILTER(WHERE
      c.claim_open_ts >= $3 AND c.claim_open_ts < $4)
  END AS value,
  CASE
    WHEN COUNT(*) FILTER(WHERE
      c.claim_open_ts >= $5 AND c.claim_open_ts < $6) = 0
    THEN 0
    ELSE SUM(c.approved_amount_usd) FILTER(WHERE
      c.claim_open_ts >= $5 AND c.claim_open_ts < $6)
  END AS previous
FROM l3_asurion.ev_claim AS c
WHERE
  (
    c.claim_open_ts >= $3 AND c.claim_open_ts < $4
  )
  OR (
    c.claim_open_ts >= $5 AND c.claim_open_ts < $6
  )
GROUP BY
  1
ORDER BY
  time ASC
LIMIT 1001
