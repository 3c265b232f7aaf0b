-- :p1 = 2026-03-01 00:00:00+00:00
-- :p2 = 2026-03-17 15:43:00+00:00
-- :p3 = 2026-02-01 00:00:00+00:00
-- :p4 = 2026-02-17 15:43:00+00:00
-- :p5 = 'denied'
SELECT
  CASE
    WHEN COUNT(*) FILTER(WHERE
      c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2) = 0
    THEN 0
    ELSE SUM(c.cost_avoided_usd) FILTER(WHERE
      c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2)
  END AS value,
  CASE
    WHEN COUNT(*) FILTER(WHERE
      c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4) = 0
    THEN 0
    ELSE SUM(c.cost_avoided_usd) FILTER(WHERE
      c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4)
  END AS previous
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
LIMIT 1
