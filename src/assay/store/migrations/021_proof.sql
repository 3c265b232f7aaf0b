-- What lets others check receipts: the install's name, the public keys that have signed here, and the log of all receipts.

CREATE TABLE assay.install (
    is_one boolean PRIMARY KEY DEFAULT true CHECK (is_one),
    install_id text NOT NULL
);
INSERT INTO assay.install (install_id) VALUES (replace(gen_random_uuid()::text, '-', ''));

-- Nobody is believed for standing here: a process believes the keys that it holds.
CREATE TABLE assay.signing_key (
    key_id text PRIMARY KEY,
    public_key text NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now()
);

-- Receipts that are written and have no place in the log yet. `digest` is of the receipt with its signature.
CREATE TABLE assay.receipt_unlogged (
    receipt_id text PRIMARY KEY,
    digest text NOT NULL
);
CREATE TABLE assay.receipt_log (
    position bigint PRIMARY KEY,
    receipt_id text NOT NULL UNIQUE,
    digest text NOT NULL
);
-- Of each whole subtree of the tree over the log, its hash (RFC 9162).
CREATE TABLE assay.receipt_node (
    level smallint NOT NULL,
    place bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (level, place)
);
-- Whoever appends holds its row until their transaction ends, so that all processes append in one order.
CREATE TABLE assay.receipt_log_end (
    is_one boolean PRIMARY KEY DEFAULT true CHECK (is_one),
    size bigint NOT NULL
);
INSERT INTO assay.receipt_log_end (size) VALUES (0);

CREATE FUNCTION assay.receipt_log_stays() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the log of receipts is never changed or deleted';
END $$;
CREATE TRIGGER receipt_log_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON assay.receipt_log
    FOR EACH STATEMENT EXECUTE FUNCTION assay.receipt_log_stays();
CREATE TRIGGER receipt_log_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON assay.receipt_node
    FOR EACH STATEMENT EXECUTE FUNCTION assay.receipt_log_stays();
REVOKE UPDATE, DELETE, TRUNCATE ON assay.receipt_log, assay.receipt_node FROM CURRENT_USER;
