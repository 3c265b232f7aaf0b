-- $1 = 'repair'
-- $2 = 2026-02-01 00:00:00+00:00
-- $3 = 2026-03-01 00:00:00+00:00
-- $4 = 2025-02-01 00:00:00+00:00
-- $5 = 2025-03-01 00:00:00+00:00
-- $6 = 'replacement'
SELECT
  CAST(COUNT(*) FILTER(WHERE
    c.resolution = $1 AND (
      c.claim_open_ts >= $2 AND c.claim_open_ts < $3
    )) AS DOUBLE PRECISION) / NULLIF(
    CAST(COUNT(*) FILTER(WHERE
      c.resolution IN ($1, $6) AND (
        c.claim_open_ts >= $2 AND c.claim_open_ts < $3
      )) AS DOUBLE PRECISION),
    0
  ) AS value,
  CAST(COUNT(*) FILTER(WHERE
    c.resolution = $1 AND (
      c.claim_open_ts >= $4 AND c.claim_open_ts < $5
    )) AS DOUBLE PRECISION) / NULLIF(
    CAST(COUNT(*) FILTER(WHERE
      c.resolution IN ($1, $6) AND (
        c.claim_open_ts >= $4 AND c.claim_open_ts < $5
      )) AS DOUBLE PRECISION),
    0
  ) AS previous
FROM l3_asurion.ev_claim AS c
WHERE
  (
    c.resolution = $1 OR c.resolution IN ($1, $6)
  )
  AND (
    (
      c.claim_open_ts >= $2 AND c.claim_open_ts < $3
    )
    OR (
      c.claim_open_ts >= $4 AND c.claim_open_ts < $5
    )
  )
LIMIT 1
