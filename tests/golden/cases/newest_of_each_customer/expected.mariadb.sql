-- :p1 = 'West'
-- :p2 = 'Midwest'
-- :p3 = 'denied'
-- :p4 = 2026-03-01 00:00:00+00:00
-- :p5 = 2026-03-17 15:45:00+00:00
SELECT
  SUBDATE(CAST(kept.c_claim_open_ts AS DATE), WEEKDAY(kept.c_claim_open_ts)) AS time,
  kept.p_category AS category,
  SUM(kept.c_claim_amount_usd) AS value
FROM (
  SELECT
    p.category AS p_category,
    c.claim_amount_usd AS c_claim_amount_usd,
    c.region AS c_region,
    c.claim_open_ts AS c_claim_open_ts,
    c.claim_open_ts AS _by,
    MAX(c.claim_open_ts) OVER (
      PARTITION BY c.customer_id, SUBDATE(CAST(c.claim_open_ts AS DATE), WEEKDAY(c.claim_open_ts))
    ) AS _edge
  FROM l3_asurion.ev_claim AS c
  LEFT JOIN l3_asurion.ev_product_catalog AS p
    ON c.product_id = p.product_id
  WHERE
    c.claim_status <> :p3 AND (
      c.claim_open_ts >= :p4 AND c.claim_open_ts < :p5
    )
) AS kept
WHERE
  kept.c_region IN (:p1, :p2) AND kept._by = kept._edge
GROUP BY
  1,
  2
ORDER BY
  CASE
    WHEN SUBDATE(CAST(kept.c_claim_open_ts AS DATE), WEEKDAY(kept.c_claim_open_ts)) IS NULL
    THEN 1
    ELSE 0
  END,
  SUBDATE(CAST(kept.c_claim_open_ts AS DATE), WEEKDAY(kept.c_claim_open_ts)) ASC,
  CASE WHEN kept.p_category IS NULL THEN 1 ELSE 0 END,
  kept.p_category ASC
LIMIT 1001
