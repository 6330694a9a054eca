// Usage: node applications.mjs CLUSTER PORT
//
// Small applications as AWS's guides have them: Drizzle, TypeORM and Postgres.js,
// each connected as a role that is not admin, whose tables are in the schema that
// its search path names.  And tools that cannot work on the service, with its
// answers: they want SERIAL columns or advisory locks.  Prints TAP.
//
// Environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, a key that is mapped to
// the role "app"; NODE_EXTRA_CA_CERTS, the authority of the server.

import assert from 'node:assert/strict';
import dns from 'node:dns';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DsqlSigner } from '@aws-sdk/dsql-signer';
import { AuroraDSQLPool } from '@aws/aurora-dsql-node-postgres-connector';
import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import * as d from 'drizzle-orm/pg-core';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import postgres from 'postgres';
import typeorm from 'typeorm';
import { end, test } from './tap.mjs';

const [cluster, port] = process.argv.slice(2);
const region = 'us-east-1';
const host = `${cluster}.dsql.${region}.on.aws`;

const lookup = dns.lookup;
dns.lookup = (name, options, callback) => (
  lookup(name.endsWith('.on.aws') ? '127.0.0.1' : name, options, callback));

const signer = new DsqlSigner({ hostname: host, region });
const appToken = () => signer.getDbConnectAuthToken();
const adminToken = () => signer.getDbConnectAdminAuthToken();
const admin = new AuroraDSQLPool({ host, port, user: 'admin' });

// One statement in each transaction, as the service wants it for DDL.
async function asAdmin(...statements) {
  for (const statement of statements) {
    await admin.query(statement);
  }
}

// What the server answered: libraries wrap it in errors of their own.
async function answer(promise) {
  let error = await promise.then(() => assert.fail('no error'), (e) => e);
  while (!error.code && error.cause) error = error.cause;
  return `${error.code} ${error.message}`;
}

const conflict = /^40001 change conflicts with another transaction.*\(OC000\)$/;

await test('a role with a search path of its own', () => asAdmin(
  'CREATE SCHEMA shop',
  'GRANT USAGE, CREATE ON SCHEMA shop TO app',
  'ALTER ROLE app SET search_path = shop',
  `CREATE TABLE shop.owner (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name varchar(30) NOT NULL, city varchar(80), telephone varchar(20))`,
  `CREATE TABLE shop.pet (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name varchar(30) NOT NULL, birth date, owner_id uuid)`,
  'CREATE INDEX ASYNC pet_owner ON shop.pet (owner_id)',
  'GRANT SELECT, INSERT, UPDATE, DELETE ON shop.owner TO app',
  'GRANT SELECT, INSERT, UPDATE, DELETE ON shop.pet TO app'));

// Drizzle
{
  const owner = d.pgTable('owner', {
    id: d.uuid().primaryKey().defaultRandom(),
    name: d.varchar({ length: 30 }).notNull(),
    city: d.varchar({ length: 80 }),
    telephone: d.varchar({ length: 20 }),
  });
  const pet = d.pgTable('pet', {
    id: d.uuid().primaryKey().defaultRandom(),
    name: d.varchar({ length: 30 }).notNull(),
    birth: d.date(),
    ownerId: d.uuid('owner_id'),
  });
  const pool = new AuroraDSQLPool({ host, port, user: 'app' });
  const db = drizzle(pool);

  await test('Drizzle: insert, join, update, upsert, delete', async () => {
    assert.deepEqual((await db.execute(sql`SELECT current_user AS user, current_schema() AS schema`)).rows,
      [{ user: 'app', schema: 'shop' }]);
    const [{ id }] = await db.insert(owner).values({ name: 'John', city: 'Vancouver' }).returning();
    await db.insert(pet).values([{ name: 'Rex', birth: '2020-02-29', ownerId: id }, { name: 'Tom', ownerId: id }]);
    const pets = await db.select({ pet: pet.name, owner: owner.name }).from(pet)
      .innerJoin(owner, eq(owner.id, pet.ownerId)).orderBy(pet.name);
    assert.deepEqual(pets, [{ pet: 'Rex', owner: 'John' }, { pet: 'Tom', owner: 'John' }]);
    await db.insert(owner).values({ id, name: 'Jack' })
      .onConflictDoUpdate({ target: owner.id, set: { name: 'Jack' } });
    assert.equal((await db.select().from(owner))[0].name, 'Jack');
    assert.equal((await db.delete(pet).where(eq(pet.ownerId, id))).rowCount, 2);
  });

  await test('Drizzle: a transaction that loses, and its retry', async () => {
    let attempts = 0;
    const change = () => db.transaction(async (tx) => {
      const [{ id, telephone }] = await tx.select().from(owner);
      if (++attempts === 1) await admin.query("UPDATE shop.owner SET telephone = '1'");
      await tx.update(owner).set({ telephone: `${telephone}+` }).where(eq(owner.id, id));
    });
    assert.match(await answer(change()), conflict);
    await change();
    assert.equal((await db.select().from(owner))[0].telephone, '1+');
  });

  await test('Drizzle: a nested transaction is a savepoint', async () => assert.equal(
    await answer(db.transaction((tx) => tx.transaction(() => {}))),
    '0A000 unsupported transaction statement: SAVEPOINT'));

  await test('Drizzle: the table of its migrations has a serial', async () => {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'drizzle-'));
    await fs.mkdir(path.join(folder, 'meta'));
    await fs.writeFile(path.join(folder, 'meta/_journal.json'),
      JSON.stringify({ version: '7', dialect: 'postgresql', entries: [] }));
    assert.equal(await answer(migrate(drizzle(admin), { migrationsFolder: folder })),
      '42704 type "serial" does not exist');
    await fs.rm(folder, { recursive: true });
  });
  await pool.end();
}

