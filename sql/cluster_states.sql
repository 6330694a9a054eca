-- Clusters, pairs of them and streams go through the service's states as the
-- emulator's clock does, nobody needing to be there when the time comes.  Each
-- state refuses what the service refuses in it.
SET dsql_emu.mode = off;
SET dsql_emu.create_delay = '10s';
SET dsql_emu.update_delay = '10s';
SET dsql_emu.pending_delete_delay = '10s';
SET dsql_emu.delete_delay = '10s';
\t on
-- what the members in an error say, without its random ones
CREATE FUNCTION pg_temp.call(operation text, input jsonb, region text DEFAULT NULL)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer jsonb;
BEGIN
	answer := dsql.api(operation, input, region);
	RETURN answer ->> 'status';
EXCEPTION WHEN OTHERS THEN
	RETURN format('%s %s', sqlstate, regexp_replace(sqlerrm, '[a-z2-7]{25}[aeimquy4]', '<id>', 'g'));
END $$;
CREATE FUNCTION pg_temp.later(seconds int) RETURNS void LANGUAGE sql AS
$$ SELECT dsql.advance_clock(make_interval(secs => seconds)) $$;

-- One Region: CREATING, ACTIVE, UPDATING, ACTIVE, DELETING, gone
SELECT identifier AS id FROM dsql.create_cluster('regress_states', false) \gset
\set self '{"identifier": "' :id '"}'
SELECT pg_temp.call('GetCluster', :'self');
SELECT pg_temp.call('UpdateCluster', :'self');
SELECT pg_temp.call('DeleteCluster', :'self');
SELECT dsql.use_cluster(:'id');
SELECT pg_temp.later(9);
SELECT pg_temp.call('GetCluster', :'self');
SELECT pg_temp.later(1);
SELECT pg_temp.call('GetCluster', :'self');
SELECT pg_temp.call('UpdateCluster', :'self'::jsonb || '{"deletionProtectionEnabled": true}');
SELECT status, deletion_protection_enabled FROM dsql.get_cluster(:'id');
SELECT pg_temp.call('UpdateCluster', :'self'::jsonb || '{"deletionProtectionEnabled": false, "kmsEncryptionKey": "k"}');
SELECT encryption_details FROM dsql.get_cluster(:'id');
SELECT pg_temp.later(10);
SELECT status, encryption_details FROM dsql.get_cluster(:'id');
SELECT pg_temp.call('UpdateCluster', :'self'::jsonb || '{"deletionProtectionEnabled": true}');
SELECT pg_temp.call('DeleteCluster', :'self');
SELECT pg_temp.call('UpdateCluster', :'self'::jsonb || '{"deletionProtectionEnabled": false}');
-- Terraform deletes right after it took the protection off
SELECT pg_temp.call('DeleteCluster', :'self');
SELECT pg_temp.call('DeleteCluster', :'self');
SELECT pg_temp.call('UpdateCluster', :'self');
SELECT pg_temp.later(9);
SELECT pg_temp.call('GetCluster', :'self');
SELECT count(*) FROM dsql.list_clusters() WHERE identifier = :'id';
SELECT pg_temp.later(1);
SELECT pg_temp.call('GetCluster', :'self');
SELECT count(*) FROM dsql.list_clusters() WHERE identifier = :'id';
SELECT count(*) FROM dsql.clusters WHERE identifier = :'id';

-- A name is free as soon as its cluster is gone
SELECT identifier AS id FROM dsql.create_cluster('regress_states', false) \gset
SELECT pg_temp.later(10);

