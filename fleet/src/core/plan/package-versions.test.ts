/** `packages:` of fleet.yaml, from the text to the plan and the manifest. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceOf, fleetOf, settingsOf, shownProblems } from '../../../test/make-fleet.ts'
import { applied } from '../../../test/observed.ts'
import { applyManifest } from '../bundle/bundle.ts'
import { desiredState } from '../desired/desired-state.ts'
import type { DesiredState } from '../desired/resource.ts'
import { parseSettings } from '../settings/whole-settings.ts'
import { blankDevice } from './blank-device.ts'
import { formatPlan } from './format-plan.ts'
import type { Observed } from './observed.ts'
import { planDevice } from './plan-device.ts'

const fleet = fleetOf()
const never = { reboot: 'never' } as const
const image = `registry.example/server@sha256:${'a'.repeat(64)}`

function stateOf(name: string, settings = ''): DesiredState {
  const input = { device: deviceOf(fleet, name), settings: settingsOf(settings), secrets: [] }
  return desiredState({ ...input, release: { image } })
}

function has(state: DesiredState, packages: Readonly<Record<string, string>>): Observed {
  const device = applied(state, planDevice(state, blankDevice, never), blankDevice)
  const versions = new Map([...device.packages, ...Object.entries(packages)])
  return { ...device, rebootRequired: false, packages: versions }
}

const pinned = 'packages: { gpsd: "3.25-5", tcpdump: "4.99.5-2" }'

function packagesOf(name: string) {
  return stateOf(name, pinned).resources.filter(({ kind }) => kind === 'package')
}

test('versions are for the packages that a device has anyway, and others are added to all', () => {
  assert.deepEqual(packagesOf('pi-gps-01'), [
    { kind: 'package', name: 'git' },
    { kind: 'package', name: 'docker.io' },
    { kind: 'package', name: 'docker-compose' },
    { kind: 'package', name: 'gpsd', version: '3.25-5' },
    { kind: 'package', name: 'gpsd-tools' },
    { kind: 'package', name: 'pps-tools' },
    { kind: 'package', name: 'tcpdump', version: '4.99.5-2' },
  ])
  assert.deepEqual(
    packagesOf('pi-ntp-01').map((resource) => resource.kind === 'package' && resource.name),
    ['git', 'docker.io', 'docker-compose', 'tcpdump'],
  )
})

test('another version is shown with both, and interrupts the time service', () => {
  const state = stateOf('pi-gps-01', pinned)
  const plan = planDevice(state, has(state, { gpsd: '3.25-4' }), never)
  assert.deepEqual(plan.changes, [
    { resource: 'package:gpsd', action: 'update', because: '3.25-4 -> 3.25-5', diff: [] },
  ])
  assert.equal(plan.interruptsService, true)
  const rest = { fleet: 'lab', image, imageAsWritten: image, failed: [], warnings: [] }
  const text = formatPlan({ ...rest, devices: [plan] }, fleet.devices, {
    diff: 'short',
    wayOn: String,
  })
  assert.ok(text.some((line) => line.text === '  ~ change package gpsd  (3.25-4 -> 3.25-5)'))
})

test('a package at its version, or without one, is left alone', () => {
  const state = stateOf('pi-gps-01', pinned)
  const seen = has(state, { gpsd: '3.25-5', git: '1:2.47.2-0.2' })
  assert.deepEqual(planDevice(state, seen, never).changes, [])
})

test('a package that is missing is installed at its version', () => {
  const state = stateOf('pi-gps-01', pinned)
  const plan = planDevice(state, { ...has(state, {}), packages: new Map() }, never)
  const rest = { fleet: 'lab', image, imageAsWritten: image, failed: [], warnings: [] }
  const [line] = formatPlan({ ...rest, devices: [plan] }, fleet.devices, {
    diff: 'short',
    wayOn: String,
  }).filter(({ text }) => text.includes('install'))
  assert.match(line?.text ?? '', /docker-compose, gpsd 3\.25-5, gpsd-tools/)
  assert.equal(plan.interruptsService, false)
})

test('the device is told the version', () => {
  const state = stateOf('pi-gps-01', pinned)
  const input = { observed: blankDevice, stateDigest: 'f'.repeat(64), confirmSeconds: 60 }
  const plan = planDevice(state, blankDevice, never)
  const operation = { id: 'op-1', nonce: 'f'.repeat(32), epoch: 1 }
  const lines = applyManifest({ ...input, desired: state, plan }, operation)
  assert.ok(lines.includes('package gpsd 3.25-5'))
  assert.ok(lines.includes('package gpsd-tools'))
})

for (const [what, text] of [
  ['a name with an option in it', 'packages: { -y: "1" }'],
  ['a name that means to remove', 'packages: { git-: "1" }'],
  ['a name with a version in it', 'packages: { "git=1": "1" }'],
  ['a version with a blank', 'packages: { git: "1 2" }'],
  ['a version that ends like an order to remove', 'packages: { git: "1.0-" }'],
  ['a version that is a number', 'packages: { git: 3.25 }'],
  ['a wildcard', 'packages: { git: "1.*" }'],
] as const) {
  test(`${what} is refused`, () => {
    const [problem, ...rest] = shownProblems(parseSettings('fleet.yaml', text))
    assert.match(problem ?? '', /^fleet\.yaml:1:\d+: packages.*wanted/)
    assert.deepEqual(rest, [])
  })
}
