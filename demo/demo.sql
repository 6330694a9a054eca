-- A stock PostgreSQL, which shows itself as the service does:
SELECT version(), current_setting('transaction_isolation');

-- What the service has works here, and what it has not is refused in its words:
CREATE TABLE hotel (
    id    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name  text NOT NULL,
    stars int CHECK (stars BETWEEN 1 AND 5),
    rate  numeric
);
INSERT INTO hotel (name, stars, rate) VALUES ('Astoria', 5, 189.50) RETURNING name, rate;
CREATE INDEX hotel_name ON hotel (name);
TRUNCATE hotel;
SAVEPOINT before_change;
\echo :SQLSTATE

-- Types and settings are those of the service, too:
ALTER TABLE hotel ADD COLUMN tags text[];
CREATE TABLE guest (id serial PRIMARY KEY);
SET work_mem = '64MB';
SHOW lc_collate;

-- Every rule is on record, with its evidence:
SELECT message, evidence FROM dsql.rules WHERE matches = 'TRUNCATE';
