import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceOf, fleetOf } from '../../../test/make-fleet.ts'
import { applied, seenFile } from '../../../test/observed.ts'
import { desiredState } from '../desired/desired-state.ts'
import { environmentPath } from '../desired/paths.ts'
import type { DesiredState } from '../desired/resource.ts'
import { Secret } from '../secrets/secret.ts'
import { blankDevice } from './blank-device.ts'
import type { FleetPlan } from './fleet-plan.ts'
import { formatPlan } from './format-plan.ts'
import type { Observed } from './observed.ts'
import { planDevice } from './plan-device.ts'

const fleet = fleetOf()
const image = `registry.example/server@sha256:${'0123456789abcdef'.repeat(4)}`
const never = { reboot: 'never' } as const

function stateOf(name: string): DesiredState {
  const secrets = [new Secret('API_KEY_1', `key-of-${name}`)]
  const { settings } = fleet
  return desiredState({ device: deviceOf(fleet, name), settings, release: { image }, secrets })
}

function converged(name: string): Observed {
  const state = stateOf(name)
  const after = applied(state, planDevice(state, blankDevice, never), blankDevice)
  return { ...after, rebootRequired: false }
}

function withRest(name: string, text: string): Observed {
  const seen = converged(name)
  const before = seen.files.get(environmentPath)?.content ?? ''
  const changed = before.replace(/^LOG_LEVEL=.*$/m, text)
  return {
    ...seen,
    files: new Map(seen.files).set(environmentPath, seenFile(environmentPath, changed, '0600')),
  }
}

function shown(
  seen: Readonly<Record<string, Observed>>,
  rest: Partial<FleetPlan> = {},
  diff: 'full' | 'short' = 'full',
): string {
  const devices = Object.entries(seen).map(([name, observed]) =>
    planDevice(stateOf(name), observed, never),
  )
  const plan = {
    fleet: 'lab',
    image,
    imageAsWritten: 'registry.example/server:1',
    devices,
    failed: [],
    warnings: [],
    ...rest,
  }
  return formatPlan(plan, fleet.devices, { diff, wayOn: (code) => `the way on after ${code}` })
    .map(({ text }) => text)
    .join('\n')
}

test('the same change on several devices is shown once', () => {
  const text = shown({
    'pi-ntp-01': withRest('pi-ntp-01', 'LOG_LEVEL=debug'),
    'pi-ntp-02': withRest('pi-ntp-02', 'LOG_LEVEL=debug'),
    'pi-gps-01': converged('pi-gps-01'),
  })
  assert.equal(
    text,
    `Fleet lab: 3 devices, image registry.example/server@sha256:0123456789ab…

pi-ntp-[01-02] (2)
  ~ change file /opt/mcp-utc-time-server/.env
        NTP_PORT=123
      - LOG_LEVEL=debug
      + LOG_LEVEL=info
        RUST_LOG=info
  ~ start container  (/opt/mcp-utc-time-server/.env changes)

Time service: at most 1 of 3 serving devices away at once; one after another: pi-ntp-[01-02].
Plan: 0 to create, 4 to change, 0 to remove on 2 devices; 1 unchanged.`,
  )
})

test('the lines can be left out', () => {
  const text = shown({ 'pi-ntp-01': withRest('pi-ntp-01', 'LOG_LEVEL=debug') }, {}, 'short')
  assert.equal(
    text,
    `Fleet lab: 1 device, image registry.example/server@sha256:0123456789ab…

pi-ntp-01
  ~ change file /opt/mcp-utc-time-server/.env
  ~ start container  (/opt/mcp-utc-time-server/.env changes)

Time service: at most 1 of 1 serving devices away at once; one after another: pi-ntp-01.
Plan: 0 to create, 2 to change, 0 to remove on 1 device; 0 unchanged.`,
  )
})

test('devices that could not be looked at, warnings and a fleet without changes', () => {
  const failure = { code: 'timeout', detail: 'no answer within 10 s' } as const
  const text = shown(
    { 'pi-ntp-01': converged('pi-ntp-01') },
    { failed: [{ device: 'pi-ntp-02', failure }], warnings: ['pi-ntp-01: something to know'] },
  )
  assert.equal(
    text,
    `Fleet lab: 2 devices, image registry.example/server@sha256:0123456789ab…

? pi-ntp-02: not planned (timeout)
    no answer within 10 s
    -> the way on after timeout

warning: pi-ntp-01: something to know
Time service: not touched.
No changes: 1 up to date; 1 unknown.`,
  )
})

test('a blank device is set up with one line for its packages', () => {
  const text = shown({ 'pi-ntp-01': blankDevice }, {}, 'short')
  assert.match(text, /^ {2}\+ install package git, docker\.io, docker-compose$/m)
  assert.match(text, /^ {2}\+ create file \/opt\/mcp-utc-time-server\/\.env$/m)
  assert.match(text, /^ {2}~ disable service systemd-timesyncd\.service {2}\(two programs must/m)
  assert.match(text, /nothing is served yet, so all devices are set up side by side\.$/m)
})
