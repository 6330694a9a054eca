// Usage: node control_plane.mjs ENDPOINT
//
// The control plane through the AWS SDK for JavaScript: each operation, its
// exceptions, paginators, waiters, repeated requests, two Regions.  Prints TAP.

import assert from 'node:assert/strict';
import * as dsql from '@aws-sdk/client-dsql';
import { end, test } from './tap.mjs';

const endpoint = process.argv[2];
const account = '111122223333';
const credentials = { accessKeyId: account, secretAccessKey: 'not looked at' };

function client(region, more) {
  return new dsql.DSQL({ endpoint, region, credentials, ...more });
}

const east = client('us-east-1');
const west = client('us-west-2');
const patience = { client: east, maxWaitTime: 60, minDelay: 0.1, maxDelay: 0.2 };

// The exception that a promise ends in has this class and these members.
async function rejects(promise, type, status, members = {}) {
  const error = await promise.then(() => assert.fail('no exception'), (e) => e);
  assert.ok(error instanceof type, `${error.name}: ${error.message}`);
  assert.ok(error instanceof dsql.DSQLServiceException);
  assert.equal(error.name, type.name);
  assert.equal(error.$metadata.httpStatusCode, status);
  assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
  assert.ok(error.message.length > 0);
  for (const [name, value] of Object.entries(members)) {
    assert.deepEqual(error[name], value, name);
  }
}

async function all(pages, list) {
  const items = [];
  for await (const page of pages) {
    items.push(...page[list]);
  }
  return items;
}

const unknown = 'a'.repeat(26);
let cluster;

await test('CreateCluster', async () => {
  cluster = await east.createCluster({
    deletionProtectionEnabled: true,
    tags: { name: 'first', empty: '', 'a b/c:d': 'x=y+z@' },
  });
  assert.match(cluster.identifier, /^[a-z2-7]{26}$/);
  assert.equal(cluster.arn, `arn:aws:dsql:us-east-1:${account}:cluster/${cluster.identifier}`);
  assert.equal(cluster.endpoint, `${cluster.identifier}.dsql.us-east-1.on.aws`);
  assert.equal(cluster.status, dsql.ClusterStatus.CREATING);
  assert.equal(cluster.deletionProtectionEnabled, true);
  assert.ok(cluster.creationTime instanceof Date);
  assert.ok(Math.abs(cluster.creationTime - Date.now()) < 600e3);
  assert.equal(cluster.encryptionDetails.encryptionType, dsql.EncryptionType.AWS_OWNED_KMS_KEY);
  assert.equal(cluster.$metadata.httpStatusCode, 200);
});

const { identifier } = cluster;

await test('GetCluster, at once', async () => {
  const found = await east.getCluster({ identifier });
  assert.equal(found.arn, cluster.arn);
  assert.deepEqual(found.creationTime, cluster.creationTime);
  assert.deepEqual(found.tags, { name: 'first', empty: '', 'a b/c:d': 'x=y+z@' });
});

await test('DeleteCluster while it is being created', () =>
  rejects(east.deleteCluster({ identifier }), dsql.ConflictException, 409,
    { resourceId: identifier, resourceType: 'cluster' }));

await test('waiter ClusterActive', async () => {
  const result = await dsql.waitUntilClusterActive(patience, { identifier });
  assert.equal(result.state, 'SUCCESS');
  assert.equal((await east.getCluster({ identifier })).status, 'ACTIVE');
});

await test('GetVpcEndpointServiceName', async () => {
  const answer = await east.getVpcEndpointServiceName({ identifier });
  assert.match(answer.serviceName, /^com\.amazonaws\.us-east-1\.dsql-[a-f0-9]{6}$/);
  assert.ok(answer.clusterVpcEndpoint.startsWith(`${identifier}.dsql-`));
});

await test('UpdateCluster', async () => {
  const kmsEncryptionKey = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const answer = await east.updateCluster({ identifier, kmsEncryptionKey });
  assert.equal(answer.status, 'UPDATING');
  await dsql.waitUntilClusterActive(patience, { identifier });
  const { encryptionDetails } = await east.getCluster({ identifier });
  assert.equal(encryptionDetails.kmsKeyArn, kmsEncryptionKey);
  assert.equal(encryptionDetails.encryptionType, 'CUSTOMER_MANAGED_KMS_KEY');
});

await test('tags', async () => {
  const resourceArn = cluster.arn;
  await east.tagResource({ resourceArn, tags: { 'k 2': 'v', 'k/3': '' } });
  await east.untagResource({ resourceArn, tagKeys: ['name', 'empty', 'a b/c:d', 'k 2'] });
  const { tags } = await east.listTagsForResource({ resourceArn });
  assert.deepEqual(tags, { 'k/3': '' });
});

