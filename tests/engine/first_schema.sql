-- A database as the first Assay left it. This is a record of what is out there: it is never edited.
CREATE SCHEMA assay;
CREATE TABLE assay.migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
INSERT INTO assay.migration (name) VALUES ('001_corridor.sql');

-- What the corridor keeps: the catalog as it was last loaded, routes, receipts, dashboards, table versions.

CREATE TABLE assay.metric_catalog (
    metric_id text PRIMARY KEY,
    label text NOT NULL,
    definition_version text NOT NULL,
    document jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'retired')),
    last_validated_at timestamptz,
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE assay.route (
    metric_id text PRIMARY KEY,
    backend text NOT NULL,
    epoch integer NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE assay.receipt (
    receipt_id text PRIMARY KEY,
    answer_id text NOT NULL,
    metric_id text NOT NULL,
    created_at timestamptz NOT NULL,
    document text NOT NULL,
    signature text NOT NULL
);
CREATE INDEX receipt_of_metric ON assay.receipt (metric_id, receipt_id DESC);
CREATE INDEX receipt_of_answer ON assay.receipt (answer_id);

CREATE TABLE assay.dashboard (
    dashboard_id text PRIMARY KEY,
    version integer NOT NULL,
    document jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE assay.setting (
    name text PRIMARY KEY,
    value text NOT NULL
);

CREATE TABLE assay.table_version (
    table_name text PRIMARY KEY,
    version bigint NOT NULL,
    moved_at timestamptz NOT NULL DEFAULT now()
);

-- One counter a table. The counter's row is written in the writer's own transaction, so that whoever
-- sees the new rows sees the new version, and nobody sees one without the other.
CREATE FUNCTION assay.table_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moved text := TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME;
BEGIN
    INSERT INTO assay.table_version AS known (table_name, version) VALUES (moved, 1)
    ON CONFLICT (table_name) DO UPDATE SET version = known.version + 1, moved_at = clock_timestamp();
    PERFORM pg_notify('assay_table', moved);
    RETURN NULL;
END
$$;

INSERT INTO assay.metric_catalog VALUES ('m', 'M', 'v1', '{"a": 1}', 'active', NULL, '2026-01-02T03:04:05Z');
INSERT INTO assay.route VALUES ('m', 'postgres', 3, '2026-01-02T03:04:05Z');
INSERT INTO assay.receipt VALUES ('r1', 'a1', 'm', '2026-01-02T03:04:05Z', '{"value": "1.10"}', 'signed');
INSERT INTO assay.dashboard VALUES ('d', 2, '{"tiles": []}', '2026-01-02T03:04:05Z');
INSERT INTO assay.setting VALUES ('seeded', '2026-01-02 0123456789ab'), ('reader_password', 'secret');
INSERT INTO assay.table_version VALUES ('l3_asurion.ev_claim', 17, '2026-01-02T03:04:05Z');