// TypeORM
{
  const Owner = new typeorm.EntitySchema({
    name: 'Owner', tableName: 'owner',
    columns: {
      id: { type: 'uuid', primary: true, generated: 'uuid' },
      name: { type: 'varchar', length: 30 },
      city: { type: 'varchar', length: 80, nullable: true },
      telephone: { type: 'varchar', length: 20, nullable: true },
    },
    relations: { pets: { type: 'one-to-many', target: 'Pet', inverseSide: 'owner' } },
  });
  const Pet = new typeorm.EntitySchema({
    name: 'Pet', tableName: 'pet',
    columns: {
      id: { type: 'uuid', primary: true, generated: 'uuid' },
      name: { type: 'varchar', length: 30 },
      birth: { type: 'date', nullable: true },
    },
    relations: {
      owner: {
        type: 'many-to-one', target: 'Owner', inverseSide: 'pets', nullable: true,
        joinColumn: { name: 'owner_id' }, createForeignKeyConstraints: false,
      },
    },
  });
  const source = (more) => new typeorm.DataSource({
    type: 'postgres', host, port: Number(port), username: 'app', password: appToken,
    database: 'postgres', ssl: true, entities: [Owner, Pet], installExtensions: false,
    uuidExtension: 'pgcrypto', schema: 'shop', ...more,
  });
  const db = await source().initialize();

  await test('TypeORM: save, relations, update, remove', async () => {
    const owners = db.getRepository(Owner);
    const pets = db.getRepository(Pet);
    const ann = await owners.save({ name: 'Ann', city: 'Lyon' });
    await pets.save([{ name: 'Bello', owner: ann }, { name: 'Minka', birth: '2021-01-31', owner: ann }]);
    const found = await owners.findOne({
      where: { name: 'Ann' }, relations: { pets: true }, order: { pets: { name: 'ASC' } },
    });
    assert.deepEqual(found.pets.map((pet) => [pet.name, pet.birth]), [['Bello', null], ['Minka', '2021-01-31']]);
    await owners.update({ id: ann.id }, { city: 'Nice' });
    assert.equal(await owners.countBy({ city: 'Nice' }), 1);
    await pets.remove(found.pets);
    assert.equal(await pets.count(), 0);
  });

  await test('TypeORM: a transaction that loses', async () => {
    const change = db.transaction(async (manager) => {
      await manager.update(Owner, { name: 'Ann' }, { telephone: '2' });
      await admin.query("UPDATE shop.owner SET telephone = '3' WHERE name = 'Ann'");
    });
    assert.match(await answer(change), conflict);
  });

  await test('TypeORM: the table of its migrations has a serial', async () => {
    class First1700000000000 {
      name = 'First1700000000000';
      async up() {}
      async down() {}
    }
    const migrations = await source({
      username: 'admin', password: adminToken, migrations: [First1700000000000],
    }).initialize();
    assert.equal(await answer(migrations.runMigrations({ transaction: 'none' })),
      '42704 type "serial" does not exist');
    await migrations.destroy();
  });
  await db.destroy();
}

// Postgres.js
{
  const client = postgres({
    host, port: Number(port), database: 'postgres', username: 'app', password: appToken, ssl: true, max: 2,
  });
  await test('Postgres.js: parameters, transactions, a transaction that loses', async () => {
    const [row] = await client`INSERT INTO owner ${client({ name: 'Eve', city: 'Oslo' })} RETURNING name, city`;
    assert.deepEqual({ ...row }, { name: 'Eve', city: 'Oslo' });
    const names = ['Eve', 'Nobody'];
    assert.equal((await client`SELECT name FROM owner WHERE name IN ${client(names)}`).length, 1);
    assert.match(await answer(client.begin(async (tx) => {
      await tx`UPDATE owner SET city = 'Rome' WHERE name = 'Eve'`;
      await admin.query("UPDATE shop.owner SET city = 'Bern' WHERE name = 'Eve'");
    })), conflict);
  });
  await client.end();
}

// node-pg-migrate
await test('node-pg-migrate: the service has neither its lock nor its table', async () => {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'migrate-'));
  await fs.writeFile(path.join(folder, '1700000000000_first.sql'),
    '-- Up Migration\nCREATE TABLE first (id int PRIMARY KEY);\n-- Down Migration\nDROP TABLE first;\n');
  const up = async (more) => {
    const client = new pg.Client({
      host, port, user: 'admin', database: 'postgres', password: await adminToken(), ssl: true,
    });
    await client.connect();
    try {
      await runner({
        dbClient: client, dir: folder, direction: 'up', migrationsTable: 'pgmigrations',
        logger: { debug() {}, info() {}, warn() {}, error() {} }, ...more,
      });
    } finally {
      await client.end();
    }
  };
  assert.equal(await answer(up()), '0A000 function pg_try_advisory_lock not supported');
  assert.match(await answer(up({ noLock: true })), /type "serial" does not exist/);
  await fs.rm(folder, { recursive: true });
});

await admin.end();
end();
