-- Each operation of the control plane takes what the service takes, answers
-- with its members, and raises its exceptions: SQLSTATE by exception, other
-- members in DETAIL.  dsql.api() is what HTTP will call; the functions are the
-- same operations for people.  Identifiers and times are random: call() hides
-- them, and what is an error it returns.
SET dsql_emu.mode = off;
SET dsql_emu.create_delay = 0;
SET dsql_emu.update_delay = 0;
SET dsql_emu.delete_delay = 0;
\set none aaaaaaaaaaaaaaaaaaaaaaaaaa
\t on
CREATE FUNCTION pg_temp.call(operation text, input jsonb, region text DEFAULT NULL, account text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	detail text;
BEGIN
	BEGIN
		answer := dsql.api(operation, input, region, account);
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
		answer := format(E'%s %s\n  %s', sqlstate, sqlerrm, detail);
	END;
	answer := regexp_replace(answer, '"nextToken": "[^"]+"', '"nextToken": <token>');
	answer := regexp_replace(answer, '\m[a-z2-7]{25}[aeimquy4]\M', '<id>', 'g');
	RETURN regexp_replace(answer, '\m179\d{7}(\.\d+)?|\m[12]\d{9}\.\d+', '<time>', 'g');
END $$;

-- What no operation takes
SELECT pg_temp.call('MakeCluster', '{}');
SELECT pg_temp.call('createCluster', '{}');
SELECT pg_temp.call('GetCluster', '[]');
SELECT pg_temp.call('GetCluster', '"x"');
SELECT dsql.api(NULL, '{}');
SELECT dsql.api('ListClusters', NULL);
SELECT dsql.api('ListClusters', '{}', 'Mars');
SELECT dsql.api('ListClusters', '{}', 'us-east-1', '1');

-- CreateCluster: defaults, each member, members that are null or unknown
SELECT pg_temp.call('CreateCluster', '{}');
SELECT pg_temp.call('CreateCluster', '{"deletionProtectionEnabled": false, "tags": null, "foo": [1]}');
SELECT pg_temp.call('CreateCluster', '{"kmsEncryptionKey": "AWS_OWNED_KMS_KEY"}');
SELECT pg_temp.call('CreateCluster', '{"kmsEncryptionKey": "1234abcd-12ab-34cd-56ef-1234567890ab"}');
SELECT pg_temp.call('CreateCluster', '{"kmsEncryptionKey": "arn:aws:kms:us-east-1:000000000000:key/x"}');
SELECT pg_temp.call('CreateCluster', '{"kmsEncryptionKey": "alias/my-key"}');
SELECT pg_temp.call('CreateCluster', '{"kmsEncryptionKey": "arn:aws:kms:us-east-1:000000000000:alias/my-key"}');
SELECT pg_temp.call('CreateCluster', '{"kmsEncryptionKey": ""}');
SELECT pg_temp.call('CreateCluster', '{"kmsEncryptionKey": "a b"}');
SELECT pg_temp.call('CreateCluster', jsonb_build_object('kmsEncryptionKey', repeat('a', 2049)));
SELECT pg_temp.call('CreateCluster', '{"deletionProtectionEnabled": "false"}');
SELECT pg_temp.call('CreateCluster', '{"clientToken": ""}');
SELECT pg_temp.call('CreateCluster', '{"clientToken": "a b"}');
SELECT pg_temp.call('CreateCluster', jsonb_build_object('clientToken', repeat('t', 129)));
SELECT pg_temp.call('CreateCluster', '{"tags": []}');
SELECT pg_temp.call('CreateCluster', '{"tags": {"a": 1}}');
SELECT pg_temp.call('CreateCluster', '{"tags": {"": "x"}}');
SELECT pg_temp.call('CreateCluster', '{"tags": {"a!": "x"}}');
SELECT pg_temp.call('CreateCluster', '{"tags": {"aws:x": "x"}}');
SELECT pg_temp.call('CreateCluster', jsonb_build_object('tags', jsonb_build_object('a', repeat('x', 257))));
SELECT pg_temp.call('CreateCluster', jsonb_build_object('tags', jsonb_build_object(repeat('x', 129), '')));
SELECT pg_temp.call('CreateCluster', jsonb_build_object('tags', (SELECT jsonb_object_agg(i, '') FROM generate_series(1, 51) i)));
SELECT pg_temp.call('CreateCluster', jsonb_build_object('tags', (SELECT jsonb_object_agg(i, '') FROM generate_series(1, 201) i)));
SELECT pg_temp.call('CreateCluster', '{"policy": ""}');
SELECT pg_temp.call('CreateCluster', '{"policy": "{}"}');
SELECT pg_temp.call('CreateCluster', '{"kmsEncryptionKey": "!", "clientToken": "", "tags": {"?": "?"}}');
SELECT pg_temp.call('CreateCluster', '{"kmsEncryptionKey": "!", "clientToken": 1}');

SELECT count(*), count(*) FILTER (WHERE identifier ~ '^[a-z2-7]{25}[aeimquy4]$') FROM dsql.list_clusters();

-- GetCluster
SELECT dsql.api('CreateCluster', '{"tags": {"Name": "books", "a": ""}, "deletionProtectionEnabled": false}') ->> 'identifier' AS id \gset
SELECT pg_temp.call('GetCluster', '{}');
SELECT pg_temp.call('GetCluster', '{"identifier": 1}');
SELECT pg_temp.call('GetCluster', '{"identifier": ""}');
SELECT pg_temp.call('GetCluster', '{"identifier": "ABC"}');
SELECT pg_temp.call('GetCluster', '{"identifier": "aaaaaaaaaaaaaaaaaaaaaaaaaaa"}');
SELECT pg_temp.call('GetCluster', '{"identifier": "aaaaaaaaaaaaaaaaaaaaaaaaaa"}');
SELECT pg_temp.call('GetCluster', jsonb_build_object('identifier', :'id'));
SELECT pg_temp.call('GetCluster', jsonb_build_object('identifier', :'id'), 'eu-west-1');
SELECT pg_temp.call('GetCluster', jsonb_build_object('identifier', :'id'), NULL, '111111111111');
SELECT status, creation_time <= dsql.now() AND creation_time > dsql.now() - interval '1 minute' AS recent,
	   deletion_protection_enabled, tags, endpoint = :'id' || '.dsql.us-east-1.on.aws' AS endpoint,
	   arn = 'arn:aws:dsql:us-east-1:000000000000:cluster/' || :'id' AS arn, multi_region_properties, encryption_details
FROM dsql.get_cluster(:'id');

-- UpdateCluster
SELECT pg_temp.call('UpdateCluster', '{"deletionProtectionEnabled": true}');
SELECT pg_temp.call('UpdateCluster', '{"identifier": "aaaaaaaaaaaaaaaaaaaaaaaaaa"}');
SELECT pg_temp.call('UpdateCluster', jsonb_build_object('identifier', :'id'));
SELECT pg_temp.call('UpdateCluster', jsonb_build_object('identifier', :'id', 'deletionProtectionEnabled', true));
SELECT pg_temp.call('UpdateCluster', jsonb_build_object('identifier', :'id', 'kmsEncryptionKey', 'k'));
SELECT pg_temp.call('GetCluster', jsonb_build_object('identifier', :'id'));
SELECT pg_temp.call('UpdateCluster', jsonb_build_object('identifier', :'id', 'kmsEncryptionKey', 'AWS_OWNED_KMS_KEY'));
SELECT encryption_details FROM dsql.get_cluster(:'id');
SELECT pg_temp.call('UpdateCluster', jsonb_build_object('identifier', :'id', 'multiRegionProperties', '{"witnessRegion": "us-west-2"}'::jsonb));

-- GetVpcEndpointServiceName
SELECT pg_temp.call('GetVpcEndpointServiceName', '{"identifier": "aaaaaaaaaaaaaaaaaaaaaaaaaa"}');
SELECT service_name ~ '^com\.amazonaws\.us-east-1\.dsql-[a-f0-9]{6}$' AS service,
	   cluster_vpc_endpoint = :'id' || substr(service_name, length('com.amazonaws.us-east-1.')) || '.us-east-1.on.aws' AS endpoint
FROM dsql.get_vpc_endpoint_service_name(:'id');

-- DeleteCluster
SELECT pg_temp.call('DeleteCluster', '{"identifier": "aaaaaaaaaaaaaaaaaaaaaaaaaa"}');
SELECT pg_temp.call('DeleteCluster', '{"clientToken": "x"}');
SELECT pg_temp.call('DeleteCluster', jsonb_build_object('identifier', :'id'));
SELECT status FROM dsql.update_cluster(:'id', deletion_protection_enabled => false);
SELECT count(*) FROM pg_namespace WHERE nspname = :'id';
SELECT pg_temp.call('DeleteCluster', jsonb_build_object('identifier', :'id', 'clientToken', 't'));
SELECT count(*) FROM pg_namespace WHERE nspname = :'id';
SELECT pg_temp.call('DeleteCluster', jsonb_build_object('identifier', :'id'));
SELECT pg_temp.call('DeleteCluster', jsonb_build_object('identifier', :'id', 'clientToken', 't'));
SELECT pg_temp.call('DeleteCluster', jsonb_build_object('identifier', :'id', 'clientToken', 'u'));
SELECT pg_temp.call('GetCluster', jsonb_build_object('identifier', :'id'));

-- Client tokens: by operation, resource, Region and account; not when it failed
SELECT dsql.api('CreateCluster', '{"clientToken": "one"}') ->> 'identifier' AS one \gset
SELECT dsql.api('CreateCluster', '{"clientToken": "one"}') ->> 'identifier' = :'one' AS same;
SELECT identifier = :'one' AS same FROM dsql.create_cluster(client_token => 'one', deletion_protection_enabled => NULL);
SELECT pg_temp.call('CreateCluster', '{"clientToken": "one", "tags": {}}');
SELECT pg_temp.call('UpdateCluster', jsonb_build_object('identifier', :'one', 'clientToken', 'one'));
SELECT pg_temp.call('UpdateCluster', jsonb_build_object('identifier', :'one', 'clientToken', 'one', 'kmsEncryptionKey', 'k'));
SELECT dsql.api('CreateCluster', '{"clientToken": "one"}', 'us-east-2') ->> 'identifier' <> :'one' AS other;
SELECT dsql.api('CreateCluster', '{"clientToken": "one"}', NULL, '111111111111') ->> 'identifier' <> :'one' AS other;
SELECT pg_temp.call('CreateCluster', '{"clientToken": "two", "policy": "{"}');
SELECT pg_temp.call('CreateCluster', '{"clientToken": "two"}');
BEGIN;
SELECT dsql.api('CreateCluster', '{"clientToken": "undone"}') ->> 'identifier' AS undone \gset
ROLLBACK;
SELECT dsql.api('CreateCluster', '{"clientToken": "undone"}') ->> 'identifier' <> :'undone' AS other;
SELECT count(*) FROM pg_namespace WHERE nspname = :'undone';
-- they are forgotten after a day
SELECT dsql.advance_clock('25 hours') IS NOT NULL;
SELECT dsql.api('CreateCluster', '{"clientToken": "three"}') ->> 'identifier' <> '' AS made;
SELECT dsql.api('CreateCluster', '{"clientToken": "one"}') ->> 'identifier' <> :'one' AS other;
SELECT dsql.reset_clock() IS NOT NULL;

-- ListClusters: order, pages, tokens
SELECT pg_temp.call('ListClusters', '{"maxResults": 0}');
SELECT pg_temp.call('ListClusters', '{"maxResults": 101}');
SELECT pg_temp.call('ListClusters', '{"maxResults": "x"}');
SELECT pg_temp.call('ListClusters', '{"maxResults": 1.5}');
SELECT pg_temp.call('ListClusters', '{"maxResults": 99999999999}');
SELECT pg_temp.call('ListClusters', '{"maxResults": true}');
SELECT pg_temp.call('ListClusters', '{"nextToken": "x"}');
SELECT pg_temp.call('ListClusters', '{"nextToken": "aaaaaaaaaaaac4ejobla"}');
SELECT pg_temp.call('ListClusters', '{"maxResults": "2"}') LIKE '%"nextToken"%' AS more;
SELECT dsql.api('ListClusters', '{}', 'ap-south-1');
SET dsql_emu.region = 'eu-central-1';
SELECT count(dsql.create_cluster()) FROM generate_series(1, 5);
CREATE TEMP TABLE pages (page int, row int, identifier text, token text);
INSERT INTO pages SELECT 1, row_number() OVER (), identifier, next_token FROM dsql.list_clusters(2);
SELECT DISTINCT token AS token FROM pages WHERE page = 1 \gset
INSERT INTO pages SELECT 2, row_number() OVER (), identifier, next_token FROM dsql.list_clusters(2, :'token');
SELECT DISTINCT token AS token FROM pages WHERE page = 2 \gset
INSERT INTO pages SELECT 3, row_number() OVER (), identifier, next_token FROM dsql.list_clusters(next_token => :'token');
SELECT page, count(*), bool_and(token IS NOT NULL) AS more FROM pages GROUP BY page ORDER BY page;
SELECT array_agg(identifier ORDER BY page, row) =
	(SELECT array_agg(identifier) FROM dsql.list_clusters()) AS complete FROM pages;
SELECT array_agg(identifier ORDER BY page, row) =
	(SELECT array_agg(identifier ORDER BY position) FROM dsql.cluster WHERE region = 'eu-central-1') AS ordered FROM pages;
SELECT dsql.api('ListClusters', jsonb_build_object('nextToken', :'token'), 'eu-west-3');
\echo :LAST_ERROR_SQLSTATE
RESET dsql_emu.region;

-- Policies
\set allow '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": ["dsql:DbConnect"], "Resource": "*"}]}'
\set deny '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "dsql:*", "Resource": "*"}}'
SELECT pg_temp.call('GetClusterPolicy', jsonb_build_object('identifier', :'one'));
SELECT pg_temp.call('DeleteClusterPolicy', jsonb_build_object('identifier', :'one'));
SELECT pg_temp.call('PutClusterPolicy', jsonb_build_object('identifier', :'one'));
SELECT pg_temp.call('PutClusterPolicy', jsonb_build_object('identifier', :'one', 'policy', repeat(' ', 20481)));
SELECT pg_temp.call('PutClusterPolicy', jsonb_build_object('identifier', :'one', 'policy', :'allow', 'expectedPolicyVersion', '1'));
SELECT pg_temp.call('PutClusterPolicy', jsonb_build_object('identifier', :'one', 'policy', :'allow'));
SELECT policy = :'allow' AS verbatim, policy_version FROM dsql.get_cluster_policy(:'one');
SELECT pg_temp.call('PutClusterPolicy', jsonb_build_object('identifier', :'one', 'policy', :'allow', 'expectedPolicyVersion', '2'));
SELECT dsql.put_cluster_policy(:'one', :'allow', expected_policy_version => '1');
SELECT pg_temp.call('PutClusterPolicy', jsonb_build_object('identifier', :'one', 'policy', :'deny'));
SELECT dsql.put_cluster_policy(:'one', :'deny', true);
SELECT pg_temp.call('DeleteClusterPolicy', jsonb_build_object('identifier', :'one', 'expectedPolicyVersion', '2'));
SELECT dsql.delete_cluster_policy(:'one', '3');
SELECT pg_temp.call('DeleteClusterPolicy', jsonb_build_object('identifier', :'one', 'expectedPolicyVersion', '3'));
SELECT dsql.put_cluster_policy(:'one', :'allow');
SELECT dsql.api('CreateCluster', jsonb_build_object('policy', :'allow'::text)) ->> 'identifier' AS with_policy \gset
SELECT policy_version FROM dsql.get_cluster_policy(:'with_policy');
-- a repeated request has one effect, and the answer of the first
SELECT pg_temp.call('PutClusterPolicy', jsonb_build_object('identifier', :'with_policy', 'policy', :'allow', 'clientToken', 'p')) FROM generate_series(1, 2);
SELECT pg_temp.call('PutClusterPolicy', jsonb_build_object('identifier', :'with_policy', 'policy', :'deny', 'clientToken', 'p'));
SELECT pg_temp.call('DeleteClusterPolicy', jsonb_build_object('identifier', :'with_policy', 'clientToken', 'p')) FROM generate_series(1, 2);
SELECT pg_temp.call('DeleteClusterPolicy', jsonb_build_object('identifier', :'with_policy'));
SELECT pg_temp.call('PutClusterPolicy', jsonb_build_object('identifier', :'with_policy', 'policy', :'allow', 'clientToken', 'p'));
SELECT pg_temp.call('GetClusterPolicy', jsonb_build_object('identifier', :'with_policy'));
SELECT pg_temp.call('PutClusterPolicy', jsonb_build_object('identifier', :'with_policy', 'policy', :'allow'));
-- what is a policy
SELECT line, split_part(pg_temp.call('PutClusterPolicy', jsonb_build_object('identifier', :'one', 'policy', policy)), E'\n', 1) AS answer
FROM (VALUES
	(1, '{'), (2, '[]'), (3, '{}'), (4, '{"Statement": []}'), (5, '{"Statement": "x"}'), (6, '{"Statement": ["x"]}'),
	(7, '{"Statement": {"Effect": "Maybe", "Principal": "*", "Action": "*"}}'),
	(8, '{"Statement": {"Effect": "Deny", "Action": "*"}}'),
	(9, '{"Statement": {"Effect": "Deny", "Principal": "x", "Action": "*"}}'),
	(10, '{"Statement": {"Effect": "Deny", "Principal": {}, "Action": "*"}}'),
	(11, '{"Statement": {"Effect": "Deny", "Principal": {"Who": "x"}, "Action": "*"}}'),
	(12, '{"Statement": {"Effect": "Deny", "Principal": {"AWS": 1}, "Action": "*"}}'),
	(13, '{"Statement": {"Effect": "Deny", "Principal": {"AWS": []}, "Action": "*"}}'),
	(14, '{"Statement": {"Effect": "Deny", "Principal": "*"}}'),
	(15, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject"}}'),
	(16, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": ["dsql:DbConnect", "dsql:Frobnicate"]}}'),
	(17, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": [1]}}'),
	(18, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "dsql:DbConnect", "Foo": 1}}'),
	(19, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "dsql:DbConnect", "Condition": []}}'),
	(20, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "dsql:DbConnect", "Condition": {"Null": 1}}}'),
	(21, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": ["dsql:dbconnect*"], "Condition": {"Null": {"aws:SourceVpc": "true"}}}}'),
	(22, '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "dsql:DbConnect"}}'),
	(23, '{"Statement": {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::111122223333:root", "*"]}, "Action": "dsql:DbConnect"}}'),
	(24, '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "dsql:DbConnect", "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}}'),
	(25, '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "dsql:DbConnect", "Condition": {"StringLike": {"aws:PrincipalOrgID": "*"}}}}'),
	(26, '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "dsql:DbConnect", "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}}'),
	(27, '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "dsql:DbConnect", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}}'),
	(28, '{"Statement": {"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "dsql:Put*"}}'),
	(29, '{"Statement": {"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::000000000000:user/x"}, "Action": "dsql:Put*"}}'),
	(30, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "dsql:PutClusterPolicy", "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}}'),
	(31, '{"a": "\u0000"}'),
	(32, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "dsql:DbConnect", "Condition": {"StringResembles": {"aws:username": "x"}}}}'),
	(33, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "dsql:DbConnect", "Condition": {"NullIfExists": {"aws:username": "true"}}}}'),
	(34, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "dsql:DbConnect", "Condition": {"StringEquals": {"s3:prefix": "x"}}}}'),
	(35, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "dsql:DbConnect", "Condition": {"StringEquals": {"aws:username": []}}}}'),
	(36, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "dsql:DbConnect", "Condition": {"StringEquals": {"aws:username": ["x", {}]}}}}'),
	(37, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "dsql:DbConnect", "Condition": {"StringEquals": {"aws:username": "${aws:userid}"}}}}'),
	(38, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "dsql:DbConnect", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/33"}}}}'),
	(39, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "dsql:DbConnect", "Condition": {"Bool": {"aws:SecureTransport": "yes"}}}}'),
	(40, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "dsql:DbConnect", "Condition": {"DateLessThan": {"aws:CurrentTime": "tomorrow"}}}}'),
	(41, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "dsql:DbConnect", "Condition": {"NumericEquals": {"aws:EpochTime": "x"}}}}'),
	(42, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "dsql:DbConnect", "Condition": {"ForAllValues:StringLikeIfExists": {"AWS:UserName": ["x", "y*"]}, "NotIpAddress": {"aws:SourceIp": ["::1", "fe80::/10"]}, "DateGreaterThanEquals": {"aws:CurrentTime": ["2026-01-15T12:00:00Z", "2026-01-15"], "aws:EpochTime": 1768478400}, "Bool": {"aws:SecureTransport": true}}}}'),
	(43, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "dsql:DbConnect", "Resource": "table/x"}}'),
	(44, '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "dsql:DbConnect", "NotAction": "dsql:DbConnectAdmin"}}')
) v (line, policy) ORDER BY line;

