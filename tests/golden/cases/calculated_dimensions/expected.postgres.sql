-- $1 = 'small'
-- $2 = 'first'
-- $3 = 'web'
-- $4 = 6
-- $5 = 0.05
-- $6 = Decimal('900.5')
-- $7 = 2026-01-01 00:00:00+00:00
-- $8 = False
-- $9 = 2026-03-11 00:00:00+00:00
-- $10 = 2026-03-17 15:45:00+00:00
SELECT
  CAST(CASE
    WHEN c.claim_amount_usd < 200
    THEN $1
    WHEN c.prior_claims = 0
    THEN $2
    ELSE c.channel
  END AS TEXT) AS size,
  CAST(CAST(EXTRACT(ISODOW FROM CASE
    WHEN p.release_date BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE)
    THEN p.release_date
  END) AS INT) AS BIGINT) AS released_on,
  (
    c.claim_amount_usd > 900 OR c.is_fraud_suspected
  ) AS is_large,
  COUNT(*) AS value
FROM l3_asurion.ev_claim AS c
LEFT JOIN l3_asurion.ev_product_catalog AS p
  ON c.product_id = p.product_id
WHERE
  (
    NOT CAST(CASE
      WHEN c.claim_amount_usd < 200
      THEN $1
      WHEN c.prior_claims = 0
      THEN $2
      ELSE c.channel
    END AS TEXT) IN ($3)
    OR CAST(CASE
      WHEN c.claim_amount_usd < 200
      THEN $1
      WHEN c.prior_claims = 0
      THEN $2
      ELSE c.channel
    END AS TEXT) IS NULL
  )
  AND CAST(CAST(EXTRACT(ISODOW FROM CASE
    WHEN p.release_date BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE)
    THEN p.release_date
  END) AS INT) AS BIGINT) <= $4
  AND (
    CAST(CAST(c.deductible_usd AS DOUBLE PRECISION) / NULLIF(CAST(c.claim_amount_usd AS DOUBLE PRECISION), 0) AS DOUBLE PRECISION) + CAST(0 AS DOUBLE PRECISION)
  ) > $5
  AND CAST(c.claim_amount_usd - c.deductible_usd AS DECIMAL(38, 2)) < $6
  AND CAST(LEAST(c.claim_open_ts, c.decision_ts) AS TIMESTAMPTZ) >= $7
  AND (
    c.claim_amount_usd > 900 OR c.is_fraud_suspected
  ) = $8
  AND (
    c.claim_open_ts >= $9 AND c.claim_open_ts < $10
  )
GROUP BY
  1,
  2,
  3
ORDER BY
  CAST(CASE
    WHEN c.claim_amount_usd < 200
    THEN $1
    WHEN c.prior_claims = 0
    THEN $2
    ELSE c.channel
  END AS TEXT) COLLATE "C" DESC NULLS LAST,
  released_on ASC,
  is_large ASC
LIMIT 1001
