-- What an emulated session shows of its server.
SELECT count(*) > 0 AS rules FROM dsql.rules;
TRUNCATE nothing;
