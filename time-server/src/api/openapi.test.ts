/** The document is OpenAPI, and every answer is what it says: by validators that are not ours. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { z } from 'zod'
import { inStep, startServer } from '../test/fake-server.ts'
import { endpoints } from './endpoints.ts'

const documentSchema = z.object({
  openapi: z.literal('3.1.0'),
  servers: z.array(z.object({ url: z.literal('/') })).min(1),
  paths: z.record(
    z.string(),
    z.object({
      get: z.object({
        operationId: z.string(),
        responses: z.record(
          z.string(),
          z.object({
            content: z.object({
              'application/json': z.object({ schema: z.object({ $ref: z.string() }) }),
            }),
          }),
        ),
      }),
    }),
  ),
})

type Check = (path: string, status: number, answer: unknown) => void

/** Throws when an answer is not what the document says of this path and status. */
function checkAgainst(document: Readonly<Record<string, unknown>>): Check {
  const ajv = new Ajv2020({ strict: true, allErrors: true, strictTypes: false })
  ajv.addVocabulary(Object.keys(document))
  ajv.addSchema(document, 'document', undefined, false)
  const { paths } = documentSchema.parse(document)
  return (path, status, answer) => {
    const described = paths[path]?.get.responses[status]
    assert.ok(described !== undefined, `${path} may not answer ${status}`)
    const { $ref } = described.content['application/json'].schema
    const validate = ajv.getSchema(`document${$ref}`)
    assert.ok(validate !== undefined, `${$ref} is nowhere`)
    assert.ok(validate(answer), `${path} ${status}: ${ajv.errorsText(validate.errors)}`)
  }
}

async function documentOf(t: TestContext): Promise<Record<string, unknown>> {
  const { httpPort } = await startServer(t)
  const response = await fetch(`http://127.0.0.1:${httpPort}/api/openapi.json`)
  return z.record(z.string(), z.unknown()).parse(await response.json())
}

test('the document that is served is valid OpenAPI 3.1', async (t) => {
  const document = await documentOf(t)
  const found = await new Validator().validate(document)
  assert.ok(found.valid, JSON.stringify(found.errors))
  const { paths } = documentSchema.parse(document)
  const names = Object.values(paths).map(({ get }) => get.operationId)
  assert.equal(new Set(names).size, names.length)
})

test('the validators see a document and an answer that are wrong', async (t) => {
  const document = await documentOf(t)
  const broken = { ...document, paths: { '/api/time': { get: { responses: 200 } } } }
  assert.equal((await new Validator().validate(broken)).valid, false)
  const check = checkAgainst(document)
  assert.throws(() => check('/api/unix', 200, { unix_seconds: 'now' }), /unix_seconds/)
  assert.throws(() => check('/api/unix', 418, {}), /may not answer 418/)
})

const silent = (): [] => []
const ways = ['', '?filter=berlin', '?other=1'] as const

for (const [name, script, environment] of [
  ['in step', inStep, {}],
  ['whose ntpd is silent', silent, {}],
  ['with a receiver that is not there', inStep, { ENABLE_GPS: 'yes', GPSD_ADDRESS: '127.0.0.1:1' }],
  ['with a key', inStep, { API_KEY_1: '{"key":"first-key-1","rate_limit":30}' }],
] as const) {
  test(`every answer of a server ${name} is what the document says`, async (t) => {
    const { httpPort } = await startServer(t, script, environment)
    const base = `http://127.0.0.1:${httpPort}`
    const document = await documentOf(t)
    const check = checkAgainst(document)
    const statuses = new Set<number>()
    const keys = 'API_KEY_1' in environment ? ['first-key-1', 'wrong-key-1'] : ['']
    const asked = endpoints.flatMap(({ path, parameter }) => {
      const zones = parameter === undefined ? [''] : ['Europe/Berlin', 'Nowhere/Land']
      const urls = zones.flatMap((zone) => ways.map((way) => path.replace('{tz}', zone) + way))
      return urls.flatMap((url) => keys.map((key) => ({ path, url, key })))
    })
    const asking = asked.map(async ({ path, url, key }) => {
      const response = await fetch(base + url, { headers: { 'x-api-key': key } })
      assert.equal(response.headers.get('content-type'), 'application/json')
      check(path, response.status, await response.json())
      statuses.add(response.status)
    })
    await Promise.all(asking)
    const wanted = keys.length === 1 ? [200, 400, 404] : [200, 400, 401, 404, 429]
    assert.deepEqual(
      [...statuses].toSorted((one, other) => one - other),
      wanted,
    )
  })
}

test('a filter leaves the time zones with that text', async (t) => {
  const { httpPort } = await startServer(t)
  const response = await fetch(`http://127.0.0.1:${httpPort}/api/timezones?filter=bErLiN`)
  assert.deepEqual(await response.json(), { count: 1, timezones: ['Europe/Berlin'] })
})

test('a parameter that no path takes is refused in one way, by name', async (t) => {
  const { httpPort } = await startServer(t)
  const messages = new Map<string, string>()
  for (const path of [...endpoints.map((each) => each.path), '/api/openapi.json']) {
    const url = `http://127.0.0.1:${httpPort}${path.replace('{tz}', 'UTC')}?format=%22x`
    const response = await fetch(url)
    assert.equal(response.status, 400, path)
    const { error, message } = z
      .object({ error: z.string(), message: z.string() })
      .parse(await response.json())
    assert.equal(error, 'unknown-parameter')
    messages.set(path, message)
  }
  const [said, ...others] = new Set(messages.values())
  assert.equal(said, '"format" is no parameter of this path, which takes none')
  assert.deepEqual(others, ['"format" is no parameter of this path, which takes "filter"'])
})
