-- :p1 = '%!_%'
-- :p2 = 0
-- :p3 = 5
-- :p4 = 'W%'
-- :p5 = False
-- :p6 = '%t'
-- :p7 = '%st'
-- :p8 = '%ou%'
-- :p9 = '100!%%'
-- :p10 = 2026-03-11 00:00:00+00:00
-- :p11 = 2026-03-17 15:45:00+00:00
SELECT
  c.region AS region,
  COUNT(*) AS value
FROM l3_asurion.ev_claim AS c
WHERE
  (
    NOT (
      c.region LIKE :p1 ESCAPE '!'
    ) OR c.region IS NULL
  )
  AND c.prior_claims >= :p2
  AND c.prior_claims <= :p3
  AND (
    (
      c.region LIKE :p4 ESCAPE '!' AND c.is_fraud_suspected = :p5
    )
    OR (
      c.region LIKE :p6 ESCAPE '!'
      AND (
        NOT (
          c.region LIKE :p7 ESCAPE '!'
        ) OR c.region IS NULL
      )
    )
    OR (
      c.region LIKE :p8 ESCAPE '!'
      AND (
        NOT (
          c.region LIKE :p9 ESCAPE '!'
        ) OR c.region IS NULL
      )
    )
  )
  AND (
    c.claim_open_ts >= :p10 AND c.claim_open_ts < :p11
  )
GROUP BY
  1
ORDER BY
  value DESC,
  CASE WHEN c.region IS NULL THEN 1 ELSE 0 END,
  c.region ASC
LIMIT 1001
