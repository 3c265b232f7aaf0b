-- Every statement that was written for a question, by whom, what the gate said, and what came of it.

CREATE TABLE assay.sql_generation_log (
    generation_id text PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    metric_id text NOT NULL,
    generator text NOT NULL CHECK (generator IN ('compiler', 'llm')),
    dialect text NOT NULL,
    dry_run boolean NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('accepted', 'safety_violation', 'llm_unavailable', 'failed')),
    model text,
    prompt_hash text,
    sql text,
    explanation text NOT NULL,
    requests integer NOT NULL,
    input_tokens integer NOT NULL,
    output_tokens integer NOT NULL,
    latency_ms double precision NOT NULL,
    cost_usd double precision,
    receipt_id text,
    question jsonb NOT NULL,
    verdict jsonb NOT NULL,
    rounds jsonb NOT NULL,
    standing jsonb,
    problem jsonb
);
CREATE INDEX generation_of_metric ON assay.sql_generation_log (metric_id, generation_id DESC);