-- Streams
\set target '{"kinesis": {"streamArn": "arn:aws:kinesis:us-east-1:000000000000:stream/s", "roleArn": "arn:aws:iam::000000000000:role/r"}}'
SELECT pg_temp.call('CreateStream', jsonb_build_object('clusterIdentifier', :'one'));
SELECT pg_temp.call('CreateStream', jsonb_build_object('clusterIdentifier', :'one', 'targetDefinition', '{}'::jsonb, 'ordering', 'ORDERED', 'format', 'XML'));
SELECT pg_temp.call('CreateStream', jsonb_build_object('clusterIdentifier', :'one', 'targetDefinition', '{"kinesis": {}, "s3": {}}'::jsonb, 'ordering', 'UNORDERED', 'format', 'JSON'));
SELECT pg_temp.call('CreateStream', jsonb_build_object('clusterIdentifier', :'one', 'targetDefinition', '{"kinesis": {"streamArn": "x", "roleArn": "x"}}'::jsonb, 'ordering', 'UNORDERED', 'format', 'JSON'));
SELECT pg_temp.call('CreateStream', jsonb_build_object('clusterIdentifier', :'one', 'targetDefinition', '"x"'::jsonb, 'ordering', 'UNORDERED', 'format', 'JSON'));
SELECT pg_temp.call('CreateStream', jsonb_build_object('clusterIdentifier', :'none', 'targetDefinition', :'target'::jsonb, 'ordering', 'UNORDERED', 'format', 'JSON'));
-- all in one Region and account
SELECT pg_temp.call('CreateStream', jsonb_build_object('clusterIdentifier', :'one', 'targetDefinition', replace(:'target', v[1], v[2])::jsonb, 'ordering', 'UNORDERED', 'format', 'JSON'))
FROM (VALUES (1, '{us-east-1,us-east-2}'::text[]), (2, '{us-east-1:000000000000,us-east-1:000000000001}'), (3, '{us-east-1,moon}'), (4, '{iam::000000000000,iam::000000000001}')) v (line, v) ORDER BY line;
SELECT dsql.set_cluster_status(:'one', 'IDLE');
SELECT pg_temp.call('CreateStream', jsonb_build_object('clusterIdentifier', :'one', 'targetDefinition', :'target'::jsonb, 'ordering', 'UNORDERED', 'format', 'JSON'));
SELECT dsql.set_cluster_status(:'one', 'ACTIVE');
SELECT pg_temp.call('CreateStream', jsonb_build_object('clusterIdentifier', :'one', 'targetDefinition', :'target'::jsonb, 'ordering', 'UNORDERED', 'format', 'JSON', 'tags', '{"a": "b"}'::jsonb, 'clientToken', 'x'));
SELECT dsql.api('CreateStream', jsonb_build_object('clusterIdentifier', :'one', 'targetDefinition', :'target'::jsonb, 'ordering', 'UNORDERED', 'format', 'JSON', 'tags', '{"a": "b"}'::jsonb, 'clientToken', 'x')) ->> 'streamIdentifier' AS stream \gset
SELECT pg_temp.call('GetStream', jsonb_build_object('clusterIdentifier', :'one', 'streamIdentifier', :'stream'));
SELECT pg_temp.call('GetStream', jsonb_build_object('clusterIdentifier', :'one', 'streamIdentifier', :'none'));
SELECT pg_temp.call('GetStream', jsonb_build_object('clusterIdentifier', :'one', 'streamIdentifier', 'x'));
SELECT pg_temp.call('GetStream', jsonb_build_object('clusterIdentifier', :'with_policy', 'streamIdentifier', :'stream'));
SELECT count(*), count(next_token) FROM dsql.list_streams(:'one');
SELECT count(dsql.create_stream(:'one', :'target')) FROM generate_series(1, 4);
SELECT pg_temp.call('CreateStream', jsonb_build_object('clusterIdentifier', :'one', 'targetDefinition', :'target'::jsonb, 'ordering', 'UNORDERED', 'format', 'JSON'));
-- what is asked of the cluster's state comes before the quota
SELECT dsql.set_cluster_status(:'one', 'IDLE');
SELECT pg_temp.call('CreateStream', jsonb_build_object('clusterIdentifier', :'one', 'targetDefinition', :'target'::jsonb, 'ordering', 'UNORDERED', 'format', 'JSON'));
SELECT dsql.set_cluster_status(:'one', 'ACTIVE');
SELECT count(*), min(next_token) AS token FROM dsql.list_streams(:'one', 3) \gset
SELECT :count, count(*), min(next_token) FROM dsql.list_streams(:'one', 3, :'token');
SELECT pg_temp.call('ListStreams', jsonb_build_object('clusterIdentifier', :'with_policy', 'nextToken', :'token'));
SELECT pg_temp.call('ListStreams', jsonb_build_object('clusterIdentifier', :'with_policy'));
SELECT pg_temp.call('ListStreams', jsonb_build_object('clusterIdentifier', :'none'));
SELECT pg_temp.call('ListStreams', jsonb_build_object('clusterIdentifier', :'one', 'maxResults', 101));
SELECT pg_temp.call('ListStreams', jsonb_build_object('clusterIdentifier', :'one', 'maxResults', 1));
SET dsql_emu.max_streams = 11;
SELECT count(dsql.create_stream(:'one', :'target')) FROM generate_series(1, 6);
SELECT count(*) AS page, count(next_token) AS more FROM dsql.list_streams(:'one');
RESET dsql_emu.max_streams;
SELECT dsql.set_stream_status(:'one', :'stream', 'IMPAIRED', 'KINESIS_OVERSIZE_RECORD');
SELECT pg_temp.call('GetStream', jsonb_build_object('clusterIdentifier', :'one', 'streamIdentifier', :'stream'));
SELECT dsql.set_stream_status(:'one', :'stream', 'ACTIVE');
SELECT status, status_reason FROM dsql.get_stream(:'one', :'stream');
SELECT dsql.set_stream_status(:'one', :'stream', 'FAILED');
SELECT dsql.set_stream_status(:'one', :'stream', 'FAILED', 'TIRED');
SELECT dsql.set_stream_status(:'one', :'stream', 'DELETED');
SELECT pg_temp.call('DeleteStream', jsonb_build_object('clusterIdentifier', :'one', 'streamIdentifier', :'none'));
SELECT pg_temp.call('DeleteStream', jsonb_build_object('clusterIdentifier', :'one', 'streamIdentifier', :'stream', 'clientToken', 'd'));
SELECT pg_temp.call('GetStream', jsonb_build_object('clusterIdentifier', :'one', 'streamIdentifier', :'stream'));
SELECT pg_temp.call('DeleteStream', jsonb_build_object('clusterIdentifier', :'one', 'streamIdentifier', :'stream'));
SELECT pg_temp.call('DeleteStream', jsonb_build_object('clusterIdentifier', :'one', 'streamIdentifier', :'stream', 'clientToken', 'd'));

