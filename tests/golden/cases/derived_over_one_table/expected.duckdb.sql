-- $p1 = 'denied'
-- $p2 = 2026-03-01 00:00:00+00:00
-- $p3 = 2026-03-17 15:45:00+00:00
SELECT
  CAST(CASE
    WHEN COUNT(*) FILTER(WHERE
      c.claim_status <> $p1) = 0
    THEN 0
    ELSE SUM(c.cost_avoided_usd) FILTER(WHERE
      c.claim_status <> $p1)
  END AS DOUBLE) / NULLIF(CAST(COUNT(*) FILTER(WHERE
    c.cost_avoided_usd > 0) AS DOUBLE), 0) AS value
FROM l3_asurion.ev_claim AS c
WHERE
  (
    c.claim_status <> $p1 OR c.cost_avoided_usd > 0
  )
  AND (
    c.claim_open_ts >= $p2 AND c.claim_open_ts < $p3
  )
LIMIT 1
