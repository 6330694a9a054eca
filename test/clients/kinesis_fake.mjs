// Usage: node kinesis_fake.mjs PORT SECRET
//
// A Kinesis that does what it is told, for test/t/094_streams_sink.pl.  It
// answers PutRecords; requests for other paths are for the test:
//
//   POST /behave   how to answer from now on: {"status": 200, "answer": {...}},
//                  {"fail": {"ErrorCode": "...", "ErrorMessage": "..."},
//                  "ids": [...]} for records of rows with these ids, {"limit":
//                  bytes} of a record's data, {"hang": true}, or {}
//   GET /log       what came since the last time: for each request the ids of its
//                  rows, and what is wrong with it
//   GET /hung      how many requests hang, and how many of those were given up

import { createHash, createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { SignatureV4 } from '@smithy/signature-v4';

const [port, secretAccessKey] = process.argv.slice(2);
let behaviour = {};
let log = [];
let hung = 0;
let givenUp = 0;

class Sha256 {
  constructor(key) {
    this.hash = key === undefined ? createHash('sha256') : createHmac('sha256', key);
  }

  update(data) {
    this.hash.update(data);
  }

  async digest() {
    return new Uint8Array(this.hash.digest());
  }
}

// What is wrong with the signature: '' if nothing
async function signatureProblem(request, body) {
  const match = /^AWS4-HMAC-SHA256 Credential=(\w+)\/(\d{8})\/([\w-]+)\/kinesis\/aws4_request, SignedHeaders=([\w;-]+), Signature=(\w{64})$/
    .exec(request.headers.authorization ?? '');
  if (match === null) {
    return `Authorization: ${request.headers.authorization}`;
  }
  const [, accessKeyId, , region, names] = match;
  const time = request.headers['x-amz-date'].replace(/(....)(..)(..T..)(..)(..)/, '$1-$2-$3:$4:$5');
  const signer = new SignatureV4({
    service: 'kinesis', region, sha256: Sha256, applyChecksum: false,
    credentials: {
      accessKeyId, secretAccessKey, sessionToken: request.headers['x-amz-security-token'],
    },
  });
  const signed = await signer.sign({
    method: request.method, path: request.url, query: {}, body,
    protocol: 'http:', hostname: '127.0.0.1',
    headers: Object.fromEntries(names.split(';').map((name) => [name, request.headers[name]])),
  }, { signingDate: new Date(time) });
  return signed.headers.authorization === request.headers.authorization ? '' :
    `${request.headers.authorization} instead of ${signed.headers.authorization}`;
}

function id(record) {
  const { after, before } = JSON.parse(Buffer.from(record.Data, 'base64').toString('utf8'));
  return (after ?? before).id;
}

function answerTo(records) {
  if (behaviour.status !== undefined) {
    return [behaviour.status, behaviour.answer];
  }
  if (records.some((record) => Buffer.from(record.Data, 'base64').length > (behaviour.limit ?? Infinity))) {
    return [400, {
      __type: 'ValidationException',
      message: `1 validation error detected: Value at 'records.1.member.data' failed to satisfy constraint: Member must have length less than or equal to ${behaviour.limit}`,
    }];
  }
  const results = records.map((record) =>
    (behaviour.fail !== undefined && (behaviour.ids ?? [id(record)]).includes(id(record)) ?
      behaviour.fail : { SequenceNumber: '1', ShardId: 'shardId-000000000000' }));
  return [200, {
    FailedRecordCount: results.filter((result) => result.ErrorCode).length, Records: results,
  }];
}

async function putRecords(request, body, response) {
  const { StreamName, StreamARN, Records } = JSON.parse(body);
  const [status, answer] = answerTo(Records);
  log.push({
    signature: await signatureProblem(request, body),
    credential: /Credential=([^,]*)/.exec(request.headers.authorization)[1].replace(/\d{8}/, 'DATE'),
    type: request.headers['content-type'],
    target: request.headers['x-amz-target'],
    name: StreamName,
    arn: StreamARN,
    ids: Records.map(id),
    keys: new Set(Records.map((record) => record.PartitionKey)).size,
    strange: Records.filter((record) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(record.PartitionKey)).length,
    bytes: Records.reduce((sum, record) => sum + Buffer.from(record.Data, 'base64').length, 0),
    status,
  });
  if (behaviour.hang) {
    hung++;
    response.on('close', () => { givenUp++; });
    return;
  }
  response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' });
  response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
}

createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts).toString('utf8');
    switch (request.url) {
      case '/behave':
        behaviour = JSON.parse(body);
        response.end();
        break;
      case '/log':
        response.end(JSON.stringify(log));
        log = [];
        break;
      case '/hung':
        response.end(JSON.stringify([hung, givenUp]));
        break;
      default:
        putRecords(request, body, response);
    }
  });
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
