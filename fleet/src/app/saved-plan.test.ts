import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fleetOf, guideInventory, shownProblems } from '../../test/make-fleet.ts'
import { quietOutside, resolvedImage } from '../../test/outside.ts'
import { blankDevice } from '../core/plan/blank-device.ts'
import type { FleetPlan } from '../core/plan/fleet-plan.ts'
import type { Observed } from '../core/plan/observed.ts'
import { planDevice } from '../core/plan/plan-device.ts'
import { planOffline } from './assemble-plan.ts'
import { prepare, type Prepared } from './prepare.ts'
import { movedSince, parseSavedPlan, savePlan } from './saved-plan.ts'

const never = { reboot: 'never' } as const
const key = 'canary-key-000001'

async function prepared(
  inventory = guideInventory,
  environment: Readonly<Record<string, string>> = { API_KEY_1: key },
  image = resolvedImage,
): Promise<Prepared> {
  const fleet = fleetOf(inventory)
  const world = quietOutside(environment, {
    resolveImage: () => Promise.resolve({ ok: true, value: image }),
  })
  const signal = new AbortController().signal
  const made = await prepare(fleet, fleet.devices, world, { mode: 'change', signal })
  assert.ok(made.ok)
  return made.value
}

const before = await prepared()
const plan = planOffline(before, never)
const text = savePlan(plan, before, '0'.repeat(32))

function moved(now: Prepared, planned: FleetPlan = planOffline(now, never)): string[] {
  const saved = parseSavedPlan('plan.json', text)
  assert.ok(saved.ok)
  return movedSince(saved.value, planned, now)
}

test('a plan that is saved, read and made again is the same', () => {
  assert.deepEqual(moved(before), [])
})

test('a saved plan holds no key and no digest of a key alone', () => {
  assert.ok(!text.includes(key))
  assert.deepEqual(Object.keys(JSON.parse(text)), [
    'format',
    'fleet',
    'image',
    'reboot',
    'salt',
    'devices',
  ])
})

function withDevice(name: string, changes: Partial<Observed>): FleetPlan {
  const state = before.states.get(name)
  assert.ok(state !== undefined)
  const device = planDevice(state, { ...blankDevice, ...changes }, never)
  return { ...plan, devices: plan.devices.map((each) => (each.device === name ? device : each)) }
}

const moves: readonly { name: string; changes: Partial<Observed> }[] = [
  { name: 'has another generation', changes: { generation: 1 } },
  { name: 'has a package more', changes: { packages: new Map([['git', '1']]) } },
  { name: 'waits for a confirmation', changes: { pending: 2 } },
  { name: 'needs a reboot', changes: { rebootRequired: true } },
]
for (const { name, changes } of moves) {
  test(`a device that ${name} has moved`, () => {
    const planned = withDevice('pi-ntp-01', changes)
    assert.deepEqual(moved(before, planned), ['pi-ntp-01'])
  })
}

test('a variable that changed moves the devices that have it', async () => {
  const inventory = guideInventory.replace(
    '192.168.1.202\n          ntp_servers: "pi-gps-01,pi-gps-02"',
    '192.168.1.202\n          ntp_servers: "pi-gps-01"',
  )
  assert.deepEqual(moved(await prepared(inventory)), ['pi-ntp-02'])
})

test('a key that changed moves the device that has it, though no key is in the file', async () => {
  const environment = { API_KEY_1: key, API_KEY_1_PI_GPS_01: 'another-key-0001' }
  assert.deepEqual(moved(await prepared(guideInventory, environment)), ['pi-gps-01'])
})

test('another image moves all devices', async () => {
  const image = resolvedImage.replaceAll('a'.repeat(64), 'b'.repeat(64))
  assert.equal(moved(await prepared(guideInventory, { API_KEY_1: key }, image)).length, 4)
})

test('a device that has gone, and one that has come, have moved', async () => {
  const inventory = guideInventory.replaceAll('pi-ntp-02', 'pi-ntp-03')
  assert.deepEqual(moved(await prepared(inventory)), ['pi-ntp-02', 'pi-ntp-03'])
})

test('a saved plan of each version is read, also with keys that are not known', async () => {
  const stored = await readFile(join(import.meta.dirname, 'test/saved-plan-1.json'), 'utf8')
  for (const content of [stored, stored.replace('{', '{"later": 1,')]) {
    const saved = parseSavedPlan('plan.json', content)
    assert.ok(saved.ok)
    assert.deepEqual(saved.value, JSON.parse(stored))
  }
})

const refused = [
  {
    name: 'no JSON',
    text: 'hosts: all\n',
    shown: /^plan\.json: is not a saved plan: it is not JSON/,
  },
  { name: 'other JSON', text: '{"a":1}', shown: /^plan\.json: is not a saved plan: / },
  { name: 'a list', text: '[]', shown: /^plan\.json: is not a saved plan: / },
  {
    name: 'a plan of another version',
    text: text.replace('plan-1', 'plan-9'),
    shown: /was saved by a later version of timeball \(format 9\)/,
  },
  {
    name: 'a plan with a short digest',
    text: text.replace(/"[0-9a-f]{64}"/, '"00"'),
    shown: /is not a saved plan/,
  },
]
for (const { name, text: content, shown } of refused) {
  test(`${name} is refused`, () => {
    const [line = ''] = shownProblems(parseSavedPlan('plan.json', content))
    assert.match(line, shown)
    assert.match(line, /make it with: timeball plan --out FILE$/)
  })
}
