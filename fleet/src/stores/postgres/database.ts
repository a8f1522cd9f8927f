/** The PostgreSQL database in which several controllers remember one fleet. */
import { randomInt } from 'node:crypto'
import postgres from 'postgres'

export type Database = postgres.Sql<{ bigint: number }>
export type Transaction = postgres.TransactionSql<{ bigint: number }>

/** Of the tables below; a database of a later version is refused, and one of an earlier one upgraded. */
const version = 1

export interface OpenedDatabase {
  readonly sql: Database
  /** 8 hex digits that no other database has. */
  readonly origin: string
  readonly close: () => Promise<void>
}

export interface DatabasePlace {
  /** Without a password. */
  readonly url: string
  /** `PGPASSWORD` is the one that is used. */
  readonly password: string | undefined
}

/** Rejects when it cannot be used. Its tables are made where there are none. */
export async function openDatabase({ url, password }: DatabasePlace): Promise<OpenedDatabase> {
  const sql: Database = postgres({
    ...wayTo(url),
    ...(password === undefined ? {} : { password }),
    max: 2,
    connect_timeout: 10,
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: 'timeball', ...searchPath(schemaOf(url)) },
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
  })
  try {
    return { sql, origin: await prepare(sql, schemaOf(url)), close: () => sql.end({ timeout: 5 }) }
  } catch (error) {
    await sql.end({ timeout: 0 })
    throw error
  }
}

/** Of a URL as libpq has it: `?host=/folder` is a socket in it, and there may be a user, too. */
function wayTo(text: string) {
  const url = new URL(text)
  const given = (name: string, own: string): string | undefined =>
    url.searchParams.get(name) ?? (own === '' ? undefined : decodeURIComponent(own))
  const host = given('host', url.hostname)
  const username = given('user', url.username)
  const ssl = sslOf(url.searchParams.get('sslmode'))
  return {
    ...(host === undefined ? {} : { host }),
    ...(username === undefined ? {} : { username }),
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(ssl === null ? {} : { ssl }),
  }
}

/** `?schema=` is for several fleets in one database; `null`: the usual one. */
function schemaOf(text: string): string | null {
  return new URL(text).searchParams.get('schema')
}

function searchPath(schema: string | null): { readonly search_path?: string } {
  return schema === null ? {} : { search_path: `"${schema.replaceAll('"', '""')}"` }
}

/** `sslmode` of libpq; `null`: it is not said. */
function sslOf(mode: string | null): 'require' | 'verify-full' | false | null {
  if (mode === 'disable') return false
  return mode === 'require' || mode === 'verify-full' ? mode : null
}

/** Of nobody else: others may have advisory locks in this database, too. */
const lockNumber = 1_952_607_340

/** Two that come to an empty database at once make its tables once. */
async function prepare(sql: Database, schema: string | null): Promise<string> {
  return await sql.begin(async (own) => {
    await own`SELECT pg_advisory_xact_lock(${lockNumber})`
    if (schema !== null) await own`CREATE SCHEMA IF NOT EXISTS ${own(schema)}`
    const [there] = await own`SELECT to_regclass('timeball') IS NOT NULL AS is_there`
    if (there?.['is_there'] !== true) {
      await own.unsafe(tables)
      const origin = randomInt(1, 0x7fff_ffff).toString(16).padStart(8, '0')
      await own`INSERT INTO timeball (version, origin) VALUES (${version}, ${origin})`
    }
    const [found] = await own`SELECT version, origin FROM timeball`
    if (Number(found?.['version']) > version) {
      throw new Error('is of a later version of Timeball: use that one')
    }
    return String(found?.['origin'])
  })
}

const tables = `
CREATE TABLE timeball (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version integer NOT NULL,
  origin text NOT NULL
);
CREATE TABLE lease (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  epoch bigint NOT NULL,
  host text,
  pid bigint,
  process_start text,
  operation text,
  since_unix_ms bigint,
  expires_unix_ms bigint
);
INSERT INTO lease (epoch) VALUES (0);
CREATE TABLE rollouts (
  rollout text COLLATE "C" PRIMARY KEY,
  started_unix_ms bigint NOT NULL,
  summary text NOT NULL,
  events bigint NOT NULL
);
CREATE TABLE events (
  rollout text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (rollout, sequence)
);
CREATE TABLE settled (
  device text COLLATE "C" NOT NULL,
  at_unix_ms bigint NOT NULL,
  seconds double precision NOT NULL,
  PRIMARY KEY (device, at_unix_ms)
);
CREATE TABLE requests (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rollout text COLLATE "C" NOT NULL,
  action text NOT NULL,
  asked_by text NOT NULL,
  why text NOT NULL
);
CREATE TABLE blocked (
  digest text COLLATE "C" PRIMARY KEY,
  image text NOT NULL,
  rollout text NOT NULL,
  why text NOT NULL,
  at_unix_ms bigint NOT NULL
);
CREATE TABLE known (
  device text COLLATE "C" PRIMARY KEY,
  reached text NOT NULL
);
CREATE TABLE samples (
  server text COLLATE "C" NOT NULL,
  at_unix_ms bigint NOT NULL,
  sample text NOT NULL,
  PRIMARY KEY (server, at_unix_ms)
);
`
