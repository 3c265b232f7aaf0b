-- :p1 = 2026-02-01 00:00:00+00:00
-- :p2 = 2026-03-01 00:00:00+00:00
SELECT
  c.issue_type AS issue_type,
  PERCENTILE(CAST(c.decision_hours AS DOUBLE), 0.9) AS value
FROM l3_asurion.ev_claim AS c
WHERE
  c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2
GROUP BY
  1
ORDER BY
  value DESC,
  issue_type ASC NULLS LAST
LIMIT 1001