-- Tags
SELECT arn, stream_identifier AS stream, 'arn:aws:dsql:us-east-1:000000000000:cluster/' || :'one' AS cluster_arn FROM dsql.list_streams(:'one', 1) \gset
SELECT pg_temp.call('ListTagsForResource', '{}');
SELECT pg_temp.call('ListTagsForResource', '{"resourceArn": "x"}');
SELECT pg_temp.call('ListTagsForResource', '{"resourceArn": "arn:aws:s3:::bucket"}');
SELECT pg_temp.call('ListTagsForResource', '{"resourceArn": "arn:aws:dsql:us-east-1:000000000000:cluster/aaaaaaaaaaaaaaaaaaaaaaaaaa"}');
SELECT pg_temp.call('ListTagsForResource', '{"resourceArn": "arn:aws:dsql:us-east-1:000000000000:cluster/aaaaaaaaaaaaaaaaaaaaaaaaaa/stream/aaaaaaaaaaaaaaaaaaaaaaaaaa"}');
SELECT pg_temp.call('ListTagsForResource', jsonb_build_object('resourceArn', replace(:'cluster_arn', 'us-east-1', 'us-east-2')));
SELECT pg_temp.call('ListTagsForResource', jsonb_build_object('resourceArn', :'cluster_arn'));
SELECT pg_temp.call('TagResource', jsonb_build_object('resourceArn', :'cluster_arn'));
SELECT pg_temp.call('TagResource', jsonb_build_object('resourceArn', :'cluster_arn', 'tags', '{"b": "1", "a": "2"}'::jsonb));
SELECT dsql.tag_resource(:'cluster_arn', '{"b": "3", "Name": "One"}');
SELECT dsql.list_tags_for_resource(:'cluster_arn');
SELECT name FROM dsql.clusters WHERE identifier = :'one';
SELECT pg_temp.call('UntagResource', jsonb_build_object('resourceArn', :'cluster_arn'));
SELECT pg_temp.call('UntagResource', jsonb_build_object('resourceArn', :'cluster_arn', 'tagKeys', '["b", ""]'::jsonb));
SELECT pg_temp.call('UntagResource', jsonb_build_object('resourceArn', :'cluster_arn', 'tagKeys', '{}'::jsonb));
SELECT pg_temp.call('UntagResource', jsonb_build_object('resourceArn', :'cluster_arn', 'tagKeys', '["b", "c"]'::jsonb));
SELECT pg_temp.call('UntagResource', jsonb_build_object('resourceArn', :'cluster_arn', 'tagKeys', (SELECT jsonb_agg(i::text) FROM generate_series(1, 201) i)));
SELECT pg_temp.call('UntagResource', jsonb_build_object('resourceArn', :'cluster_arn', 'tagKeys', '[]'::jsonb));
SELECT pg_temp.call('UntagResource', '{"resourceArn": "arn:aws:dsql:us-east-1:000000000000:cluster/aaaaaaaaaaaaaaaaaaaaaaaaaa", "tagKeys": ["a"]}');
SELECT pg_temp.call('TagResource', '{"resourceArn": "arn:aws:dsql:us-east-1:000000000000:cluster/aaaaaaaaaaaaaaaaaaaaaaaaaa", "tags": {}}');
SELECT dsql.untag_resource(:'cluster_arn', '{a}');
SELECT dsql.list_tags_for_resource(:'cluster_arn');
SELECT pg_temp.call('TagResource', jsonb_build_object('resourceArn', :'cluster_arn', 'tags', (SELECT jsonb_object_agg(i, '') FROM generate_series(1, 49) i)));
SELECT pg_temp.call('TagResource', jsonb_build_object('resourceArn', :'cluster_arn', 'tags', '{"1": "", "one too many": ""}'::jsonb));
SELECT dsql.tag_resource(:'arn', '{"x": "y"}');
SELECT tags FROM dsql.get_stream(:'one', :'stream');

