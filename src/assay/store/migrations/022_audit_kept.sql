-- How far the audit log was told to standard output, and how far it was pruned: up to a checkpoint that was signed.

CREATE TABLE assay.audit_told (
    is_one boolean PRIMARY KEY DEFAULT true CHECK (is_one),
    number bigint NOT NULL
);
INSERT INTO assay.audit_told (number) VALUES (0);

CREATE TABLE assay.audit_checkpoint (
    number bigint PRIMARY KEY,
    hash text NOT NULL,
    at text NOT NULL,
    signature text NOT NULL
);

DROP TRIGGER audit_stays ON assay.audit;
CREATE TRIGGER audit_stays BEFORE UPDATE OR TRUNCATE ON assay.audit
    FOR EACH STATEMENT EXECUTE FUNCTION assay.audit_stays();
CREATE FUNCTION assay.audit_stays_until_checkpoint() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.number > (SELECT coalesce(max(number), 0) FROM assay.audit_checkpoint) THEN
        RAISE EXCEPTION 'entries of the audit log are never changed or deleted';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER audit_stays_until_checkpoint BEFORE DELETE ON assay.audit
    FOR EACH ROW EXECUTE FUNCTION assay.audit_stays_until_checkpoint();
