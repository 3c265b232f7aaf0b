-- Keys of programs and of people, as hashes: no table holds what opens a door.

CREATE TABLE assay.api_key (
    key_id text PRIMARY KEY,
    name text NOT NULL,
    prefix text NOT NULL,
    hash bytea NOT NULL UNIQUE,
    roles text[] NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    revoked_by text
);

-- Rises whenever somebody may do less than before: what a process knows of who asks holds for one number.
CREATE TABLE assay.access_revision (
    is_one boolean PRIMARY KEY DEFAULT true CHECK (is_one),
    number bigint NOT NULL
);
INSERT INTO assay.access_revision (number) VALUES (1);

CREATE FUNCTION assay.access_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE assay.access_revision SET number = number + 1;
    PERFORM pg_notify('assay_access', '');
    RETURN NULL;
END $$;
CREATE TRIGGER access_moved AFTER DELETE OR TRUNCATE OR UPDATE OF key_id, hash, roles, expires_at, revoked_at ON assay.api_key
    FOR EACH STATEMENT EXECUTE FUNCTION assay.access_moved();
