-- :p1 = 2026-01-18 00:00:00+00:00
-- :p2 = 2026-01-19 00:00:00+00:00
-- :p3 = 2026-01-20 00:00:00+00:00
-- :p4 = 2026-01-21 00:00:00+00:00
-- :p5 = 2026-01-22 00:00:00+00:00
-- :p6 = 2026-01-23 00:00:00+00:00
-- :p7 = 2026-01-24 00:00:00+00:00
-- :p8 = 2026-01-25 00:00:00+00:00
-- :p9 = 2026-01-26 00:00:00+00:00
-- :p10 = 2026-01-27 00:00:00+00:00
-- :p11 = 2026-01-28 00:00:00+00:00
-- :p12 = 2026-01-29 00:00:00+00:00
-- :p13 = 2026-01-30 00:00:00+00:00
-- :p14 = 2026-01-31 00:00:00+00:00
-- :p15 = 2026-01-11 00:00:00+00:00
-- :p16 = 2026-02-08 00:00:00+00:00
SELECT
  CAST(DATE_TRUNC(
    'DAY',
    CASE
      WHEN c.claim_open_ts < :p1
      THEN (
        FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
      ) + INTERVAL '42' DAY
      WHEN c.claim_open_ts < :p2
      THEN (
        FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
      ) + INTERVAL '41' DAY
      WHEN c.claim_open_ts < :p3
      THEN (
        FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
      ) + INTERVAL '40' DAY
      WHEN c.claim_open_ts < :p4
      THEN (
        FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
      ) + INTERVAL '39' DAY
      WHEN c.claim_open_ts < :p5
      THEN (
        FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
      ) + INTERVAL '38' DAY
      WHEN c.claim_open_ts < :p6
      THEN (
        FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
      ) + INTERVAL '37' DAY
      WHEN c.claim_open_ts < :p7
      THEN (
        FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
      ) + INTERVAL '36' DAY
      WHEN c.claim_open_ts < :p8
      THEN (
        FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
      ) + INTERVAL '35' DAY
      WHEN c.claim_open_ts < :p9
      THEN (
        FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
      ) + INTERVAL '34' DAY
      WHEN c.claim_open_ts < :p10
      THEN (
        FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
      ) + INTERVAL '33' DAY
      WHEN c.claim_open_ts < :p11
      THEN (
        FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
      ) + INTERVAL '32' DAY
      WHEN c.claim_open_ts < :p12
      THEN (
        FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
      ) + INTERVAL '31' DAY
      WHEN c.claim_open_ts < :p13
      THEN (
        FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
      ) + INTERVAL '30' DAY
      WHEN c.claim_open_ts < :p14
      THEN (
        FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
      ) + INTERVAL '29' DAY
      ELSE (
        FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
      ) + INTERVAL '28' DAY
    END
  ) AS DATE) AS time,
  COUNT(*) AS value
FROM l3_asurion.ev_claim AS c
WHERE
  c.claim_open_ts >= :p15 AND c.claim_open_ts < :p16
GROUP BY
  1
ORDER BY
  time ASC NULLS LAST
LIMIT 1001