await test('policies', async () => {
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: ['dsql:DbConnect', 'dsql:DbConnectAdmin'],
      Resource: '*',
    }],
  });
  await rejects(east.getClusterPolicy({ identifier }), dsql.ResourceNotFoundException, 404,
    { resourceType: 'clusterPolicy' });
  assert.equal((await east.putClusterPolicy({ identifier, policy })).policyVersion, '1');
  assert.equal((await east.putClusterPolicy({ identifier, policy, expectedPolicyVersion: '1' })).policyVersion, '2');
  await rejects(east.putClusterPolicy({ identifier, policy, expectedPolicyVersion: '1' }),
    dsql.ConflictException, 409);
  const found = await east.getClusterPolicy({ identifier });
  assert.equal(found.policy, policy);
  assert.equal(found.policyVersion, '2');
  assert.equal((await east.deleteClusterPolicy({ identifier, expectedPolicyVersion: '2' })).policyVersion, '2');
  await rejects(east.putClusterPolicy({ identifier, policy: 'no JSON' }),
    dsql.ValidationException, 400);
});

const targetDefinition = {
  kinesis: {
    streamArn: `arn:aws:kinesis:us-east-1:${account}:stream/changes`,
    roleArn: `arn:aws:iam::${account}:role/service/changes`,
  },
};

await test('streams, and waiter StreamActive', async () => {
  const clusterIdentifier = identifier;
  const created = await east.createStream({
    clusterIdentifier, targetDefinition, ordering: 'UNORDERED', format: 'JSON', tags: { a: 'b' },
  });
  const { streamIdentifier } = created;
  assert.equal(created.status, dsql.StreamStatus.CREATING);
  assert.equal(created.arn, `${cluster.arn}/stream/${streamIdentifier}`);
  const stream = { clusterIdentifier, streamIdentifier };
  assert.equal((await dsql.waitUntilStreamActive(patience, stream)).state, 'SUCCESS');
  const found = await east.getStream(stream);
  assert.deepEqual(found.targetDefinition, targetDefinition);
  assert.deepEqual(found.tags, { a: 'b' });
  assert.ok(found.creationTime instanceof Date);

  await east.tagResource({ resourceArn: created.arn, tags: { c: 'd' } });
  assert.deepEqual((await east.listTagsForResource({ resourceArn: created.arn })).tags, { a: 'b', c: 'd' });

  for (let i = 1; i < 5; i++) {
    await east.createStream({ clusterIdentifier, targetDefinition, ordering: 'UNORDERED', format: 'JSON' });
  }
  await rejects(
    east.createStream({ clusterIdentifier, targetDefinition, ordering: 'UNORDERED', format: 'JSON' }),
    dsql.ServiceQuotaExceededException, 402,
    { message: 'You have reached the stream limit.', resourceType: 'stream', serviceCode: 'dsql' });
  const pages = dsql.paginateListStreams({ client: east, pageSize: 2 }, { clusterIdentifier });
  const streams = await all(pages, 'streams');
  assert.equal(streams.length, 5);
  assert.equal(new Set(streams.map((s) => s.streamIdentifier)).size, 5);

  assert.equal((await east.deleteStream(stream)).status, 'DELETING');
  assert.equal((await dsql.waitUntilStreamNotExists(patience, stream)).state, 'SUCCESS');
});

await test('ResourceNotFoundException', async () => {
  await rejects(east.getCluster({ identifier: unknown }), dsql.ResourceNotFoundException, 404,
    { resourceId: unknown, resourceType: 'cluster' });
  await rejects(west.getCluster({ identifier }), dsql.ResourceNotFoundException, 404);
  await rejects(east.getStream({ clusterIdentifier: identifier, streamIdentifier: unknown }),
    dsql.ResourceNotFoundException, 404, { resourceId: unknown, resourceType: 'stream' });
});

await test('ValidationException', async () => {
  await rejects(east.getCluster({ identifier: 'NONE' }), dsql.ValidationException, 400,
    { reason: 'fieldValidationFailed' });
  await rejects(east.getCluster({ identifier: '' }), dsql.ValidationException, 400);
  await rejects(east.listClusters({ maxResults: 101 }), dsql.ValidationException, 400,
    { reason: 'fieldValidationFailed' });
  await rejects(east.listClusters({ nextToken: 'a b/+=' }), dsql.ValidationException, 400,
    { reason: 'other' });
  await rejects(east.createStream({ clusterIdentifier: identifier }), dsql.ValidationException, 400,
    { reason: 'fieldValidationFailed' });
  await rejects(east.deleteCluster({ identifier }), dsql.ValidationException, 400,
    { reason: 'deletionProtectionEnabled' });
});

