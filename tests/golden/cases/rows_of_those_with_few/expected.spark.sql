-- :p1 = Decimal('2000')
-- :p2 = 2026-03-11 00:00:00+00:00
-- :p3 = 2026-03-17 15:45:00+00:00
-- :p4 = 2026-03-11 00:00:00+00:00
-- :p5 = 2026-03-17 15:45:00+00:00
WITH whose1 AS (
  SELECT
    c2.segment AS made_by,
    COUNT(*) AS value
  FROM l3_asurion.ev_claim AS c
  LEFT JOIN l3_asurion.ev_customer AS c2
    ON c.customer_id = c2.customer_id
  WHERE
    NOT c2.segment IS NULL AND (
      c.claim_open_ts >= :p4 AND c.claim_open_ts < :p5
    )
  GROUP BY
    1
)
SELECT
  CAST(DATE_TRUNC('DAY', FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')) AS DATE) AS time,
  COUNT(*) AS value
FROM l3_asurion.ev_claim AS c
LEFT JOIN l3_asurion.ev_customer AS c2
  ON c.customer_id = c2.customer_id
WHERE
  (
    NOT c2.segment IS NULL
    AND NOT c2.segment IN (
      SELECT
        made_by
      FROM whose1
      WHERE
        NOT (
          CAST(value AS DECIMAL(38, 0)) < :p1
        ) OR value IS NULL
    )
  )
  AND (
    c.claim_open_ts >= :p2 AND c.claim_open_ts < :p3
  )
GROUP BY
  1
ORDER BY
  time ASC NULLS LAST
LIMIT 1001
