-- The table that clusters_*.sql use, in the cluster that they are in.
CREATE TABLE counter (id integer PRIMARY KEY, value bigint NOT NULL);
INSERT INTO counter SELECT generate_series(1, 1000), 0;
