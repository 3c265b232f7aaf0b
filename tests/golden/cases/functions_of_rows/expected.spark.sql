-- :p1 = 'w%'
-- :p2 = '%t'
-- :p3 = 2000-01-01
-- :p4 = 2026-03-11 00:00:00+00:00
-- :p5 = 2026-03-17 15:45:00+00:00
SELECT
  CASE
    WHEN COUNT(*) FILTER(WHERE
      TRANSLATE(c.channel, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') LIKE :p1
      OR c.region LIKE :p2 ESCAPE '!') = 0
    THEN 0
    ELSE SUM(ROUND(c.claim_amount_usd, 1) + FLOOR(c.fraud_score * 10)) FILTER(WHERE
      TRANSLATE(c.channel, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') LIKE :p1
      OR c.region LIKE :p2 ESCAPE '!')
  END + CASE WHEN COUNT(*) = 0 THEN 0 ELSE SUM(c.prior_claims % NULLIF(2, 0)) END + MAX(
    (
      CAST(UNIX_MICROS(
        CAST(CASE
          WHEN c.decision_ts BETWEEN CAST('0001-01-01' AS TIMESTAMP) AND CAST('9999-12-31' AS TIMESTAMP)
          THEN c.decision_ts
        END AS TIMESTAMP)
      ) - UNIX_MICROS(
        CAST(CASE
          WHEN c.claim_open_ts BETWEEN CAST('0001-01-01' AS TIMESTAMP) AND CAST('9999-12-31' AS TIMESTAMP)
          THEN c.claim_open_ts
        END AS TIMESTAMP)
      ) AS DOUBLE) / 1000000
    )
  ) + COUNT(DISTINCT c.channel, c.region) + CASE WHEN COUNT(*) = 0 THEN 0 ELSE SUM(LEAST(c.prior_claims, 3)) END + CASE
    WHEN COUNT(*) = 0
    THEN 0
    ELSE SUM(LENGTH(TRIM(BOTH ' ' FROM (
      c.channel || c.region
    ))))
  END AS value
FROM l3_asurion.ev_claim AS c
LEFT JOIN l3_asurion.ev_product_catalog AS p
  ON c.product_id = p.product_id
WHERE
  (
    p.release_date IS NULL
    OR (
      CAST(WEEKDAY(
        CASE
          WHEN p.release_date BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE)
          THEN p.release_date
        END
      ) + 1 AS INT) < 6
      AND CAST(EXTRACT(YEAR FROM CASE
        WHEN p.release_date BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE)
        THEN p.release_date
      END) AS INT) > 2000
      AND CASE
        WHEN p.release_date BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE)
        THEN CAST(DATE_TRUNC('MONTH', p.release_date) AS DATE)
      END >= :p3
      AND DATEDIFF(
        CASE
          WHEN p.release_date BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE)
          THEN p.release_date
        END,
        CASE
          WHEN p.release_date BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE)
          THEN p.release_date
        END
      ) = 0
    )
  )
  AND (
    c.claim_open_ts >= :p4 AND c.claim_open_ts < :p5
  )
LIMIT 1
