-- :p1 = 'small'
-- :p2 = 'first'
-- :p3 = 'web'
-- :p4 = 6
-- :p5 = 0.05
-- :p6 = Decimal('900.5')
-- :p7 = 2026-01-01 00:00:00+00:00
-- :p8 = False
-- :p9 = 2026-03-11 00:00:00+00:00
-- :p10 = 2026-03-17 15:45:00+00:00
SELECT
  CAST(CASE
    WHEN c.claim_amount_usd < 200
    THEN :p1
    WHEN c.prior_claims = 0
    THEN :p2
    ELSE c.channel
  END AS CHAR) AS size,
  CAST(CAST(WEEKDAY(
    CASE
      WHEN p.release_date BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE)
      THEN p.release_date
    END
  ) + 1 AS SIGNED) AS SIGNED) AS released_on,
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
      THEN :p1
      WHEN c.prior_claims = 0
      THEN :p2
      ELSE c.channel
    END AS CHAR) IN (:p3)
    OR CAST(CASE
      WHEN c.claim_amount_usd < 200
      THEN :p1
      WHEN c.prior_claims = 0
      THEN :p2
      ELSE c.channel
    END AS CHAR) IS NULL
  )
  AND CAST(CAST(WEEKDAY(
    CASE
      WHEN p.release_date BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE)
      THEN p.release_date
    END
  ) + 1 AS SIGNED) AS SIGNED) <= :p4
  AND (
    CAST(CAST(c.deductible_usd AS DOUBLE) / NULLIF(CAST(c.claim_amount_usd AS DOUBLE), 0) AS DOUBLE) + CAST(0 AS DOUBLE)
  ) > :p5
  AND CAST(c.claim_amount_usd - c.deductible_usd AS DECIMAL(38, 2)) < :p6
  AND LEAST(COALESCE(c.claim_open_ts, c.decision_ts), COALESCE(c.decision_ts, c.claim_open_ts)) >= :p7
  AND (
    c.claim_amount_usd > 900 OR c.is_fraud_suspected
  ) = :p8
  AND (
    c.claim_open_ts >= :p9 AND c.claim_open_ts < :p10
  )
GROUP BY
  1,
  2,
  3
ORDER BY
  size DESC,
  CASE
    WHEN CAST(CAST(WEEKDAY(
      CASE
        WHEN p.release_date BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE)
        THEN p.release_date
      END
    ) + 1 AS SIGNED) AS SIGNED) IS NULL
    THEN 1
    ELSE 0
  END,
  CAST(CAST(WEEKDAY(
    CASE
      WHEN p.release_date BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE)
      THEN p.release_date
    END
  ) + 1 AS SIGNED) AS SIGNED) ASC,
  CASE
    WHEN (
      c.claim_amount_usd > 900 OR c.is_fraud_suspected
    ) IS NULL
    THEN 1
    ELSE 0
  END,
  (
    c.claim_amount_usd > 900 OR c.is_fraud_suspected
  ) ASC
LIMIT 1001
