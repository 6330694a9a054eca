-- The emulator's clock runs ahead of the server's by what it was advanced, for
-- every session and until it is reset, and now() does not notice.  Only those
-- who were granted it move the clock.
SELECT dsql.now() - clock_timestamp() < interval '1 minute' AS together;

SELECT dsql.advance_clock('1 hour') > clock_timestamp() + interval '59 minutes' AS ahead;
SELECT dsql.advance_clock('1 month') > clock_timestamp() + interval '28 days' AS ahead;
SELECT now() <= clock_timestamp() AS untouched;

\c -
SELECT dsql.now() > clock_timestamp() + interval '28 days 59 minutes' AS ahead;

SELECT dsql.reset_clock() - clock_timestamp() < interval '1 minute' AS together;
SELECT dsql.advance_clock('0') - clock_timestamp() < interval '1 minute' AS together;

SELECT dsql.advance_clock('-1 second');
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.advance_clock('300000 years');
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.now() - clock_timestamp() < interval '1 minute' AS together;

SET dsql_emu.mode = off;
CREATE ROLE regress_clock;
SET ROLE regress_clock;
SELECT dsql.now() IS NOT NULL AS readable;
SELECT dsql.advance_clock('1 second');
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.reset_clock();
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
DROP ROLE regress_clock;