-- Quotas
SET dsql_emu.region = 'us-west-1';
SELECT count(dsql.create_cluster()) FROM generate_series(1, 20);
SELECT pg_temp.call('CreateCluster', '{}', 'us-west-1');
SELECT pg_temp.call('CreateCluster', '{"kmsEncryptionKey": "!"}', 'us-west-1');
SELECT count(dsql.create_cluster(multi_region_properties => '{"witnessRegion": "us-west-2"}')) FROM generate_series(1, 5);
SELECT pg_temp.call('CreateCluster', '{"multiRegionProperties": {"witnessRegion": "us-west-2"}}', 'us-west-1');
SET dsql_emu.max_multi_region_clusters = 6;
SELECT count(dsql.create_cluster(multi_region_properties => '{"witnessRegion": "us-west-2"}'));
RESET dsql_emu.max_multi_region_clusters;
RESET dsql_emu.region;

-- Settings
SET dsql_emu.region = 'US';
SET dsql_emu.account = '1';

-- Names of schemas
SELECT identifier AS named FROM dsql.create_cluster('My schema', false) \gset
SELECT schema FROM dsql.clusters WHERE identifier = :'named';
SELECT dsql.create_cluster('My schema');
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.create_cluster('pg_mine');
\echo :LAST_ERROR_SQLSTATE
SELECT nspacl IS NOT NULL AS granted, nspowner::regrole AS owner FROM pg_namespace WHERE nspname = 'My schema';
CREATE TABLE "My schema".t (a int);
CREATE VIEW "My schema".v AS SELECT * FROM "My schema".t;
SELECT tables, size > 0 AS some FROM dsql.clusters WHERE identifier = :'named';
SELECT status FROM dsql.delete_cluster(:'named');
SELECT count(*) FROM pg_namespace WHERE nspname = 'My schema';
SELECT count(*) FROM pg_seclabel WHERE label = :'named';

