-- :p1 = 2025-11-29 00:00:00+00:00
-- :p2 = 2025-11-30 00:00:00+00:00
-- :p3 = 2026-01-01 00:00:00+00:00
-- :p4 = 2026-03-17 15:45:00+00:00
-- :p5 = 2025-10-01 00:00:00+00:00
-- :p6 = 2025-12-17 15:45:00+00:00
SELECT
  SUBDATE(
    CAST(CASE
      WHEN c.claim_open_ts < :p1
      THEN c.claim_open_ts + INTERVAL '92' DAY
      WHEN c.claim_open_ts < :p2
      THEN c.claim_open_ts + INTERVAL '91' DAY
      WHEN c.claim_open_ts < :p3
      THEN c.claim_open_ts + INTERVAL '90' DAY
      ELSE c.claim_open_ts
    END AS DATE),
    EXTRACT(DAY FROM CASE
      WHEN c.claim_open_ts < :p1
      THEN c.claim_open_ts + INTERVAL '92' DAY
      WHEN c.claim_open_ts < :p2
      THEN c.claim_open_ts + INTERVAL '91' DAY
      WHEN c.claim_open_ts < :p3
      THEN c.claim_open_ts + INTERVAL '90' DAY
      ELSE c.claim_open_ts
    END) - 1
  ) AS time,
  CASE
    WHEN COUNT(CASE WHEN c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4 THEN 1 END) = 0
    THEN 0
    ELSE SUM(
      CASE
        WHEN c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4
        THEN c.approved_amount_usd
      END
    )
  END AS value,
  CASE
    WHEN COUNT(CASE WHEN c.claim_open_ts >= :p5 AND c.claim_open_ts < :p6 THEN 1 END) = 0
    THEN 0
    ELSE SUM(
      CASE
        WHEN c.claim_open_ts >= :p5 AND c.claim_open_ts < :p6
        THEN c.approved_amount_usd
      END
    )
  END AS previous
FROM l3_asurion.ev_claim AS c
WHERE
  (
    c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4
  )
  OR (
    c.claim_open_ts >= :p5 AND c.claim_open_ts < :p6
  )
GROUP BY
  1
ORDER BY
  CASE
    WHEN SUBDATE(
      CAST(CASE
        WHEN c.claim_open_ts < :p1
        THEN c.claim_open_ts + INTERVAL '92' DAY
        WHEN c.claim_open_ts < :p2
        THEN c.claim_open_ts + INTERVAL '91' DAY
        WHEN c.claim_open_ts < :p3
        THEN c.claim_open_ts + INTERVAL '90' DAY
        ELSE c.claim_open_ts
      END AS DATE),
      EXTRACT(DAY FROM CASE
        WHEN c.claim_open_ts < :p1
        THEN c.claim_open_ts + INTERVAL '92' DAY
        WHEN c.claim_open_ts < :p2
        THEN c.claim_open_ts + INTERVAL '91' DAY
        WHEN c.claim_open_ts < :p3
        THEN c.claim_open_ts + INTERVAL '90' DAY
        ELSE c.claim_open_ts
      END) - 1
    ) IS NULL
    THEN 1
    ELSE 0
  END,
  SUBDATE(
    CAST(CASE
      WHEN c.claim_open_ts < :p1
      THEN c.claim_open_ts + INTERVAL '92' DAY
      WHEN c.claim_open_ts < :p2
      THEN c.claim_open_ts + INTERVAL '91' DAY
      WHEN c.claim_open_ts < :p3
      THEN c.claim_open_ts + INTERVAL '90' DAY
      ELSE c.claim_open_ts
    END AS DATE),
    EXTRACT(DAY FROM CASE
      WHEN c.claim_open_ts < :p1
      THEN c.claim_open_ts + INTERVAL '92' DAY
      WHEN c.claim_open_ts < :p2
      THEN c.claim_open_ts + INTERVAL '91' DAY
      WHEN c.claim_open_ts < :p3
      THEN c.claim_open_ts + INTERVAL '90' DAY
      ELSE c.claim_open_ts
    END) - 1
  ) ASC
LIMIT 1001
