import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceOf, fleetOf, shownProblems } from '../../test/make-fleet.ts'
import { quietOutside, resolvedImage } from '../../test/outside.ts'
import { composePath, environmentPath } from '../core/desired/paths.ts'
import { revealContent } from '../core/desired/resource.ts'
import { ntpKeyOf } from '../core/secrets/ntp-key.ts'
import { Secret } from '../core/secrets/secret.ts'
import { fail } from '@timeball/lib/result.ts'
import type { Environment } from '../stores/registry.ts'
import type { Outside } from './outside.ts'
import { prepare, prepareOffline, type PrepareFailure, type PrepareMode } from './prepare.ts'

const fleet = fleetOf()
const { signal } = new AbortController()

function prepareWith(
  environment: Environment,
  mode: PrepareMode = 'change',
  more: Partial<Outside> = {},
): ReturnType<typeof prepare> {
  return prepare(fleet, fleet.devices, quietOutside(environment, more), { mode, signal })
}

const badKeys: readonly { name: string; environment: Environment; shown: RegExp }[] = [
  {
    name: 'is missing',
    environment: {},
    shown: /^\S+ from \S+: pi-gps-\[01-02\], pi-ntp-\[01-02\]: API_KEY_1 is not set/,
  },
  {
    name: 'is empty',
    environment: { API_KEY_1: '' },
    shown: /pi-ntp-\[01-02\]: API_KEY_1 is empty/,
  },
  {
    name: 'is the literal text of a shell variable',
    environment: { API_KEY_1: '${FLEET_API_KEY_1}' },
    shown: /pi-ntp-\[01-02\]: API_KEY_1 has characters other than/,
  },
  {
    name: 'has a line break',
    environment: { API_KEY_1: 'good-key-1\nENABLE_GPS=no' },
    shown: /API_KEY_1 has characters other than/,
  },
  {
    name: 'is fine, and the second one is not',
    environment: { API_KEY_1: 'good-key-1', API_KEY_2: 'short' },
    shown: /API_KEY_2 is shorter than 8 characters/,
  },
]
for (const { name, environment, shown } of badKeys) {
  test(`nothing is prepared when the key ${name}, and that is told once with all devices`, async () => {
    const result = await prepareWith(environment)
    const problems = shownProblems(problemsOf(result))
    assert.equal(problems.length, 1)
    assert.match(problems[0] ?? '', shown)
    assert.ok(!problems.join().includes('FLEET_API_KEY_1'))
  })
}

test('keys that are wrong in different ways are told apart', async () => {
  const environment = { API_KEY_1_PI_GPS_01: 'good-key-1', API_KEY_1_PI_NTP_01: 'short' }
  const shown = shownProblems(problemsOf(await prepareWith(environment)))
  assert.equal(shown.length, 2)
  assert.match(shown[0] ?? '', /pi-gps-02, pi-ntp-02: API_KEY_1 is not set/)
  assert.match(shown[1] ?? '', /pi-ntp-01: API_KEY_1_PI_NTP_01 is shorter/)
})

function problemsOf(
  result: Awaited<ReturnType<typeof prepare>>,
): Parameters<typeof shownProblems>[0] {
  if (result.ok) return result
  return fail(result.failure.kind === 'problems' ? result.failure.problems : [])
}

const good = { API_KEY_1: 'good-key-000001' }

test('the image that devices get is named by its digest', async () => {
  const result = await prepareWith(good)
  assert.ok(result.ok)
  assert.equal(result.value.image, resolvedImage)
  for (const { resources } of result.value.states.values()) {
    for (const resource of resources) {
      if (resource.kind === 'image') assert.equal(resource.ref, resolvedImage)
      if (resource.kind === 'file' && resource.path === composePath) {
        assert.ok(revealContent(resource.content).includes(`image: "${resolvedImage}"`))
      }
    }
  }
})

const silentRegistry = {
  resolveImage: () => Promise.resolve(fail({ code: 'image-failed', detail: 'no answer' } as const)),
}

test('an image that cannot be resolved stops a plan, and says which it is', async () => {
  const result = await prepareWith(good, 'change', silentRegistry)
  assert.ok(!result.ok)
  const expected: PrepareFailure = {
    kind: 'image',
    ref: 'localhost/mcp-utc-time-server:0.1.0',
    detail: 'no answer',
  }
  assert.deepEqual(result.failure, expected)
})

test('health is looked at without the keys, and knows that it does not know all', async () => {
  const result = await prepareWith({}, 'look')
  assert.match(result.ok ? (result.value.incomplete ?? '') : '', /API_KEY_1 is not set/)
})

test('health goes on without the registry', async () => {
  const result = await prepareWith(good, 'look', silentRegistry)
  assert.equal(result.ok && result.value.image, 'localhost/mcp-utc-time-server:0.1.0')
  assert.match(result.ok ? (result.value.incomplete ?? '') : '', /^localhost\/mcp-.*:0\.1\.0: /)
})

test('an offline plan has the image as it was written', async () => {
  const result = await prepareOffline(fleet, fleet.devices, quietOutside(good).secrets)
  assert.equal(result.ok && result.value.image, 'localhost/mcp-utc-time-server:0.1.0')
})

test('each device gets its own key', async () => {
  const result = await prepareWith({ ...good, API_KEY_1_PI_NTP_01: 'own-key-of-ntp-01' })
  assert.ok(result.ok)
  const keys = result.value.secrets.map((secret) => secret.reveal())
  assert.deepEqual(keys, [
    'good-key-000001',
    'good-key-000001',
    'own-key-of-ntp-01',
    'good-key-000001',
  ])
})

test('with keys for NTP a device has its own, and followers those of the members they follow', async () => {
  const environment = {
    ...good,
    NTP_KEY_1: 'ntp-key-of-others',
    NTP_KEY_1_PI_GPS_01: 'ntp-key-of-gps-01',
  }
  const keyed = async (how: string) => {
    const settings = fleetOf(undefined, `clock: { authenticate: ${how} }\n`)
    const outside = quietOutside(environment)
    const result = await prepare(settings, settings.devices, outside, { mode: 'change', signal })
    assert.ok(result.ok)
    const file = result.value.states
      .get('pi-ntp-01')
      ?.resources.find((resource) => resource.kind === 'file' && resource.path === environmentPath)
    assert.ok(file?.kind === 'file')
    return revealContent(file.content)
  }
  assert.doesNotMatch(await keyed('no'), /NTP_KEY|AUTHENTICATION/)
  const offered = await keyed('offer')
  assert.match(offered, /^NTP_KEY_1=\d+:[0-9a-f]{32}$/m)
  assert.match(offered, /^NTP_AUTHENTICATION=[0-9a-f]{12}$/m)
  assert.doesNotMatch(offered, /NTP_SOURCE_KEYS/)
  const { hex, id } = ntpKeyOf(new Secret('NTP_KEY_1', 'ntp-key-of-gps-01'))
  const gps = deviceOf(fleet, 'pi-gps-01').address
  assert.ok((await keyed('require')).includes(`NTP_SOURCE_KEYS=${gps}=${id}:${hex},`))
})
