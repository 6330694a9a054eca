-- The tables that limits_*.sql write to.
SET disable_sync_create_index = off;
CREATE TABLE one (id bigint PRIMARY KEY, a integer, b text, c timestamptz);
CREATE INDEX ON one (a);
CREATE TABLE many (id uuid PRIMARY KEY, a integer, b text, c timestamptz);
CREATE INDEX ON many (a);
CREATE TABLE long (id uuid PRIMARY KEY, a text);
INSERT INTO one SELECT g, g, 'row ' || g, now() FROM generate_series(1, 3000) g;
