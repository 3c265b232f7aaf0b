-- $1 = 'West'
-- $2 = 'Southeast'
-- $3 = 'app'
-- $4 = 2026-02-16 00:00:00+00:00
-- $5 = 2026-03-17 15:45:00+00:00
SELECT
  c.region AS region,
  COUNT(*) AS value
FROM l3_asurion.ev_claim AS c
WHERE
  (
    NOT c.region IN ($1, $2) OR c.region IS NULL
  )
  AND (
    c.channel <> $3 OR c.channel IS NULL
  )
  AND (
    c.claim_open_ts >= $4 AND c.claim_open_ts < $5
  )
GROUP BY
  1
ORDER BY
  value DESC NULLS LAST,
  c.region COLLATE "C" ASC
LIMIT 1001
