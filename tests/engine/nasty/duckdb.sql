-- The file is called as one of its schemas, and holds what only this engine has.
CREATE SCHEMA sales;
CREATE TABLE main.kind (id integer PRIMARY KEY, name varchar);
CREATE TABLE sales."group" (
    id uuid, kind integer, "order" ENUM ('new', 'done'), amount_eur decimal(18,3), quantity hugeint, views ubigint, small utinyint,
    "happened At" timestamp_s NOT NULL, seen timestamptz, wall timestamp, parts struct(a integer, b varchar), list integer[],
    took interval, blob blob, clock time, "MixedCase" varchar
);
CREATE TABLE main.link (a integer, b integer, kind_id integer REFERENCES main.kind (id), PRIMARY KEY (a, b));
CREATE TABLE main.empty (created_at date, total decimal(9,2), status varchar);
CREATE VIEW main.seen AS SELECT "order", count(*) AS n FROM sales."group" GROUP BY 1;
INSERT INTO main.kind VALUES (1, 'one'), (2, 'two');
INSERT INTO main.link SELECT n, n, 1 + n % 2 FROM range(40) AS t(n);
INSERT INTO sales."group"
SELECT uuid(), n % 2, CASE n % 2 WHEN 0 THEN 'new' ELSE 'done' END, n * 1.125, n, n * 2, n % 100,
    TIMESTAMP '2026-02-01' + n * INTERVAL '2 hours', NULL, NULL, {'a': n, 'b': 'x'}, [n], INTERVAL '1 day', 'b'::blob, TIME '10:00', 'm' || n % 3
FROM range(500) AS t(n);
CREATE TABLE main.soon_gone AS SELECT 1 AS a;
CREATE VIEW main.gone AS SELECT a FROM main.soon_gone;
DROP TABLE main.soon_gone;
