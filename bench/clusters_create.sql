-- A cluster, of which there may be many.
SELECT dsql.create_cluster(deletion_protection_enabled => false);
