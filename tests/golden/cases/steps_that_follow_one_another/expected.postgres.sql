-- $1 = 2026-02-01 00:00:00+00:00
-- $2 = 2026-03-01 00:00:00+00:00
-- $3 = 2026-03-15 00:00:00+00:00
WITH leg1 AS (
  SELECT
    c.region AS region,
    COUNT(*) AS m1
  FROM l3_asurion.ev_claim AS c
  WHERE
    c.claim_open_ts >= $1 AND c.claim_open_ts < $2
  GROUP BY
    1
), leg2 AS (
  SELECT
    stream.c_region AS region,
    COUNT(
      CASE
        WHEN CAST(EXTRACT(EPOCH FROM stream._ended - stream.c_claim_open_ts) AS DOUBLE PRECISION) < 1209600
        THEN CAST(CAST(EXTRACT(EPOCH FROM stream._ended - stream.c_claim_open_ts) AS DOUBLE PRECISION) AS DECIMAL(18, 6))
      END
    ) AS m2,
    COUNT(*) AS m3
  FROM (
    SELECT
      c_region AS c_region,
      c_claim_open_ts AS c_claim_open_ts,
      _step AS _step,
      _at AS _at,
      _key1 AS _key1,
      _episode AS _episode,
      _at2 AS _at2,
      MIN(CASE WHEN _step = 3 AND _at >= _at2 THEN _at END) OVER (PARTITION BY _key1, _episode) AS _ended
    FROM (
      SELECT
        c_region AS c_region,
        c_claim_open_ts AS c_claim_open_ts,
        _step AS _step,
        _at AS _at,
        _key1 AS _key1,
        _episode AS _episode,
        MIN(CASE WHEN _step = 2 THEN _at END) OVER (PARTITION BY _key1, _episode) AS _at2
      FROM (
        SELECT
          c_region AS c_region,
          c_claim_open_ts AS c_claim_open_ts,
          _step AS _step,
          _at AS _at,
          _key1 AS _key1,
          COUNT(CASE WHEN _step = 1 THEN 1 END) OVER (PARTITION BY _key1 ORDER BY _at, _rank, _order1 COLLATE "C" ASC) AS _episode
        FROM (
          SELECT
            c.region AS c_region,
            c.claim_open_ts AS c_claim_open_ts,
            1 AS _step,
            1 AS _rank,
            c.claim_open_ts AS _at,
            c.claim_id AS _key1,
            c.claim_id AS _order1
          FROM l3_asurion.ev_claim AS c
          WHERE
            c.claim_open_ts >= $1 AND c.claim_open_ts < $3
          UNION ALL
          SELECT
            NULL AS c_region,
            NULL AS c_claim_open_ts,
            2 AS _step,
            2 AS _rank,
            r.received_ts AS _at,
            r.claim_id AS _key1,
            NULL AS _order1
          FROM l3_asurion.ev_repair_order AS r
          WHERE
            NOT r.is_rework
            AND NOT r.claim_id IS NULL
            AND r.received_ts >= $1
            AND r.received_ts < $3
          UNION ALL
          SELECT
            NULL AS c_region,
            NULL AS c_claim_open_ts,
            3 AS _step,
            2 AS _rank,
            r.completed_ts AS _at,
            r.claim_id AS _key1,
            NULL AS _order1
          FROM l3_asurion.ev_repair_order AS r
          WHERE
            NOT r.claim_id IS NULL AND r.completed_ts >= $1 AND r.completed_ts < $3
        ) AS events
      ) AS step2
    ) AS step3
  ) AS stream
  WHERE
    (
      stream.c_claim_open_ts >= $1 AND stream.c_claim_open_ts < $2
    )
    AND stream._step = 1
  GROUP BY
    1
)
SELECT
  u.region AS region,
  COALESCE(MAX(u.m1), 0) AS claims_opened,
  CAST(COALESCE(MAX(u.m2), 0) AS DOUBLE PRECISION) / NULLIF(CAST(COALESCE(MAX(u.m3), 0) AS DOUBLE PRECISION), 0) AS repaired_share
FROM (
  SELECT
    region,
    m1 AS m1,
    CAST(NULL AS BIGINT) AS m2,
    CAST(NULL AS BIGINT) AS m3
  FROM leg1
  UNION ALL
  SELECT
    region,
    CAST(NULL AS BIGINT) AS m1,
    m2 AS m2,
    m3 AS m3
  FROM leg2
) AS u
GROUP BY
  1
ORDER BY
  claims_opened DESC NULLS LAST,
  u.region COLLATE "C" ASC
LIMIT 1001