await test('paginator, and ServiceQuotaExceededException', async () => {
  const other = client('eu-central-1');
  const made = [];
  for (let i = 0; i < 20; i++) {
    made.push((await other.createCluster({ deletionProtectionEnabled: false })).identifier);
  }
  await rejects(other.createCluster({}), dsql.ServiceQuotaExceededException, 402,
    { message: 'You have reached the cluster limit.', resourceType: 'cluster', serviceCode: 'dsql' });
  const listed = await all(dsql.paginateListClusters({ client: other, pageSize: 7 }, {}), 'clusters');
  assert.deepEqual(listed.map((c) => c.identifier), made);
});

await test('a request that is repeated', async () => {
  const clientToken = 'once';
  const [one, two] = await Promise.all([
    east.createCluster({ clientToken, deletionProtectionEnabled: false }),
    east.createCluster({ clientToken, deletionProtectionEnabled: false }),
  ]);
  assert.equal(one.identifier, two.identifier);
  await rejects(east.createCluster({ clientToken, deletionProtectionEnabled: true }),
    dsql.ConflictException, 409);
  await dsql.waitUntilClusterActive(patience, { identifier: one.identifier });
  const deletion = { identifier: one.identifier, clientToken: 'gone' };
  await east.deleteCluster(deletion);
  await dsql.waitUntilClusterNotExists(patience, { identifier: one.identifier });
  assert.equal((await east.deleteCluster(deletion)).status, 'DELETING');
});

await test('a retry whose first answer was lost', async () => {
  const flaky = client('sa-east-1', { maxAttempts: 3 });
  let attempts = 0;
  flaky.middlewareStack.add((next) => async (args) => {
    const result = await next(args);
    if (++attempts === 1) {
      throw Object.assign(new Error('lost'), { code: 'ECONNRESET', $retryable: {} });
    }
    return result;
  }, { step: 'finalizeRequest', priority: 'low' });
  await flaky.createCluster({});
  assert.equal(attempts, 2);
  assert.equal((await client('sa-east-1').listClusters({})).clusters.length, 1);
});

await test('two Regions', async () => {
  const witnessRegion = 'us-east-2';
  const one = await east.createCluster({ multiRegionProperties: { witnessRegion }, deletionProtectionEnabled: false });
  assert.equal(one.status, 'PENDING_SETUP');
  assert.deepEqual(one.multiRegionProperties, { witnessRegion, clusters: [one.arn] });
  const two = await west.createCluster({
    multiRegionProperties: { witnessRegion, clusters: [one.arn] }, deletionProtectionEnabled: false,
  });
  assert.equal(two.status, 'PENDING_SETUP');
  const update = await east.updateCluster({
    identifier: one.identifier, multiRegionProperties: { witnessRegion, clusters: [two.arn] },
  });
  assert.equal(update.status, 'UPDATING');
  await dsql.waitUntilClusterActive(patience, { identifier: one.identifier });
  await dsql.waitUntilClusterActive({ ...patience, client: west }, { identifier: two.identifier });
  const found = await west.getCluster({ identifier: two.identifier });
  assert.deepEqual([...found.multiRegionProperties.clusters].sort(), [one.arn, two.arn].sort());

  await east.deleteCluster({ identifier: one.identifier });
  assert.equal((await east.getCluster({ identifier: one.identifier })).status, 'PENDING_DELETE');
  await west.deleteCluster({ identifier: two.identifier });
  await dsql.waitUntilClusterNotExists(patience, { identifier: one.identifier });
  await dsql.waitUntilClusterNotExists({ ...patience, client: west }, { identifier: two.identifier });
});

await test('DeleteCluster, and waiter ClusterNotExists', async () => {
  await east.updateCluster({ identifier, deletionProtectionEnabled: false });
  await dsql.waitUntilClusterActive(patience, { identifier });
  const streams = await all(dsql.paginateListStreams({ client: east }, { clusterIdentifier: identifier }), 'streams');
  for (const { clusterIdentifier, streamIdentifier } of streams) {
    await east.deleteStream({ clusterIdentifier, streamIdentifier });
  }
  assert.equal((await east.deleteCluster({ identifier })).status, 'DELETING');
  assert.equal((await dsql.waitUntilClusterNotExists(patience, { identifier })).state, 'SUCCESS');
});

await test('many requests at a time', async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, () => east.listClusters({})));
  assert.equal(new Set(answers.map((a) => a.$metadata.requestId)).size, 100);
});

end();
