// Usage: node database_clusters.mjs ENDPOINT PORT
//
// Two clusters, made with the AWS SDK for JavaScript and used with node-postgres
// and the SDK's signer as an application does: tenants in schemas of their own,
// roles for each, many rows in batches, tables that are made again; everything
// under the same names in both.  Prints TAP.
//
// Environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, USER_ARN, whose key it
// is; NODE_EXTRA_CA_CERTS, the authority of the server.

import assert from 'node:assert/strict';
import dns from 'node:dns';
import pg from 'pg';
import { DSQL, waitUntilClusterActive, waitUntilClusterNotExists } from '@aws-sdk/client-dsql';
import { DsqlSigner } from '@aws-sdk/dsql-signer';
import { end, test } from './tap.mjs';

const [endpoint, port] = process.argv.slice(2);
const region = 'us-east-1';
const credentials = {
  accessKeyId: process.env.AWS_ACCESS_KEY_ID,
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
};
const dsql = new DSQL({ endpoint, region, credentials });
const patience = { client: dsql, maxWaitTime: 60, minDelay: 0.1, maxDelay: 0.2 };

const lookup = dns.lookup;
dns.lookup = (name, options, callback) => (
  lookup(name.endsWith('.on.aws') ? '127.0.0.1' : name, options, callback));

async function create() {
  const { identifier } = await dsql.createCluster({ deletionProtectionEnabled: false });
  await waitUntilClusterActive(patience, { identifier });
  return dsql.getCluster({ identifier });
}

// What a user of a cluster does in one connection.
async function session({ endpoint: host }, user, body) {
  const signer = new DsqlSigner({ hostname: host, region, credentials });
  const password = user === 'admin' ?
    await signer.getDbConnectAdminAuthToken() : await signer.getDbConnectAuthToken();
  const client = new pg.Client({
    host, port, user, password, database: 'postgres', ssl: true,
  });
  await client.connect();
  try {
    return await body(async (...query) => (await client.query(...query)).rows);
  } finally {
    await client.end();
  }
}

const clusters = await Promise.all([create(), create()]);

for (const cluster of clusters) {
  const name = cluster.identifier.slice(0, 4);

  await test(`${name}: tenants in schemas, with roles`, () => session(cluster, 'admin', async (q) => {
    await q('CREATE TABLE public.products (id int PRIMARY KEY, name text)');
    for (const tenant of ['tenant_a', 'tenant_b']) {
      await q(`CREATE SCHEMA ${tenant}`);
      await q(`CREATE TABLE ${tenant}.orders (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n int NOT NULL, owner text)`);
      await q(`CREATE ROLE ${tenant}_rw WITH LOGIN`);
      await q(`AWS IAM GRANT ${tenant}_rw TO '${process.env.USER_ARN}'`);
      await q(`GRANT USAGE ON SCHEMA ${tenant} TO ${tenant}_rw`);
      await q(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${tenant} TO ${tenant}_rw`);
    }
    assert.deepEqual(
      await q(`SELECT table_schema AS s, table_name AS t FROM information_schema.tables
        WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'sys', 'dsql') ORDER BY 1`),
      [{ s: 'public', t: 'products' }, { s: 'tenant_a', t: 'orders' }, { s: 'tenant_b', t: 'orders' }]);
  }));

  await test(`${name}: a role reaches its tenant`, () => session(cluster, 'tenant_a_rw', async (q) => {
    await q('INSERT INTO tenant_a.orders (n, owner) VALUES (1, current_user)');
    assert.deepEqual(await q('SELECT owner FROM tenant_a.orders'), [{ owner: 'tenant_a_rw' }]);
    await assert.rejects(q('SELECT * FROM tenant_b.orders'), { code: '42501' });
  }));

  await test(`${name}: 10,000 rows in batches`, () => session(cluster, 'tenant_b_rw', async (q) => {
    for (let first = 1; first <= 10000; first += 2500) {
      await q('INSERT INTO tenant_b.orders (n) SELECT generate_series($1::int, $1 + 2499)', [first]);
    }
    for (let first = 1; first <= 10000; first += 2500) {
      await q('UPDATE tenant_b.orders SET owner = $2 WHERE n BETWEEN $1 AND $1 + 2499', [first, name]);
    }
    assert.deepEqual(
      await q('SELECT count(*)::int AS n, count(DISTINCT owner)::int AS owners, min(owner) AS owner FROM tenant_b.orders'),
      [{ n: 10000, owners: 1, owner: name }]);
  }));

  await test(`${name}: a table is made again`, () => session(cluster, 'admin', async (q) => {
    await q('DROP TABLE IF EXISTS public.products');
    await q('CREATE TABLE public.products (id bigint PRIMARY KEY, title varchar(20) NOT NULL)');
    await q('CREATE INDEX ASYNC ON public.products (title)');
    await q("INSERT INTO products VALUES (1, 'one')");
    assert.deepEqual(await q('SELECT * FROM public.products'), [{ id: '1', title: 'one' }]);
  }));
}

await test('deleted, and made again', async () => {
  const [{ identifier }] = clusters;
  await dsql.deleteCluster({ identifier });
  await waitUntilClusterNotExists(patience, { identifier });
  await assert.rejects(session(clusters[0], 'admin', (q) => q('SELECT 1')), { code: '08006' });
  await session(clusters[1], 'tenant_a_rw', async (q) => {
    assert.deepEqual(await q('SELECT n FROM tenant_a.orders'), [{ n: 1 }]);
  });
  await session(await create(), 'admin', async (q) => {
    assert.deepEqual(await q("SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_'"), [{ rolname: 'admin' }]);
  });
});

await test('a script that deletes every cluster', async () => {
  const { clusters: listed } = await dsql.listClusters({});
  assert.equal(listed.length, 2);
  for (const { identifier } of listed) {
    await dsql.deleteCluster({ identifier });
    await waitUntilClusterNotExists(patience, { identifier });
  }
  assert.deepEqual((await dsql.listClusters({})).clusters, []);
});

end();
