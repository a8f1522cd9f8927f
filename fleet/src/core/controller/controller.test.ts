import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fleetOf, guideInventory, inventoryOf } from '../../../test/make-fleet.ts'
import { desiredState } from '../desired/desired-state.ts'
import { observed, container } from '../health/test/healthy.ts'
import { silent } from '../clock/test/servers.ts'
import { fail, ok } from '@timeball/lib/result.ts'
import { controllerHealth } from './health.ts'
import { deviceCheck } from './device-check.ts'
import { noticesOf } from './notices.ts'
import { quorumOf } from './quorum.ts'
import { scrapeTargets } from './targets.ts'
import { clocksSeen } from './test/a-view.ts'

const image = `registry.example/server@sha256:${'a'.repeat(64)}`
const fleet = fleetOf()
const [device] = fleet.devices
assert.ok(device !== undefined)
const state = desiredState({ device, settings: fleet.settings, release: { image }, secrets: [] })

test('Prometheus is told where the metrics of each device are, and whose they are', () => {
  const [first] = scrapeTargets(fleet.name, fleet.devices)
  assert.deepEqual(first, {
    targets: ['192.168.1.101:9090'],
    labels: { fleet: 'fleet', role: 'stratum1', device: 'pi-gps-01' },
  })
})

test('a site is told where the inventory has one, and an IPv6 address is bracketed', () => {
  const lines = [
    'ansible_host: "2001:db8::7"',
    'gps_enabled: yes',
    'site: north',
    'metrics_port: 9191',
  ]
  const [only] = scrapeTargets('fleet', fleetOf(inventoryOf({ 'pi-1': lines })).devices)
  assert.deepEqual(only?.targets, ['[2001:db8::7]:9191'])
  assert.equal(only?.labels['site'], 'north')
})

const sets: readonly { quorum: string; expected: readonly string[] }[] = [
  { quorum: '{}', expected: ['stratum1 1 of 2', 'stratum2 1 of 2'] },
  { quorum: '{ per: fleet }', expected: ['fleet 3 of 4'] },
  { quorum: '{ per: fleet, min_good: 2 }', expected: ['fleet 2 of 4'] },
  { quorum: '{ per: site }', expected: ['no site 3 of 4'] },
  {
    quorum: '{ sets: { bank: [pi-gps-01, pi-ntp-01] } }',
    expected: ['stratum1 1 of 2', 'stratum2 1 of 2', 'bank 1 of 2'],
  },
]
for (const { quorum, expected } of sets) {
  test(`rollout.quorum ${quorum} asks for ${expected.join(', ')}`, () => {
    const { time, rows } = clocksSeen()
    const asked = fleetOf(guideInventory, `rollout: { quorum: ${quorum} }\n`)
    const sets = quorumOf(asked, { time, judgements: rows.map(({ judgement }) => judgement) })
    const shown = sets.map(({ name, minGood, good }) => `${name} ${minGood} of ${good}`)
    assert.deepEqual(shown, expected)
  })
}

test('a device that refuses the login is not reached; one that is busy is', () => {
  const refused = deviceCheck('a', fail({ code: 'auth-refused', detail: '' }), { image, state })
  assert.deepEqual(refused, {
    device: 'a',
    isReachable: false,
    drift: null,
    isOutdated: null,
    image: null,
  })
  assert.equal(
    deviceCheck('a', fail({ code: 'locked', detail: '' }), { image, state }).isReachable,
    true,
  )
})

test('a device that runs the image of the fleet is not outdated', () => {
  const seen = observed({
    containers: new Map([['mcp-utc-time', container({ imageId: 'sha256:1' })]]),
    images: new Map([[image, 'sha256:1']]),
  })
  const look = deviceCheck('a', ok(seen), { image, state })
  assert.equal(look.isOutdated, false)
  assert.equal(look.image, image)
  assert.ok((look.drift ?? []).length > 0, 'nothing else of it is up to date')
})

test('a device that runs another image is outdated, and says which', () => {
  const seen = observed({
    containers: new Map([['mcp-utc-time', container({ imageId: 'sha256:0' })]]),
    images: new Map([[image, null]]),
  })
  const look = deviceCheck('a', ok(seen), { image, state })
  assert.equal(look.isOutdated, true)
  assert.equal(look.image, 'sha256:0')
})

test('without the keys nobody says drift, and without a digest nobody says outdated', () => {
  const look = deviceCheck('a', ok(observed()), {
    image: 'registry.example/server:1.0',
    state: null,
  })
  assert.equal(look.drift, null)
  assert.equal(look.isOutdated, null)
})

test('the log tells verdicts once, and again when they change', () => {
  const well = clocksSeen()
  assert.equal(noticesOf(null, well)[0], 'pi-gps-01: truechimer')
  assert.deepEqual(noticesOf(well, clocksSeen()), [])
  const [change] = noticesOf(well, clocksSeen({ 'pi-gps-01': { swept: silent() } }))
  assert.match(change ?? '', /^pi-gps-01: truechimer, now unreachable: no answer/)
})

const ages: readonly { sweptMs: number | null; status: string }[] = [
  { sweptMs: null, status: 'starting' },
  { sweptMs: 100_000, status: 'ok' },
  { sweptMs: 40_000, status: 'ok' },
  { sweptMs: 39_999, status: 'stalled' },
]
for (const { sweptMs, status } of ages) {
  test(`at 100 s, with a sweep at ${sweptMs ?? 'no'} ms, the controller is ${status}`, () => {
    assert.equal(controllerHealth(sweptMs, 100_000, 15_000).status, status)
  })
}
