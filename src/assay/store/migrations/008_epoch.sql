-- What a restored copy must not share with its original: the epoch of this database, and what was seeded into it.

-- The newest row counts. A token stands in every version that a counter or a clock makes, so that numbers which are
-- climbed through again after a restore never mean what they meant before. A database that served before there were
-- epochs keeps its versions: its first token is empty.
CREATE TABLE assay.epoch (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token text NOT NULL,
    reason text NOT NULL CHECK (reason IN ('created', 'restored', 'moved', 'failover', 'clock')),
    server text,
    timeline text,
    place text,
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    released_at timestamptz
);
INSERT INTO assay.epoch (token, reason)
SELECT CASE WHEN EXISTS (SELECT FROM assay.table_version) THEN '' ELSE left(md5(gen_random_uuid()::text), 8) END, 'created';

-- What stands before a counter. A server that was promoted since the epoch began is told apart at once, before any
-- process has noticed.
CREATE FUNCTION assay.data_epoch() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN moved THEN token || '+' || now || '.' WHEN token = '' THEN '' ELSE token || '.' END
    FROM (
        SELECT token, now, now <> timeline AS moved
        FROM (SELECT token, timeline FROM assay.epoch ORDER BY number DESC LIMIT 1) AS newest,
            (SELECT CASE WHEN NOT pg_is_in_recovery() THEN left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END AS now)
                AS server
    ) AS known
$$;

-- That the generated data is there is a fact of this database, written in the transaction that filled it.
CREATE TABLE assay.seeding (
    seed text PRIMARY KEY,
    anchor timestamptz,
    dictionary_version text,
    tables text[],
    versions jsonb,
    seeded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO assay.seeding (seed, dictionary_version)
SELECT 'demo', nullif(split_part(value, ' ', 2), '') FROM assay.setting WHERE name = 'seeded';

-- The moment that a change speaks of, and the columns that say what was seen or decided then: an older event which comes
-- second does not overwrite them.
ALTER TABLE assay.loop_change ADD COLUMN occurred_at timestamptz, ADD COLUMN seen text[] NOT NULL DEFAULT '{}';
UPDATE assay.loop_change AS c SET
    occurred_at = coalesce(
        (SELECT e.occurred_at FROM assay.event AS e WHERE e.event_id = c.event_id),
        (SELECT f.applied_at FROM assay.effect AS f WHERE f.effect_id = c.effect_id)
    ),
    seen = CASE WHEN c.operation = 'update' THEN ARRAY (SELECT jsonb_object_keys(c.after)) ELSE '{}' END;
CREATE INDEX change_of_row ON assay.loop_change (table_name, key);
