-- A key that is a link asks this one question, and nothing else: by its own address, without Authorization.
ALTER TABLE assay.api_key ADD COLUMN question jsonb;
