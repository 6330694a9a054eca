-- A stock PostgreSQL server that answers like the service:
SELECT version(), current_setting('server_version'), current_setting('transaction_isolation');

-- Supported statements work as usual:
CREATE TABLE hotel (
    id    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name  text NOT NULL,
    stars int CHECK (stars BETWEEN 1 AND 5),
    rate  numeric
);
INSERT INTO hotel (name, stars, rate) VALUES ('Astoria', 5, 189.50) RETURNING name, rate;

-- Two sessions change one row. No statement waits. The first COMMIT wins:
BEGIN;
UPDATE hotel SET rate = 200 WHERE name = 'Astoria';
B> UPDATE hotel SET rate = 150 WHERE name = 'Astoria';
COMMIT;
\echo :SQLSTATE
SELECT name, rate FROM hotel;

-- Unsupported statements fail with the service's error:
TRUNCATE hotel;
SAVEPOINT before_change;
SET work_mem = '64MB';
CREATE TABLE guest (id serial PRIMARY KEY);
ALTER TABLE hotel ADD COLUMN tags text[];
CREATE INDEX hotel_name ON hotel (name);

-- An index is built in the background:
CREATE INDEX ASYNC hotel_name ON hotel (name);
SELECT job_id FROM sys.jobs WHERE object_name = 'public.hotel_name' \gset
CALL sys.wait_for_job(:'job_id');
SELECT job_type, status, object_name, details FROM sys.jobs WHERE job_id = :'job_id';
\d hotel

-- Transactions follow the service's rules:
BEGIN;
ALTER TABLE hotel ADD COLUMN city text;
INSERT INTO hotel (name) VALUES ('Bristol');
ROLLBACK;

-- One server can be many clusters, each a schema of the database:
SELECT identifier AS rome FROM dsql.create_cluster('rome', deletion_protection_enabled => false) \gset
SELECT identifier AS oslo FROM dsql.create_cluster('oslo', deletion_protection_enabled => false) \gset
SELECT pg_sleep(1) AS "they are CREATING for a moment";
SELECT dsql.use_cluster(:'rome');
CREATE TABLE guest (id int PRIMARY KEY, name text);
SELECT dsql.use_cluster(:'oslo');
SELECT * FROM guest;
CREATE TABLE guest (id int PRIMARY KEY, name text);
SELECT dsql.use_cluster(NULL);
SELECT schema, status, sessions, tables, endpoint FROM dsql.clusters;
SELECT status FROM dsql.delete_cluster(:'rome');

-- Each rule is on record, with its evidence:
SELECT sqlstate, message, evidence FROM dsql.rules WHERE message LIKE '%ddl%' ORDER BY 2;
