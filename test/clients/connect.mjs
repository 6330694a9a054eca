// Usage: node connect.mjs CLUSTER PORT
//
// Connections by the service's connector for node-postgres and by node-postgres
// with the AWS SDK's signer: tokens, TLS, pool, retries, roles, refusals.  The
// host name of the cluster is looked up here, as 127.0.0.1.  Prints TAP.
//
// Environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, a key that is mapped to
// the role "app"; NODE_EXTRA_CA_CERTS, the authority of the server.

import assert from 'node:assert/strict';
import dns from 'node:dns';
import pg from 'pg';
import { DsqlSigner } from '@aws-sdk/dsql-signer';
import {
  AuroraDSQLClient, AuroraDSQLPool, isOCCError,
} from '@aws/aurora-dsql-node-postgres-connector';
import { end, test } from './tap.mjs';

const [cluster, port] = process.argv.slice(2);
const region = 'us-east-1';
const host = `${cluster}.dsql.${region}.on.aws`;
const credentials = {
  accessKeyId: process.env.AWS_ACCESS_KEY_ID,
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
};

const lookup = dns.lookup;
dns.lookup = (name, options, callback) => (
  lookup(name.endsWith('.on.aws') ? '127.0.0.1' : name, options, callback));

// The rows of queries in a connection of this client's own.
async function rows(client, ...queries) {
  await client.connect();
  try {
    let result;
    for (const query of queries) {
      result = await client.query(query);
    }
    return result.rows;
  } finally {
    await client.end();
  }
}

// Why the client cannot connect.
async function refusal(client) {
  const error = await client.connect().then(() => assert.fail('connected'), (e) => e);
  assert.equal(error.severity, 'FATAL', String(error));
  return error;
}

const denied = 'unable to accept connection, access denied';

function connector(more) {
  return new AuroraDSQLClient({ host, port, user: 'admin', ...more });
}

function plain(password, more) {
  return new pg.Client({
    host, port, user: 'admin', database: 'postgres', password, ssl: true, ...more,
  });
}

function signer(more) {
  return new DsqlSigner({ hostname: host, region, credentials, ...more });
}

await test('connector, by host name', async () => {
  assert.deepEqual(
    await rows(connector(), `SELECT current_user AS user, dsql.current_cluster() AS cluster,
      current_setting('application_name') AS name`),
    [{ user: 'admin', cluster, name: 'aurora-dsql-nodejs-pg/0.1.9' }]);
});

await test('connector, by identifier and Region', async () => {
  assert.deepEqual(
    await rows(connector({ host: cluster, region }), 'SELECT 1 AS one'), [{ one: 1 }]);
});

await test('connector, by connection string', async () => {
  const client = new AuroraDSQLClient(`postgresql://admin@${host}:${port}/postgres`);
  assert.deepEqual(await rows(client, 'SELECT current_user AS user'), [{ user: 'admin' }]);
});

await test('connector, a role of its own', async () => {
  assert.deepEqual(
    await rows(connector({ user: 'app' }), 'SELECT current_user AS user'), [{ user: 'app' }]);
});

await test('pool', async () => {
  const pool = new AuroraDSQLPool({ host, port, user: 'admin', max: 3 });
  const answers = await Promise.all([...Array(12).keys()].map(
    (i) => pool.query('SELECT $1::int AS i', [i])));
  assert.deepEqual(answers.map((a) => a.rows[0].i), [...Array(12).keys()]);
  assert.ok(pool.totalCount <= 3);
  await pool.end();
});

