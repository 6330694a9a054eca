// Usage: node streams.mjs COMMAND ...
//
// What test/t/090_streams.pl needs of Kinesis and its clients:
//
//   serve PORT DIR              kinesalite; its streams are kept in DIR
//   make ENDPOINT NAME SHARDS   make a Kinesis stream
//   create ENDPOINT CLUSTER ARN make a change stream that goes there; prints its
//                               identifier when it is ACTIVE
//   count ENDPOINT NAME         how many records a Kinesis stream has
//   consume ENDPOINT NAME KEYS  read them all and rebuild the tables; prints them
//                               as JSON.  KEYS: {"table": ["column", ...]}

import * as dsql from '@aws-sdk/client-dsql';
import * as kinesis from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import kinesalite from 'kinesalite';

const credentials = { accessKeyId: '000000000000', secretAccessKey: 'x' };
const region = 'us-east-1';

// The client speaks HTTP/2 unless it is told otherwise.
function kinesisClient(endpoint) {
  return new kinesis.Kinesis({
    endpoint, region, credentials, requestHandler: new NodeHttpHandler(),
  });
}

async function makeStream(endpoint, name, shards) {
  const client = kinesisClient(endpoint);
  await client.createStream({ StreamName: name, ShardCount: Number(shards) });
  await kinesis.waitUntilStreamExists(
    { client, maxWaitTime: 60, minDelay: 0.1, maxDelay: 0.2 }, { StreamName: name });
}

async function createStream(endpoint, clusterIdentifier, streamArn) {
  const client = new dsql.DSQL({ endpoint, region, credentials });
  const { streamIdentifier } = await client.createStream({
    clusterIdentifier,
    targetDefinition: {
      kinesis: { streamArn, roleArn: 'arn:aws:iam::000000000000:role/changes' },
    },
    ordering: 'UNORDERED',
    format: 'JSON',
  });
  for (;;) {
    const stream = await client.getStream({ clusterIdentifier, streamIdentifier });
    if (stream.status === 'ACTIVE') {
      console.log(streamIdentifier);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// The text of all records that a Kinesis stream has now.
async function* read(endpoint, StreamName) {
  const client = kinesisClient(endpoint);
  const { Shards } = await client.listShards({ StreamName });
  for (const { ShardId } of Shards) {
    let { ShardIterator } = await client.getShardIterator({
      StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON',
    });
    for (;;) {
      const page = await client.getRecords({ ShardIterator });
      for (const record of page.Records) {
        yield Buffer.from(record.Data).toString('utf8');
      }
      if (page.Records.length === 0 && !(page.MillisBehindLatest > 0)) {
        break;
      }
      ShardIterator = page.NextShardIterator;
    }
  }
}

async function count(endpoint, name) {
  let n = 0;
  for await (const text of read(endpoint, name)) {
    n++;
  }
  console.log(n);
}

// After the documentation: images in fragments are put together, and the last
// writer of a key wins, a delete included.  Numbers of nanoseconds are too large
// for JavaScript's.
async function consume(endpoint, name, keys) {
  const fragments = new Map();
  const changes = [];
  const seen = new Map();
  const rows = new Map();

  for await (const text of read(endpoint, name)) {
    const record = JSON.parse(text);
    if (record.type === 'fragment') {
      fragments.set(`${record.chunk_id} ${record.index}`, record.data);
    } else {
      changes.push([record, BigInt(/"source":\{.*?"ts_ns":(\d+)/.exec(text)[1])]);
    }
  }
  for (const [record, time] of changes) {
    for (const [image, chunk] of Object.entries(record.chunked ?? {})) {
      let text = '';
      for (let i = 0; i < chunk.total_fragments; i++) {
        text += fragments.get(`${chunk.chunk_id} ${i}`);
      }
      record[image] = JSON.parse(text);
    }
    const table = record.source.table;
    const image = record.after ?? record.before;
    const key = JSON.stringify([table, ...keys[table].map((column) => image[column])]);
    if (!seen.has(key) || time >= seen.get(key)) {
      seen.set(key, time);
      rows.set(key, [table, record.after]);
    }
  }
  const tables = {};
  for (const key of [...rows.keys()].sort()) {
    const [table, row] = rows.get(key);
    tables[table] ??= [];
    if (row !== null) {
      tables[table].push(row);
    }
  }
  console.log(JSON.stringify(tables));
}

const [command, ...args] = process.argv.slice(2);
switch (command) {
  case 'serve':
    // A sender that was killed in the middle of a request must not end it.
    process.on('uncaughtException', (error) => {
      if (error.code !== 'ECONNRESET') throw error;
    });
    kinesalite({ path: args[1], createStreamMs: 20, deleteStreamMs: 20 })
      .listen(Number(args[0]), '127.0.0.1', () => console.log('ready'));
    break;
  case 'make':
    await makeStream(...args);
    break;
  case 'create':
    await createStream(...args);
    break;
  case 'count':
    await count(...args);
    break;
  case 'consume':
    await consume(args[0], args[1], JSON.parse(args[2]));
    break;
  default:
    throw new Error(`unknown command ${command}`);
}
