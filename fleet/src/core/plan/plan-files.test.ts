import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { deviceOf, fleetOf } from '../../../test/make-fleet.ts'
import { seenFile } from '../../../test/observed.ts'
import { desiredState } from '../desired/desired-state.ts'
import { environmentPath } from '../desired/paths.ts'
import { sha256Hex } from '../hash/sha256.ts'
import { Secret } from '../secrets/secret.ts'
import { blankDevice } from './blank-device.ts'
import type { Observed } from './observed.ts'
import { formatPlan } from './format-plan.ts'
import { planDevice } from './plan-device.ts'

const fleet = fleetOf()
const device = deviceOf(fleet, 'pi-ntp-01')
const never = { reboot: 'never' } as const

function stateWith(secret: string): ReturnType<typeof desiredState> {
  const secrets = [new Secret('API_KEY_1', secret)]
  const { settings } = fleet
  return desiredState({ device, settings, release: { image: 'a/b:1' }, secrets })
}

/** The environment file of a device as its applier reports it: the key as a keyed digest. */
function reported(key: string, rest = 'NTP_SERVERS=192.0.2.1\n'): Observed {
  const real = seenFile(environmentPath, `API_KEY_1=${key}\n${rest}`, '0600')
  const content = `API_KEY_1=#${sha256Hex(blankDevice.nonce + key)}\n${rest}`
  return { ...blankDevice, files: new Map([[environmentPath, { ...real, content }]]) }
}

function environmentDiff(state: ReturnType<typeof desiredState>, seen: Observed): string[] {
  const plan = planDevice(state, seen, never)
  const change = plan.changes.find(({ resource }) => resource === `file:${environmentPath}`)
  return (change?.diff ?? []).map(({ sign, text }) => `${sign}${text}`)
}

test('a key that changes is seen to change, and not seen', () => {
  const lines = environmentDiff(stateWith('new-key-00001'), reported('old-key-00001'))
  const keyLines = lines.filter((line) => line.includes('API_KEY'))
  assert.deepEqual(keyLines, ['~API_KEY_1 replaced'])
})

test('a key that stays is no difference', () => {
  const lines = environmentDiff(stateWith('same-key-0001'), reported('same-key-0001'))
  assert.deepEqual(
    lines.filter((line) => /^[+-]API_KEY/.test(line)),
    [],
  )
})

test('the keys of a device that has none yet are masked', () => {
  const lines = environmentDiff(stateWith('same-key-0001'), blankDevice)
  assert.ok(lines.includes('+API_KEY_1=********'))
})

test('a file that was not there must still not be there when the plan is made', () => {
  const plan = planDevice(stateWith('same-key-0001'), blankDevice, never)
  assert.deepEqual(
    plan.files.map(({ before }) => before),
    ['absent', 'absent'],
  )
})

test('no secret is in any plan, however the device is found', () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9._~+/=:@%^,-]{8,40}$/).map((text) => `canary${text}`)
  const rest = fc.constantFrom('', 'LOG_LEVEL=debug\n', 'API_KEY_2=#00\n')
  fc.assert(
    fc.property(secret, fc.boolean(), rest, (value, isSame, other) => {
      const seen = reported(isSame ? value : 'some-other-key', other)
      for (const observed of [seen, blankDevice]) {
        const plan = planDevice(stateWith(value), observed, never)
        const whole = {
          fleet: 'x',
          image: 'a/b:1',
          imageAsWritten: 'a/b:1',
          devices: [plan],
          failed: [],
          warnings: [],
        }
        const views = [
          JSON.stringify(plan),
          inspect(plan, { depth: 9, maxStringLength: null }),
          JSON.stringify(formatPlan(whole, fleet.devices, { diff: 'full', wayOn: String })),
        ]
        for (const view of views) assert.ok(!view.includes(value))
      }
    }),
  )
})
