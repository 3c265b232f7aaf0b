-- The second factor of people with a password. Its secret is sealed with a key that is not in the store.

ALTER TABLE assay.person
    ADD COLUMN factor text,
    -- The time step of the last code that was taken: none is taken twice.
    ADD COLUMN factor_step bigint NOT NULL DEFAULT 0,
    ADD CHECK (factor IS NULL OR provider IS NULL);

-- Codes for when it is lost, as hashes, each for once.
CREATE TABLE assay.recovery_code (
    hash bytea PRIMARY KEY,
    person_id text NOT NULL REFERENCES assay.person ON DELETE CASCADE,
    used_at timestamptz
);
CREATE INDEX recovery_code_person ON assay.recovery_code (person_id);
