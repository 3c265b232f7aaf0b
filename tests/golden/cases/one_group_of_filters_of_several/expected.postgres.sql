-- $1 = '%!_%'
-- $2 = 0
-- $3 = 5
-- $4 = 'W%'
-- $5 = False
-- $6 = '%t'
-- $7 = '%st'
-- $8 = '%ou%'
-- $9 = '100!%%'
-- $10 = 2026-03-11 00:00:00+00:00
-- $11 = 2026-03-17 15:45:00+00:00
SELECT
  c.region AS region,
  COUNT(*) AS value
FROM l3_asurion.ev_claim AS c
WHERE
  (
    NOT (
      c.region LIKE $1 ESCAPE '!'
    ) OR c.region IS NULL
  )
  AND c.prior_claims >= $2
  AND c.prior_claims <= $3
  AND (
    (
      c.region LIKE $4 ESCAPE '!' AND c.is_fraud_suspected = $5
    )
    OR (
      c.region LIKE $6 ESCAPE '!'
      AND (
        NOT (
          c.region LIKE $7 ESCAPE '!'
        ) OR c.region IS NULL
      )
    )
    OR (
      c.region LIKE $8 ESCAPE '!'
      AND (
        NOT (
          c.region LIKE $9 ESCAPE '!'
        ) OR c.region IS NULL
      )
    )
  )
  AND (
    c.claim_open_ts >= $10 AND c.claim_open_ts < $11
  )
GROUP BY
  1
ORDER BY
  value DESC NULLS LAST,
  c.region COLLATE "C" ASC
LIMIT 1001
