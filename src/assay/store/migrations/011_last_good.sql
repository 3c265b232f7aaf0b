-- What served last of the workspace's files: metrics, dictionaries by version, dashboards. It serves in the place of a
-- piece that cannot be read, in every process and after a restart; and a dashboard's file is compared with it, so that
-- what the screen changed can be laid over a new one.

CREATE TABLE assay.last_good (
    kind text NOT NULL CHECK (kind IN ('metric', 'dictionary', 'dashboard')),
    name text NOT NULL,
    document jsonb NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, name)
);
