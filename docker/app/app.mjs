// An application of Aurora DSQL: it lists the clusters, connects to its own, and
// counts its visits.  Environment: CLUSTER_ENDPOINT and what AWS's SDK reads.

import { DSQL } from '@aws-sdk/client-dsql';
import { DsqlSigner } from '@aws-sdk/dsql-signer';
import pg from 'pg';

const { AWS_REGION: region, CLUSTER_ENDPOINT: host, PGPORT: port = 5432 } = process.env;
const { clusters } = await new DSQL({ region }).listClusters({});
console.log(`clusters: ${clusters.length}`);

const signer = new DsqlSigner({ hostname: host, region });
const pool = new pg.Pool({
  host, port, user: 'admin', database: 'postgres', ssl: true,
  password: () => signer.getDbConnectAdminAuthToken(),
});
await pool.query(`CREATE TABLE IF NOT EXISTS visit (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), at timestamptz DEFAULT now())`);
await pool.query('INSERT INTO visit DEFAULT VALUES');
const { rows } = await pool.query('SELECT count(*) FROM visit');
console.log(`visits: ${rows[0].count}`);
await pool.end();
