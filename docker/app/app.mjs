// An application of Aurora DSQL: it lists the clusters, connects to its own, and
// counts its visits.  Environment: CLUSTER_ENDPOINT and what AWS's SDK reads.

import { DSQL } from '@aws-sdk/client-dsql';
import { AuroraDSQLPool } from '@aws/aurora-dsql-node-postgres-connector';

const { AWS_REGION: region, CLUSTER_ENDPOINT: host, PGPORT: port = 5432 } = process.env;
const { clusters } = await new DSQL({ region }).listClusters({});
console.log(`clusters: ${clusters.length}`);

const pool = new AuroraDSQLPool({ host, port: Number(port), region, user: 'admin' });
await pool.query(`CREATE TABLE IF NOT EXISTS visit (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), at timestamptz DEFAULT now())`);
await pool.query('INSERT INTO visit DEFAULT VALUES');
const { rows } = await pool.query('SELECT count(*) FROM visit');
console.log(`visits: ${rows[0].count}`);
await pool.end();