-- States that only set_cluster_status() brings
\set self '{"identifier": "' :id '"}'
SELECT dsql.set_cluster_status(:'id', 'IDLE');
SELECT pg_temp.call('GetCluster', :'self');
SELECT pg_temp.call('UpdateCluster', :'self'::jsonb || '{"deletionProtectionEnabled": true}');
SELECT pg_temp.call('UpdateCluster', :'self'::jsonb || '{"deletionProtectionEnabled": false}');
SELECT dsql.set_cluster_status(:'id', 'INACTIVE');
SELECT pg_temp.later(1000);
SELECT pg_temp.call('GetCluster', :'self');
SELECT dsql.set_cluster_status(:'id', 'UPDATING');
SELECT pg_temp.later(1000);
SELECT pg_temp.call('GetCluster', :'self');
SELECT dsql.set_cluster_status(:'id', 'FAILED');
SELECT pg_temp.call('UpdateCluster', :'self');
SELECT dsql.set_cluster_status(:'id', 'IDLE', kms_key_inaccessible => true);
SELECT status, encryption_details FROM dsql.get_cluster(:'id');
SELECT dsql.set_cluster_status(:'id', 'ACTIVE');
SELECT status, encryption_details FROM dsql.get_cluster(:'id');
SELECT dsql.set_cluster_status(:'id', 'DELETING');
SELECT dsql.set_cluster_status(:'id', 'active');
SELECT dsql.set_cluster_status('aaaaaaaaaaaaaaaaaaaaaaaaaa', 'ACTIVE');

-- Streams: CREATING, ACTIVE, DELETING, gone
\set target '{"kinesis": {"streamArn": "arn:aws:kinesis:us-east-1:000000000000:stream/s", "roleArn": "arn:aws:iam::000000000000:role/r"}}'
SELECT stream_identifier AS stream, status FROM dsql.create_stream(:'id', :'target') \gset
\echo :status
\set stream_of '{"clusterIdentifier": "' :id '", "streamIdentifier": "' :stream '"}'
SELECT pg_temp.call('DeleteStream', :'stream_of');
SELECT pg_temp.later(10);
SELECT pg_temp.call('GetStream', :'stream_of');
SELECT pg_temp.call('DeleteStream', :'stream_of');
SELECT pg_temp.call('DeleteStream', :'stream_of');
SELECT count(*) FROM dsql.list_streams(:'id');
SELECT pg_temp.later(10);
SELECT pg_temp.call('GetStream', :'stream_of');
SELECT count(*) FROM dsql.list_streams(:'id');
SELECT stream_identifier AS stream FROM dsql.create_stream(:'id', :'target') \gset
SELECT dsql.set_stream_status(:'id', :'stream', 'CREATING');
SELECT pg_temp.later(1000);
SELECT status FROM dsql.get_stream(:'id', :'stream');
SELECT pg_temp.call('DeleteCluster', :'self');
SELECT pg_temp.later(10);
SELECT pg_temp.call('GetStream', jsonb_build_object('clusterIdentifier', :'id', 'streamIdentifier', :'stream'));

