-- Whether the keys that joins rely on are unique in the data: the last proof of each, and the version it is of.

CREATE TABLE assay.key_proof (
    backend text NOT NULL,
    place text NOT NULL,
    table_name text NOT NULL,
    columns text[] NOT NULL,
    how text NOT NULL CHECK (how IN ('constraint', 'count')),
    duplicates bigint NOT NULL CHECK (duplicates >= 0),
    most bigint NOT NULL CHECK (most >= 0),
    seen_by text,
    tables text[] NOT NULL,
    data_version text NOT NULL,
    proved_at timestamptz NOT NULL,
    PRIMARY KEY (backend, place, table_name, columns)
);
