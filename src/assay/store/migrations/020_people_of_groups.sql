-- What an admin says of people with a password, for policies to read; of others their provider says it.

ALTER TABLE assay.person
    ADD COLUMN groups text[] NOT NULL DEFAULT '{}', ADD COLUMN claims jsonb NOT NULL DEFAULT '{}',
    ADD CHECK (provider IS NULL OR (groups = '{}' AND claims = '{}'));
DROP TRIGGER access_moved ON assay.person;
CREATE TRIGGER access_moved
    AFTER DELETE OR TRUNCATE
        OR UPDATE OF person_id, email, roles, password, disabled_at, provider, subject, vouched, groups, claims
    ON assay.person FOR EACH STATEMENT EXECUTE FUNCTION assay.access_moved();
