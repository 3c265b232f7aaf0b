-- :p1 = 2026-02-16 00:00:00+00:00
-- :p2 = 2026-03-17 15:45:00+00:00
-- :p3 = 2026-01-17 00:00:00+00:00
-- :p4 = 2026-02-15 15:45:00+00:00
-- :p5 = 'denied'
SELECT
  c.issue_type AS issue_type,
  COUNT(CASE WHEN c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2 THEN 1 END) AS value,
  COUNT(CASE WHEN c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4 THEN 1 END) AS previous
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
  CASE
    WHEN COUNT(CASE WHEN c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4 THEN 1 END) IS NULL
    THEN 1
    ELSE 0
  END,
  COUNT(CASE WHEN c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4 THEN 1 END) ASC,
  issue_type DESC
LIMIT 3
