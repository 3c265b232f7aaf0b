-- What was done, by whom: each entry is hashed over the one before, and none is ever changed.

CREATE TABLE assay.audit (
    number bigint PRIMARY KEY,
    document text NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL
);
CREATE INDEX audit_action ON assay.audit ((document::jsonb ->> 'action'), number DESC);
CREATE INDEX audit_who ON assay.audit ((document::jsonb -> 'who' ->> 'id'), number DESC);

-- The end of the chain. Whoever appends holds its row until their transaction ends, so that no number is left out.
CREATE TABLE assay.audit_head (
    is_one boolean PRIMARY KEY DEFAULT true CHECK (is_one),
    number bigint NOT NULL,
    hash text NOT NULL
);
INSERT INTO assay.audit_head (number, hash) VALUES (0, '');

CREATE FUNCTION assay.audit_stays() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'entries of the audit log are never changed or deleted';
END $$;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON assay.audit
    FOR EACH STATEMENT EXECUTE FUNCTION assay.audit_stays();
REVOKE UPDATE, DELETE, TRUNCATE ON assay.audit FROM CURRENT_USER;
