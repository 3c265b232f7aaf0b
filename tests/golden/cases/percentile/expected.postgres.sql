-- $1 = 2026-02-01 00:00:00+00:00
-- $2 = 2026-03-01 00:00:00+00:00
SELECT
  c.issue_type AS issue_type,
  PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY
    CAST(c.decision_hours AS DOUBLE PRECISION)) AS value
FROM l3_asurion.ev_claim AS c
WHERE
  c.claim_open_ts >= $1 AND c.claim_open_ts < $2
GROUP BY
  1
ORDER BY
  value DESC NULLS LAST,
  c.issue_type COLLATE "C" ASC
LIMIT 1001
