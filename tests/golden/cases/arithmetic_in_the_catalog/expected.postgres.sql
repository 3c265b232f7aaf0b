-- $1 = 'pending'
-- $2 = 'denied'
-- $3 = 2026-01-01 00:00:00+00:00
-- $4 = 2026-01-01 00:00:00+00:00
-- $5 = 2026-03-17 15:45:00+00:00
SELECT
  c.channel AS channel,
  CAST(SUM(c.claim_amount_usd - c.deductible_usd) AS DOUBLE PRECISION) / NULLIF(CAST(COUNT(DISTINCT c.customer_id) AS DOUBLE PRECISION), 0) AS value
FROM l3_asurion.ev_claim AS c
WHERE
  (
    NOT c.claim_status IN ($1, $2) AND c.claim_open_ts >= $3
  )
  AND (
    c.claim_open_ts >= $4 AND c.claim_open_ts < $5
  )
GROUP BY
  1
ORDER BY
  value DESC NULLS LAST,
  c.channel COLLATE "C" ASC
LIMIT 1001
