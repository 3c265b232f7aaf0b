-- What a key is limited to, within its role: metrics (patterns) and what it may do. Null: nothing narrower than the role.
ALTER TABLE assay.api_key ADD COLUMN metrics text[], ADD COLUMN needs text[];
DROP TRIGGER access_moved ON assay.api_key;
CREATE TRIGGER access_moved
    AFTER DELETE OR TRUNCATE OR UPDATE OF key_id, hash, roles, expires_at, revoked_at, metrics, needs ON assay.api_key
    FOR EACH STATEMENT EXECUTE FUNCTION assay.access_moved();
