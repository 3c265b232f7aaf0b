-- :p1 = 2026-02-16 00:00:00+00:00
-- :p2 = 2026-03-17 15:45:00+00:00
-- :p3 = 2026-01-17 00:00:00+00:00
-- :p4 = 2026-02-15 15:45:00+00:00
-- :p5 = 'denied'
SELECT
  c.issue_type AS issue_type,
  COUNT(*) FILTER(WHERE
    c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2) AS value,
  COUNT(*) FILTER(WHERE
    c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4) AS previous
FROM l3_asurion.ev_claim AS c
WHERE
  c.claim_status = :p5
  AND (
    (
      c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2
    )
    OR (
      c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4
    )
  )
GROUP BY
  1
ORDER BY
  previous ASC NULLS LAST,
  issue_type DESC
LIMIT 3