-- Who may change clusters, and who may look
CREATE ROLE regress_control;
SET ROLE regress_control;
SELECT dsql.api('ListClusters', '{}');
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.create_cluster();
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.delete_cluster(:'one');
\echo :LAST_ERROR_SQLSTATE
SELECT status FROM dsql.get_cluster(:'one');
SELECT count(*) > 1 AS shown FROM dsql.clusters;
SELECT * FROM dsql.cluster;
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
SET ROLE admin;
SELECT status FROM dsql.create_cluster('by_admin', false);
SELECT identifier AS by_admin FROM dsql.clusters WHERE schema = 'by_admin' \gset
SELECT status FROM dsql.delete_cluster(:'by_admin');
RESET ROLE;
DROP ROLE regress_control;

-- In a transaction that must not write
SET dsql_emu.mode = enforce;
BEGIN READ ONLY;
SELECT count(*) > 1 AS shown FROM dsql.list_clusters();
SELECT dsql.create_cluster();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

-- Everything away; what was made tomorrow is ACTIVE the day after
SET dsql_emu.mode = off;
SELECT dsql.advance_clock('26 hours') IS NOT NULL;
SELECT bool_and(dsql.api('UpdateCluster', jsonb_build_object('identifier', identifier, 'deletionProtectionEnabled', false), region, account) IS NOT NULL)
FROM dsql.cluster WHERE position > 0 AND gone_at > dsql.now();
SELECT bool_and(dsql.api('DeleteCluster', jsonb_build_object('identifier', identifier), region, account) IS NOT NULL)
FROM dsql.cluster WHERE position > 0 AND gone_at > dsql.now();
SELECT count(*), (SELECT count(*) FROM dsql.stream) FROM dsql.cluster;
SELECT count(*) FROM pg_namespace WHERE nspname ~ '^[a-z2-7]{26}$';
SELECT dsql.reset_clock() IS NOT NULL;
