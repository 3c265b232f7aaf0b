-- $1 = 2026-03-01 00:00:00+00:00
-- $2 = 2026-03-17 15:43:00+00:00
-- $3 = 2026-02-01 00:00:00+00:00
-- $4 = 2026-02-17 15:43:00+00:00
-- $5 = 'denied'
SELECT
  CASE
    WHEN COUNT(*) FILTER(WHERE
      c.claim_open_ts >= $1 AND c.claim_open_ts < $2) = 0
    THEN 0
    ELSE SUM(c.cost_avoided_usd) FILTER(WHERE
      c.claim_open_ts >= $1 AND c.claim_open_ts < $2)
  END AS value,
  CASE
    WHEN COUNT(*) FILTER(WHERE
      c.claim_open_ts >= $3 AND c.claim_open_ts < $4) = 0
    THEN 0
    ELSE SUM(c.cost_avoided_usd) FILTER(WHERE
      c.claim_open_ts >= $3 AND c.claim_open_ts < $4)
  END AS previous
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
LIMIT 1