-- Two Regions.  What cannot be linked:
SELECT pg_temp.call('CreateCluster', '{"multiRegionProperties": {}}');
SELECT pg_temp.call('CreateCluster', '{"multiRegionProperties": {"witnessRegion": ""}}');
SELECT pg_temp.call('CreateCluster', '{"multiRegionProperties": {"witnessRegion": "us-east-1"}}');
SELECT pg_temp.call('CreateCluster', '{"multiRegionProperties": {"witnessRegion": "us-west-2", "clusters": ["x"]}}');
SELECT pg_temp.call('CreateCluster', '{"multiRegionProperties": {"witnessRegion": "us-west-2", "clusters": ["arn:aws:dsql:us-east-2:000000000000:cluster/aaaaaaaaaaaaaaaaaaaaaaaaaa"]}}');
SELECT identifier AS one, arn AS one_arn, status FROM dsql.create_cluster('regress_one', multi_region_properties => '{"witnessRegion": "us-west-2"}') \gset
\echo :status
SET dsql_emu.region = 'us-east-2';
SELECT identifier AS two, arn AS two_arn FROM dsql.create_cluster('regress_two', multi_region_properties => '{"witnessRegion": "us-west-2"}') \gset
RESET dsql_emu.region;
SELECT identifier AS single FROM dsql.create_cluster() \gset
SELECT dsql.api('CreateCluster', '{}', 'us-east-2') ->> 'arn' AS single_arn \gset
SELECT identifier AS third, arn AS third_arn FROM dsql.create_cluster(multi_region_properties => '{"witnessRegion": "us-west-2"}') \gset
SELECT dsql.api('CreateCluster', '{"multiRegionProperties": {"witnessRegion": "us-west-1"}}', 'us-east-2') ->> 'arn' AS other_witness \gset
SELECT dsql.api('CreateCluster', '{"multiRegionProperties": {"witnessRegion": "us-east-1"}}', 'us-west-2') ->> 'arn' AS in_witness \gset
SELECT dsql.api('CreateCluster', '{"multiRegionProperties": {"witnessRegion": "us-west-2"}}', 'us-east-2') ->> 'arn' AS fourth_arn \gset
SELECT pg_temp.later(1000);
SELECT replace(multi_region_properties::text, :'one_arn', 'one') FROM dsql.get_cluster(:'one');
\set one_self '{"identifier": "' :one '"}'
\set two_self '{"identifier": "' :two '"}'
SELECT v.column1, pg_temp.call('UpdateCluster', :'one_self'::jsonb || jsonb_build_object('multiRegionProperties', v.column2::jsonb))
FROM (VALUES
	('another witness', '{"witnessRegion": "us-west-1"}'),
	('same Region', format('{"clusters": ["%s"]}', :'third_arn')),
	('single-Region peer', format('{"clusters": ["%s"]}', :'single_arn')),
	('peer with other witness', format('{"clusters": ["%s"]}', :'other_witness')),
	('peer in the witness Region', format('{"clusters": ["%s"]}', :'in_witness')),
	('two peers', format('{"clusters": ["%s", "%s"]}', :'two_arn', :'fourth_arn')),
	('unknown peer', '{"clusters": ["arn:aws:dsql:us-east-2:000000000000:cluster/aaaaaaaaaaaaaaaaaaaaaaaaaa"]}'),
	('wrong Region in ARN', format('{"clusters": ["%s"]}', replace(:'two_arn', 'us-east-2', 'us-east-3'))),
	('nothing', '{}'),
	('itself', format('{"clusters": ["%s"]}', :'one_arn'))) v;
