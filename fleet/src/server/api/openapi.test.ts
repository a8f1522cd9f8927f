/** The document is OpenAPI 3.1, and every answer is what it says: by validators that are not ours. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { z } from 'zod'
import { everyEvent, started } from '../../core/rollout/test/events.ts'
import { memoryRollouts } from '../../stores/memory/rollout-store.ts'
import { openAccessStore } from '../../stores/sqlite/access-store.ts'
import { openSeriesStore } from '../../stores/sqlite/series-store.ts'
import { documentOf } from './api-app.ts'
import { anApi, as, nowUnixMs } from './test/parts.ts'

type Api = ReturnType<typeof anApi>

const withContent = z.object({
  content: z.record(z.string(), z.object({ schema: z.looseObject({}) })),
})
const operation = z.object({ responses: z.record(z.string(), withContent) })
const described = z.object({
  paths: z.record(z.string(), z.record(z.string(), operation)),
})

/** Everything that there can be in an answer: rollouts, history, facts, lines of the audit log. */
async function fullApi(): Promise<Api> {
  const rollouts = memoryRollouts().open(() => true)
  const owner = { host: 'ops-1', pid: 1, processStart: '1' }
  const wish = { owner, operation: 'rollout r-1', nowMs: nowUnixMs, epochFloor: 0 }
  const acquired = await rollouts.acquire(wish)
  assert.ok(acquired.ok)
  await rollouts.append('r-1', Object.values(everyEvent), acquired.lease)
  await rollouts.append('r-2', [{ ...started, rollout: 'r-2' }], acquired.lease)
  await rollouts.block({ digest: 'd', image: 'i', rollout: 'r-1', why: 'offset', atUnixMs: 1 })
  const audit = openAccessStore(':memory:')
  const act = { action: 'rollout.pause', what: 'r-1', result: 'done' }
  await audit.append({ atUnixMs: 1, who: 'ada', from: 'socket', ...act })
  const series = await openSeriesStore(':memory:')
  const none = { offsetSeconds: null, errorSeconds: null, delaySeconds: null, stratum: null }
  const kept = { rootDispersionSeconds: null, referenceAgeSeconds: null, kiss: null }
  const verdict = 'unreachable'
  await series.append([{ server: 'pi-gps-01', atUnixMs: nowUnixMs, verdict, ...none, ...kept }])
  return anApi({ rollouts, audit, series })
}

const document = documentOf(anApi(), '0.1.0')
const { paths } = described.parse(document)
const ajv = new Ajv2020({ strict: true, allErrors: true, strictTypes: false })
ajv.addVocabulary(Object.keys(document))
ajv.addSchema({ ...document, $id: 'document' }, undefined, undefined, false)

/** Throws when an answer is not what the document says of this path. */
async function check(api: Api, path: string, pattern: string): Promise<number> {
  const answer = await api.request(path, { headers: as('admin') })
  const type = answer.headers.get('content-type') ?? ''
  const pointer = [pattern, 'get', 'responses', String(answer.status), 'content', type]
  const escaped = pointer.map((part) => encodeURIComponent(part.replaceAll('/', '~1'))).join('/')
  const said = paths[pattern]?.['get']?.responses[answer.status]?.content[type]
  assert.ok(said !== undefined, `${path} may not answer ${answer.status} ${type}`)
  const validate = ajv.getSchema(`document#/paths/${escaped}/schema`)
  assert.ok(validate !== undefined)
  if (type === 'text/event-stream') await answer.body?.cancel()
  else assert.ok(validate(await answer.json()), `${path}: ${ajv.errorsText(validate.errors)}`)
  return answer.status
}

test('the document is valid OpenAPI 3.1', async () => {
  const found = await new Validator().validate({ ...structuredClone(document) })
  assert.ok(found.valid, JSON.stringify(found.errors))
})

const read = Object.keys(paths).filter((pattern) => paths[pattern]?.['get'] !== undefined)

for (const pattern of read) {
  test(`GET ${pattern} answers as the document says`, async () => {
    const api = await fullApi()
    const known = pattern.replace('{rollout}', 'r-1').replaceAll(/\{\w+\}/g, 'pi-gps-01')
    assert.equal(await check(api, known, pattern), 200)
    if (pattern.includes('{')) {
      const strange = pattern.replaceAll(/\{\w+\}/g, 'nobody')
      assert.equal(await check(api, strange, pattern), 404)
    }
  })
}

for (const query of ['?limit=0', '?limit=x', '?after=%00&limit=1', '?q=']) {
  test(`${query} is answered as the document says, whatever that is`, async () => {
    const api = await fullApi()
    for (const pattern of read) {
      const known = pattern.replace('{rollout}', 'r-1').replaceAll(/\{\w+\}/g, 'pi-gps-01')
      await check(api, `${known}${query}`, pattern)
    }
  })
}
