-- :p1 = 2026-03-16 06:00:00+00:00
-- :p2 = 2026-03-16 12:00:00+00:00
SELECT
  CAST(CAST(c.claim_open_ts AS DATE) AS DATETIME(6)) + INTERVAL (
    EXTRACT(HOUR FROM c.claim_open_ts)
  ) HOUR AS time,
  COUNT(*) AS value
FROM l3_asurion.ev_claim AS c
WHERE
  c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2
GROUP BY
  1
ORDER BY
  CASE
    WHEN CAST(CAST(c.claim_open_ts AS DATE) AS DATETIME(6)) + INTERVAL (
      EXTRACT(HOUR FROM c.claim_open_ts)
    ) HOUR IS NULL
    THEN 1
    ELSE 0
  END,
  CAST(CAST(c.claim_open_ts AS DATE) AS DATETIME(6)) + INTERVAL (
    EXTRACT(HOUR FROM c.claim_open_ts)
  ) HOUR ASC
LIMIT 1001
