-- A database that nobody here designed: everything in it is allowed, and most of it is met in the wild.
CREATE SCHEMA sales;
CREATE SCHEMA "Legacy Data";
CREATE SCHEMA archive;
CREATE SCHEMA "select";
CREATE SCHEMA secret;
CREATE SCHEMA "dot.ted";
CREATE SCHEMA assay;
CREATE TABLE assay.migration (name text PRIMARY KEY);

CREATE TYPE sales.mood AS ENUM ('sad', 'ok', 'Happy');
CREATE DOMAIN sales.email_address AS text CHECK (VALUE LIKE '%@%');
CREATE DOMAIN sales.usd_amount AS numeric(12,2);

-- Mixed case, blanks, personal data.
CREATE TABLE sales."user" (
    "customerId" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "firstName" text, email sales.email_address, "birthDate" date, ip_address inet, country text, "time" timestamptz NOT NULL,
    referred_by bigint REFERENCES sales."user", is_active boolean, avatar bytea, profile jsonb, tags text[]
);
-- Reserved words all the way; two foreign keys to one table; a bare numeric; an enum; a domain; an interval.
CREATE TABLE sales."order" (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "group" text NOT NULL, "select" integer,
    buyer bigint NOT NULL REFERENCES sales."user", payer bigint REFERENCES sales."user",
    mood sales.mood, total_usd sales.usd_amount NOT NULL, "Freight Cost" numeric, discount_rate double precision,
    quantity integer NOT NULL, "placed At" timestamptz NOT NULL, updated_at timestamp, waiting interval, "value" integer
);
COMMENT ON TABLE sales."order" IS 'What was bought;
with "quotes", and a comma.';
COMMENT ON COLUMN sales."order".quantity IS 'Pieces, never negative';
CREATE TABLE sales.product (code varchar(8) PRIMARY KEY, name text UNIQUE NOT NULL, "unitPrice" numeric(10,2), category text);
-- A composite key, pointed at by a composite foreign key from another schema.
CREATE TABLE sales."Order Details" (
    order_id uuid NOT NULL REFERENCES sales."order", "Line No" smallint NOT NULL,
    product varchar(8) NOT NULL REFERENCES sales.product, "Quantity" smallint NOT NULL, amount money,
    PRIMARY KEY (order_id, "Line No")
);
CREATE TABLE "Legacy Data"."Returned Items" (
    "Return Id" integer PRIMARY KEY, "Order" uuid NOT NULL, "Line" smallint NOT NULL, "Refund Amount" numeric(9,2),
    "Returned On" date NOT NULL, "Reason" text,
    FOREIGN KEY ("Order", "Line") REFERENCES sales."Order Details"
);
-- The same name in another schema, without a key, and old.
CREATE TABLE archive."order" (id integer, total numeric(10,2), status char(3), order_date date NOT NULL);
-- A cycle.
CREATE TABLE public.department (id integer PRIMARY KEY, name text NOT NULL, head integer);
CREATE TABLE public.employee (
    id integer PRIMARY KEY, name text NOT NULL, department integer REFERENCES public.department, salary numeric(10,2),
    hired_on date, "emailAddress" text
);
ALTER TABLE public.department ADD FOREIGN KEY (head) REFERENCES public.employee;
-- Partitioned; the parent stands for all of it. A foreign key to a unique key that is not the primary one.
CREATE TABLE public.reading (
    sensor text NOT NULL, product_name text REFERENCES sales.product (name), "value" double precision, "time" timestamp NOT NULL,
    point point
) PARTITION BY RANGE ("time");
CREATE TABLE public.reading_old PARTITION OF public.reading FOR VALUES FROM (MINVALUE) TO ('2026-03-01');
CREATE TABLE public.reading_new PARTITION OF public.reading FOR VALUES FROM ('2026-03-01') TO (MAXVALUE);
-- Names that are hard to write.
CREATE TABLE public."заказы" ("сумма" numeric(8,2), "статус" text, "время" timestamptz);
CREATE TABLE public."a name of sixty-three bytes, which is as long as PostgreSQL allows" (
    "a column of sixty-three bytes, which is as long as they may be.!" integer, "semi;colon" text, "dot.ted" numeric(6,2),
    "say ""hi""" integer, " edge " integer, "tab	bed" integer, "back\slash" text, insert integer, "İstanbul" text
);
CREATE TABLE public."with.point" (id integer);
CREATE TABLE "dot.ted".lost (id integer);
CREATE TABLE "select"."from" ("where" integer PRIMARY KEY, "limit" text, "table" timestamptz);
CREATE TABLE public.nothing_in_it (id serial PRIMARY KEY, created_at timestamptz NOT NULL, amount numeric(10,2), status text);
CREATE TABLE public.without_columns ();
-- Views, of which one is broken for whoever asks, and a materialised one.
CREATE VIEW sales.order_summary AS SELECT country, count(*) AS orders FROM sales."order" JOIN sales."user" ON buyer = "customerId" GROUP BY 1;
CREATE VIEW sales.broken AS SELECT 1 / (quantity - quantity) AS never FROM sales."order";
CREATE MATERIALIZED VIEW sales.daily AS
    SELECT "placed At"::date AS day, count(*) AS order_count, sum(total_usd) AS total_usd FROM sales."order" GROUP BY 1;