await test('retries of conflicts', async () => {
  const pool = new AuroraDSQLPool({
    host, port, user: 'admin', max: 4, retry: { maxRetries: 100 },
  });
  await pool.query('CREATE TABLE counter (id int PRIMARY KEY, n int NOT NULL)');
  await pool.query('INSERT INTO counter VALUES (1, 0)');
  let attempts = 0;
  let arrived = 0;
  let both;
  const meeting = new Promise((resolve) => { both = resolve; });
  const increment = () => pool.transaction(async (client) => {
    attempts++;
    const { rows: [{ n }] } = await client.query('SELECT n FROM counter WHERE id = 1');
    // The first two have read the same row before either writes it.
    if (++arrived === 2) both();
    await meeting;
    await client.query('UPDATE counter SET n = $1 WHERE id = 1', [n + 1]);
  });
  await Promise.all([increment(), increment(), increment(), increment()]);
  const { rows: [{ n }] } = await pool.query('SELECT n FROM counter');
  assert.equal(n, 4);
  assert.ok(attempts > 4, `${attempts} attempts`);
  await pool.end();
});

await test('a conflict without retries', async () => {
  const [a, b] = [connector(), connector()];
  await a.connect();
  await b.connect();
  for (const client of [a, b]) {
    await client.query('BEGIN');
    await client.query('UPDATE counter SET n = n + 1');
  }
  await a.query('COMMIT');
  const error = await b.query('COMMIT').then(() => assert.fail('no conflict'), (e) => e);
  assert.ok(isOCCError(error));
  assert.equal(error.code, '40001');
  assert.match(error.message, /\(OC000\)/);
  await a.end();
  await b.end();
});

await test('signer, admin', async () => {
  const token = await signer().getDbConnectAdminAuthToken();
  assert.deepEqual(await rows(plain(token), 'SELECT current_user AS user'), [{ user: 'admin' }]);
});

await test('signer, another role', async () => {
  const token = await signer().getDbConnectAuthToken();
  assert.deepEqual(
    await rows(plain(token, { user: 'app' }), 'SELECT current_user AS user'), [{ user: 'app' }]);
});

await test('signer, a host in upper case and a week', async () => {
  const token = await signer({
    hostname: host.toUpperCase(), expiresIn: 604800,
  }).getDbConnectAdminAuthToken();
  assert.deepEqual(await rows(plain(token), 'SELECT 1 AS one'), [{ one: 1 }]);
});

await test('signer, temporary credentials', async () => {
  const token = await signer({
    credentials: { accessKeyId: 'ASIATEMPORARY', secretAccessKey: 's', sessionToken: 'a/b+c==' },
  }).getDbConnectAdminAuthToken();
  assert.deepEqual(await rows(plain(token), 'SELECT 1 AS one'), [{ one: 1 }]);
});

await test('a wrong secret', async () => {
  const error = await refusal(connector({
    customCredentialsProvider: { ...credentials, secretAccessKey: 'x' },
  }));
  assert.equal(error.message, denied);
  assert.equal(error.code, '08006');
  assert.match(error.detail, /^Session Id: [a-z2-7]{26}$/);
  assert.match(error.hint, /^The request signature we calculated/);
});

await test('the wrong action', async () => {
  const error = await refusal(plain(await signer().getDbConnectAuthToken()));
  assert.equal(error.message, denied);
  assert.equal(error.code, '08006');
  assert.equal(error.hint, 'Wrong user to action mapping. user: admin, action: DbConnect');
});

await test('a role that is not mapped', async () => {
  const error = await refusal(connector({ user: 'stranger' }));
  assert.equal(error.message, denied);
  assert.equal(error.code, '28000');
  assert.equal(error.hint, undefined);
});

await test('a role that does not exist', async () => {
  const error = await refusal(connector({ user: 'nothing' }));
  assert.equal(error.message, denied);
  assert.equal(error.code, '08P01');
});

await test('no TLS', async () => {
  const error = await refusal(plain('x', { ssl: false }));
  assert.equal(error.message, 'SSL is mandatory');
  assert.equal(error.code, '08P01');
});

await test('another authority than that of the server', async () => {
  const client = connector({ ssl: { rejectUnauthorized: true, ca: [] } });
  await assert.rejects(client.connect(), /certificate/);
});

end();
