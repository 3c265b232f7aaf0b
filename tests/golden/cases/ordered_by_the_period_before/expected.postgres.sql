-- $1 = 2026-02-16 00:00:00+00:00
-- $2 = 2026-03-17 15:45:00+00:00
-- $3 = 2026-01-17 00:00:00+00:00
-- $4 = 2026-02-15 15:45:00+00:00
-- $5 = 'denied'
SELECT
  c.issue_type AS issue_type,
  COUNT(*) FILTER(WHERE
    c.claim_open_ts >= $1 AND c.claim_open_ts < $2) AS value,
  COUNT(*) FILTER(WHERE
    c.claim_open_ts >= $3 AND c.claim_open_ts < $4) AS previous
FROM l3_asurion.ev_claim AS c
WHERE
  c.claim_status = $5
  AND (
    (
      c.claim_open_ts >= $1 AND c.claim_open_ts < $2
    )
    OR (
      c.claim_open_ts >= $3 AND c.claim_open_ts < $4
    )
  )
GROUP BY
  1
ORDER BY
  previous ASC,
  c.issue_type COLLATE "C" DESC NULLS LAST
LIMIT 3
