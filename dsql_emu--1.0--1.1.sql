/* dsql_emu--1.0--1.1.sql */

-- complain if script is sourced in psql, rather than via ALTER EXTENSION
\echo Use "ALTER EXTENSION dsql_emu UPDATE TO '1.1'" to load this file. \quit

-- From 1.0 to 1.1.  A new installation runs dsql_emu--1.0.sql and then this.
-- Changes are sorted by topic; a section whose topic has none stays empty.

--
-- Privileges
--

--
-- Catalog: the tables that the library reads and writes
--

--
-- Clusters
--

--
-- Facts: what the service shows its users
--

--
-- EXPLAIN
--

--
-- Streams
--

--
-- Injection of failures
--
