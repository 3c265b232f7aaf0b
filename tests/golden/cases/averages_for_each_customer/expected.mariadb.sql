-- :p1 = 2026-03-09 00:00:00+00:00
-- :p2 = 'web'
-- :p3 = 'denied'
-- :p4 = 2026-03-17 15:45:00+00:00
-- :p5 = 2026-02-23 00:00:00+00:00
-- :p6 = 2026-03-03 15:45:00+00:00
WITH leg1 AS (
  SELECT
    `each`.time AS time,
    `each`.made_by AS made_by,
    CAST(SUM(CASE WHEN `each`._value1 > 1 THEN `each`._value2 END) AS DOUBLE) / NULLIF(CAST(COUNT(CASE WHEN `each`._value1 > 1 THEN `each`._value2 END) AS DOUBLE), 0) AS m1
  FROM (
    SELECT
      SUBDATE(
        CAST(CASE
          WHEN c.claim_open_ts < :p1
          THEN c.claim_open_ts + INTERVAL '14' DAY
          ELSE c.claim_open_ts
        END AS DATE),
        WEEKDAY(
          CASE
            WHEN c.claim_open_ts < :p1
            THEN c.claim_open_ts + INTERVAL '14' DAY
            ELSE c.claim_open_ts
          END
        )
      ) AS time,
      c2.segment AS made_by,
      c.customer_id AS _per1,
      p.category AS _per2,
      CAST(COUNT(*) AS SIGNED) AS _value1,
      CAST(CASE
        WHEN COUNT(CASE WHEN c.channel <> :p2 THEN 1 END) = 0
        THEN 0
        ELSE SUM(CASE WHEN c.channel <> :p2 THEN c.claim_amount_usd END)
      END AS DECIMAL(38, 2)) AS _value2
    FROM l3_asurion.ev_claim AS c
    LEFT JOIN l3_asurion.ev_customer AS c2
      ON c.customer_id = c2.customer_id
    LEFT JOIN l3_asurion.ev_product_catalog AS p
      ON c.product_id = p.product_id
    WHERE
      c.claim_status <> :p3 AND (
        c.claim_open_ts >= :p1 AND c.claim_open_ts < :p4
      )
    GROUP BY
      1,
      2,
      3,
      4
  ) AS `each`
  GROUP BY
    1,
    2
), leg2 AS (
  SELECT
    `each`.time AS time,
    `each`.made_by AS made_by,
    CAST(SUM(CASE WHEN `each`._value1 > 1 THEN `each`._value2 END) AS DOUBLE) / NULLIF(CAST(COUNT(CASE WHEN `each`._value1 > 1 THEN `each`._value2 END) AS DOUBLE), 0) AS m1_previous
  FROM (
    SELECT
      SUBDATE(
        CAST(CASE
          WHEN c.claim_open_ts < :p1
          THEN c.claim_open_ts + INTERVAL '14' DAY
          ELSE c.claim_open_ts
        END AS DATE),
        WEEKDAY(
          CASE
            WHEN c.claim_open_ts < :p1
            THEN c.claim_open_ts + INTERVAL '14' DAY
            ELSE c.claim_open_ts
          END
        )
      ) AS time,
      c2.segment AS made_by,
      c.customer_id AS _per1,
      p.category AS _per2,
      CAST(COUNT(*) AS SIGNED) AS _value1,
      CAST(CASE
        WHEN COUNT(CASE WHEN c.channel <> :p2 THEN 1 END) = 0
        THEN 0
        ELSE SUM(CASE WHEN c.channel <> :p2 THEN c.claim_amount_usd END)
      END AS DECIMAL(38, 2)) AS _value2
    FROM l3_asurion.ev_claim AS c
    LEFT JOIN l3_asurion.ev_customer AS c2
      ON c.customer_id = c2.customer_id
    LEFT JOIN l3_asurion.ev_product_catalog AS p
      ON c.product_id = p.product_id
    WHERE
      c.claim_status <> :p3 AND (
        c.claim_open_ts >= :p5 AND c.claim_open_ts < :p6
      )
    GROUP BY
      1,
      2,
      3,
      4
  ) AS `each`
  GROUP BY
    1,
    2
), leg3 AS (
  SELECT
    SUBDATE(
      CAST(CASE
        WHEN c.claim_open_ts < :p1
        THEN c.claim_open_ts + INTERVAL '14' DAY
        ELSE c.claim_open_ts
      END AS DATE),
      WEEKDAY(
        CASE
          WHEN c.claim_open_ts < :p1
          THEN c.claim_open_ts + INTERVAL '14' DAY
          ELSE c.claim_open_ts
        END
      )
    ) AS time,
    c2.segment AS made_by,
    COUNT(CASE WHEN c.claim_open_ts >= :p1 AND c.claim_open_ts < :p4 THEN 1 END) AS m2,
    COUNT(CASE WHEN c.claim_open_ts >= :p5 AND c.claim_open_ts < :p6 THEN 1 END) AS m2_previous
  FROM l3_asurion.ev_claim AS c
  LEFT JOIN l3_asurion.ev_customer AS c2
    ON c.customer_id = c2.customer_id
  LEFT JOIN l3_asurion.ev_device AS d
    ON c.device_id = d.device_id
  LEFT JOIN l3_asurion.ev_customer AS c3
    ON d.customer_id = c3.customer_id
  WHERE
    (
      c2.state_code = c3.state_code OR c.prior_claims > 1
    )
    AND (
      (
        c.claim_open_ts >= :p1 AND c.claim_open_ts < :p4
      )
      OR (
        c.claim_open_ts >= :p5 AND c.claim_open_ts < :p6
      )
    )
  GROUP BY
    1,
    2
)
SELECT
  u.time AS time,
  u.made_by AS made_by,
  MAX(u.m1) AS claimed_per_customer,
  COALESCE(MAX(u.m2), 0) AS claims_by_customer,
  MAX(u.m1_previous) AS previous_claimed_per_customer,
  COALESCE(MAX(u.m2_previous), 0) AS previous_claims_by_customer
FROM (
  SELECT
    time,
    made_by,
    m1 AS m1,
    CAST(NULL AS DOUBLE) AS m1_previous,
    CAST(NULL AS SIGNED) AS m2,
    CAST(NULL AS SIGNED) AS m2_previous
  FROM leg1
  UNION ALL
  SELECT
    time,
    made_by,
    CAST(NULL AS DOUBLE) AS m1,
    m1_previous AS m1_previous,
    CAST(NULL AS SIGNED) AS m2,
    CAST(NULL AS SIGNED) AS m2_previous
  FROM leg2
  UNION ALL
  SELECT
    time,
    made_by,
    CAST(NULL AS DOUBLE) AS m1,
    CAST(NULL AS DOUBLE) AS m1_previous,
    m2 AS m2,
    m2_previous AS m2_previous
  FROM leg3
) AS u
GROUP BY
  1,
  2
ORDER BY
  CASE WHEN u.time IS NULL THEN 1 ELSE 0 END,
  u.time ASC,
  CASE WHEN u.made_by IS NULL THEN 1 ELSE 0 END,
  u.made_by ASC
LIMIT 1001