SELECT pg_temp.call('UpdateCluster', jsonb_build_object('identifier', :'single', 'multiRegionProperties', format('{"clusters": ["%s"]}', :'one_arn')::jsonb));
SELECT pg_temp.call('GetCluster', :'one_self');
-- what can: each must name the other
SELECT pg_temp.call('UpdateCluster', :'one_self'::jsonb || format('{"multiRegionProperties": {"witnessRegion": "us-west-2", "clusters": ["%s"]}}', :'two_arn')::jsonb);
SELECT pg_temp.call('GetCluster', :'one_self');
SELECT replace(replace(multi_region_properties::text, :'one_arn', 'one'), :'two_arn', 'two') FROM dsql.get_cluster(:'one');
SELECT pg_temp.call('UpdateCluster', :'two_self'::jsonb || format('{"multiRegionProperties": {"witnessRegion": "us-west-2", "clusters": ["%s", "%s"]}}', :'one_arn', :'two_arn')::jsonb, 'us-east-2');
SELECT pg_temp.call('GetCluster', :'one_self'), pg_temp.call('GetCluster', :'two_self', 'us-east-2');
SELECT schema, status FROM dsql.clusters WHERE identifier IN (:'one', :'two');
SELECT nspname FROM pg_namespace WHERE nspname IN ('regress_one', 'regress_two');
SELECT pg_temp.later(10);
SELECT pg_temp.call('GetCluster', :'one_self'), pg_temp.call('GetCluster', :'two_self', 'us-east-2');
SELECT pg_temp.call('UpdateCluster', :'one_self'::jsonb || format('{"multiRegionProperties": {"clusters": ["%s"]}}', :'two_arn')::jsonb);
SELECT pg_temp.call('UpdateCluster', :'one_self'::jsonb || format('{"multiRegionProperties": {"clusters": ["%s"]}}', :'fourth_arn')::jsonb);
-- naming it at once saves a step; a schema that holds anything is not given up
SELECT identifier AS five, arn AS five_arn FROM dsql.create_cluster('regress_five', multi_region_properties => format('{"witnessRegion": "us-west-2", "clusters": ["%s"]}', :'fourth_arn')::jsonb) \gset
CREATE TABLE regress_five.t (a int);
SELECT pg_temp.call('UpdateCluster', format('{"identifier": "%s", "multiRegionProperties": {"clusters": ["%s"]}}', substr(:'fourth_arn', length(:'fourth_arn') - 25), :'five_arn')::jsonb, 'us-east-2');
DROP TABLE regress_five.t;
SELECT pg_temp.call('UpdateCluster', format('{"identifier": "%s", "multiRegionProperties": {"clusters": ["%s"]}}', substr(:'fourth_arn', length(:'fourth_arn') - 25), :'five_arn')::jsonb, 'us-east-2');
SELECT pg_temp.call('GetCluster', format('{"identifier": "%s"}', :'five')::jsonb);
-- deleting a pair
SELECT pg_temp.call('DeleteCluster', :'one_self');
SELECT pg_temp.call('UpdateCluster', :'one_self'::jsonb || '{"deletionProtectionEnabled": false}');
SELECT pg_temp.call('UpdateCluster', :'two_self'::jsonb || '{"deletionProtectionEnabled": false}', 'us-east-2');
SELECT pg_temp.call('DeleteCluster', :'one_self');
SELECT pg_temp.later(1000);
SELECT pg_temp.call('GetCluster', :'one_self'), pg_temp.call('GetCluster', :'two_self', 'us-east-2');
SELECT pg_temp.call('UpdateCluster', :'one_self');
SELECT pg_temp.call('DeleteCluster', :'two_self', 'us-east-2');
SELECT pg_temp.call('GetCluster', :'one_self'), pg_temp.call('GetCluster', :'two_self', 'us-east-2');
SELECT pg_temp.later(10);
SELECT pg_temp.call('GetCluster', :'one_self'), pg_temp.call('GetCluster', :'two_self', 'us-east-2');
SELECT pg_temp.later(10);
SELECT pg_temp.call('GetCluster', :'one_self'), pg_temp.call('GetCluster', :'two_self', 'us-east-2');
-- one that waits for setup goes at once
SELECT pg_temp.call('UpdateCluster', format('{"identifier": "%s", "deletionProtectionEnabled": false}', :'third')::jsonb);
SELECT pg_temp.call('DeleteCluster', format('{"identifier": "%s"}', :'third')::jsonb);

-- The default cluster is the database itself: it cannot be deleted
SELECT dsql.current_cluster() AS default_id \gset
SELECT pg_temp.call('DeleteCluster', format('{"identifier": "%s"}', :'default_id')::jsonb);
BEGIN;
SELECT pg_temp.call('UpdateCluster', format('{"identifier": "%s", "deletionProtectionEnabled": false}', :'default_id')::jsonb);
SELECT * FROM dsql.delete_cluster(:'default_id');
ROLLBACK;

-- Everything away
SET dsql_emu.pending_delete_delay = 0;
SET dsql_emu.delete_delay = 0;
SELECT pg_temp.later(1000);
SELECT bool_and(dsql.api('UpdateCluster', jsonb_build_object('identifier', identifier, 'deletionProtectionEnabled', false), region, account) IS NOT NULL)
FROM dsql.cluster WHERE position > 0 AND gone_at > dsql.now();
SELECT bool_and(dsql.api('DeleteCluster', jsonb_build_object('identifier', identifier), region, account) IS NOT NULL)
FROM dsql.cluster WHERE position > 0 AND gone_at > dsql.now();
SELECT count(*), (SELECT count(*) FROM dsql.stream) FROM dsql.cluster;
SELECT count(*) FROM pg_namespace WHERE nspname ~ '^[a-z2-7]{26}$|^regress';
SELECT dsql.reset_clock() IS NOT NULL;
