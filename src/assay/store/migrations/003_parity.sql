-- What moving a metric leaves behind: certificates, differences that a person accepted, every change of a route, shadows.

CREATE TABLE assay.parity_certificate (
    certificate_id text PRIMARY KEY,
    metric_id text NOT NULL,
    here text NOT NULL,
    there text NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('equal', 'within_tolerance', 'differs', 'not_comparable')),
    created_at timestamptz NOT NULL,
    document text NOT NULL
);
CREATE INDEX certificate_of_metric ON assay.parity_certificate (metric_id, created_at DESC);

CREATE TABLE assay.accepted_difference (
    certificate_id text PRIMARY KEY REFERENCES assay.parity_certificate,
    reason text NOT NULL,
    accepted_by text NOT NULL,
    accepted_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE assay.route_change (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    metric_id text NOT NULL,
    from_backend text,
    to_backend text NOT NULL,
    epoch integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('first', 'proven', 'accepted', 'rolled_back')),
    changed_by text NOT NULL,
    reason text,
    certificate_id text,
    changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX change_of_metric ON assay.route_change (metric_id, change_id DESC);

CREATE TABLE assay.shadow_comparison (
    comparison_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    metric_id text NOT NULL,
    backend text NOT NULL,
    shadow text NOT NULL,
    verdict text NOT NULL,
    reason text NOT NULL,
    definition_version text NOT NULL,
    here_ms double precision,
    there_ms double precision,
    question jsonb NOT NULL,
    compared_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX shadow_of_metric ON assay.shadow_comparison (metric_id, shadow, comparison_id DESC);
