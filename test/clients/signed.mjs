// Usage: node signed.mjs ENDPOINT
//
// The AWS SDK for JavaScript where signatures are verified: the access key is
// $KEY_ID with $KEY_SECRET, of the account 444455556666.  Prints TAP.

import assert from 'node:assert/strict';
import * as dsql from '@aws-sdk/client-dsql';
import { end, test } from './tap.mjs';

const { KEY_ID: accessKeyId, KEY_SECRET: secretAccessKey } = process.env;

function client(credentials) {
  return new dsql.DSQL({
    endpoint: process.argv[2],
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey, ...credentials },
  });
}

await test('signed requests', async () => {
  const known = client();
  const tags = { 'a b': 'c/d' };
  const { arn, identifier } = await known.createCluster({ tags, deletionProtectionEnabled: false });
  assert.match(arn, /:444455556666:/);
  await known.listClusters({ maxResults: 5 });
  assert.deepEqual((await known.listTagsForResource({ resourceArn: arn })).tags, tags);
  await known.untagResource({ resourceArn: arn, tagKeys: ['a b', 'k/3'] });
  await known.putClusterPolicy({
    identifier,
    policy: '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "dsql:*", "Resource": "*"}]}',
  });
  await known.deleteClusterPolicy({ identifier, expectedPolicyVersion: '1' });
});

for (const [name, credentials, code] of [
  ['a wrong secret', { secretAccessKey: 'wrong' }, 'InvalidSignatureException'],
  ['an unknown key', { accessKeyId: 'AKIDNOBODY' }, 'UnrecognizedClientException'],
  ['a session token that is none', { sessionToken: 'x' }, 'UnrecognizedClientException'],
]) {
  await test(name, async () => {
    const error = await client(credentials).listClusters({}).then(() => assert.fail('no exception'), (e) => e);
    assert.ok(error instanceof dsql.DSQLServiceException, error.stack);
    assert.equal(error.name, code);
    assert.equal(error.$metadata.httpStatusCode, 403);
  });
}

end();
