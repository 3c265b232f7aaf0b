-- $1 = 'denied'
-- $2 = 2026-02-16 00:00:00+00:00
-- $3 = 2026-03-17 15:45:00+00:00
SELECT
  c.channel AS channel,
  CAST(COUNT(*) FILTER(WHERE
    NOT c.decision_ts IS NULL AND c.claim_status <> $1) AS DOUBLE PRECISION) / NULLIF(CAST(COUNT(*) FILTER(WHERE
    NOT c.decision_ts IS NULL) AS DOUBLE PRECISION), 0) AS value
FROM l3_asurion.ev_claim AS c
WHERE
  (
    (
      NOT c.decision_ts IS NULL AND c.claim_status <> $1
    )
    OR NOT c.decision_ts IS NULL
  )
  AND (
    c.claim_open_ts >= $2 AND c.claim_open_ts < $3
  )
GROUP BY
  1
ORDER BY
  value DESC NULLS LAST,
  c.channel COLLATE "C" ASC
LIMIT 1001
