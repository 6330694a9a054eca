-- Indexes on tables with access method btree_table are built by heap, whatever
-- happens to the table's entry in the relation cache in the middle of it.
SET dsql_emu.mode = off;
CREATE TABLE built (id int PRIMARY KEY, a int) USING btree_table;
INSERT INTO built SELECT g, g % 10 FROM generate_series(1, 100) g;
CREATE FUNCTION disturb(int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
	IF $1 % 2 = 0 THEN
		GRANT SELECT ON public.built TO PUBLIC;
	ELSE
		REVOKE SELECT ON public.built FROM PUBLIC;
	END IF;
	RETURN $1;
END $$;
CREATE FUNCTION disturbed(int) RETURNS int LANGUAGE plpgsql IMMUTABLE
	AS 'BEGIN RETURN public.disturb($1); END';
CREATE INDEX built_a ON built (disturbed(a));
DROP INDEX built_a;
CREATE INDEX built_a ON built (a);
INSERT INTO built VALUES (101, 101);
BEGIN;
UPDATE built SET a = a + 1 WHERE id = 1;
SET LOCAL enable_seqscan = off;
SELECT count(*) FROM built WHERE a = 1;
SELECT count(*) FROM built WHERE a = 2;
COMMIT;
DROP TABLE built;
DROP FUNCTION disturbed, disturb;