-- What the role may not read, in whole and in part.
CREATE TABLE secret.plans (id integer);
CREATE TABLE sales.payroll (id integer, amount numeric(9,2));
CREATE TABLE sales.partly (id integer PRIMARY KEY, amount numeric(9,2), hidden text);

INSERT INTO sales."user" ("firstName", email, "birthDate", country, "time", referred_by, is_active)
SELECT 'Person ' || n, n || '@example.org', DATE '1980-01-01' + n, (ARRAY['FR', 'DE', 'US', NULL])[1 + n % 4],
    TIMESTAMPTZ '2026-02-01 00:00Z' + n * INTERVAL '7 hours', NULLIF(n / 2, 0), n % 3 > 0
FROM generate_series(1, 120) AS n;
INSERT INTO sales.product SELECT 'P' || n, 'Product ' || n, n * 1.25, (ARRAY['toys', 'tools'])[1 + n % 2] FROM generate_series(1, 12) AS n;
INSERT INTO sales."order" (id, "group", "select", buyer, payer, mood, total_usd, "Freight Cost", discount_rate, quantity, "placed At", "value")
SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, (ARRAY['web', 'shop', 'phone'])[1 + n % 3], n, 1 + n % 120, NULLIF(n % 7, 0),
    (ARRAY['sad', 'ok', 'Happy', NULL]::sales.mood[])[1 + n % 4], n * 1.10, n * 0.013, n / 1000.0, n % 5,
    TIMESTAMPTZ '2026-01-20 06:30Z' + n * INTERVAL '3 hours', n % 11
FROM generate_series(1, 440) AS n;
INSERT INTO sales."Order Details" SELECT id, line, 'P' || (1 + "select" % 12), 1 + "select" % 3, 10 FROM sales."order", generate_series(1, 2) AS line;
INSERT INTO "Legacy Data"."Returned Items"
SELECT n, ('00000000-0000-4000-8000-' || lpad((n * 3)::text, 12, '0'))::uuid, 1, n * 0.5, DATE '2026-02-10' + n % 40,
    (ARRAY['broken', 'late'])[1 + n % 2] FROM generate_series(1, 90) AS n;
INSERT INTO archive."order" SELECT n, n * 2, 'old', DATE '1997-01-01' + n FROM generate_series(1, 300) AS n;
INSERT INTO public.department VALUES (1, 'North', NULL), (2, 'South', NULL);
INSERT INTO public.employee SELECT n, 'Employee ' || n, 1 + n % 2, 1000 + n, DATE '2020-01-01' + n * 30, n || '@example.org' FROM generate_series(1, 40) AS n;
UPDATE public.department SET head = id;
INSERT INTO public.reading SELECT 's' || n % 4, 'Product ' || (1 + n % 12), n / 8.0, TIMESTAMP '2026-02-01' + n * INTERVAL '1 hour' FROM generate_series(1, 1000) AS n;
INSERT INTO public."заказы" SELECT n * 0.25, (ARRAY['новый', 'закрыт'])[1 + n % 2], TIMESTAMPTZ '2026-03-01 00:00Z' + n * INTERVAL '1 hour' FROM generate_series(1, 200) AS n;
INSERT INTO public."a name of sixty-three bytes, which is as long as PostgreSQL allows" SELECT n, 'x', n, n, n, n, 'y', n, 'z' FROM generate_series(1, 30) AS n;
INSERT INTO "select"."from" SELECT n, 'l' || n % 3, TIMESTAMPTZ '2026-03-10 00:00Z' + n * INTERVAL '1 hour' FROM generate_series(1, 100) AS n;
INSERT INTO sales.partly SELECT n, n, 'h' FROM generate_series(1, 10) AS n;
REFRESH MATERIALIZED VIEW sales.daily;
