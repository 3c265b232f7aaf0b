-- Policies as they were put in force, one after the other: the last one holds. What each of them said is kept.

CREATE TABLE assay.policy (
    number bigint PRIMARY KEY,
    digest text NOT NULL,
    -- The files, by name.
    documents jsonb NOT NULL,
    put_by text NOT NULL,
    put_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX policy_digest ON assay.policy (digest);
CREATE TRIGGER access_moved AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON assay.policy
    FOR EACH STATEMENT EXECUTE FUNCTION assay.access_moved();
