import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fleetOf } from '../../../test/make-fleet.ts'
import type { DevicePlan } from './change.ts'
import { applyOrder, countChanges, type FleetPlan } from './fleet-plan.ts'

const fleet = fleetOf()

const quiet: DevicePlan = {
  device: '',
  changes: [],
  notes: [],
  baseGeneration: 1,
  pending: null,
  interruptsService: false,
  isServing: true,
  isBusy: false,
  reboot: 'none',
  files: [],
}
const up: DevicePlan['changes'] = [
  { resource: 'compose:/x', action: 'up', because: null, diff: [] },
]
const restarting = { changes: up, interruptsService: true }

function planOf(devices: readonly DevicePlan[]): FleetPlan {
  return { fleet: 'f', image: 'a', imageAsWritten: 'a', devices, failed: [], warnings: [] }
}

function namesOf(plans: readonly DevicePlan[]): string[] {
  return plans.map(({ device }) => device)
}

function order(devices: readonly DevicePlan[]): { together: string[]; oneByOne: string[] } {
  const { together, oneByOne } = applyOrder(planOf(devices), fleet.devices)
  return { together: namesOf(together), oneByOne: namesOf(oneByOne) }
}

const names = fleet.devices.map(({ name }) => name)

test('serving devices wait for each other, followers before the sources they follow', () => {
  assert.deepEqual(order(names.map((device) => ({ ...quiet, ...restarting, device }))), {
    together: [],
    oneByOne: ['pi-ntp-01', 'pi-ntp-02', 'pi-gps-01', 'pi-gps-02'],
  })
})

test('devices that serve nothing yet are set up side by side', () => {
  const blank = { ...quiet, ...restarting, isServing: false }
  assert.deepEqual(order(names.map((device) => ({ ...blank, device }))), {
    together: names,
    oneByOne: [],
  })
})

test('a change that interrupts nothing needs no waiting', () => {
  const plan = { ...quiet, changes: up, device: 'pi-gps-01' }
  assert.deepEqual(order([plan]), { together: ['pi-gps-01'], oneByOne: [] })
})

test('a device without changes that has to go back has work, and waits', () => {
  const plan = { ...quiet, pending: 3, interruptsService: true, device: 'pi-gps-01' }
  assert.deepEqual(order([plan]), { together: [], oneByOne: ['pi-gps-01'] })
})

test('every device with work is in the order once, and serving ones never side by side', () => {
  const device = fc.record({
    device: fc.constantFrom(...names),
    isServing: fc.boolean(),
    interruptsService: fc.boolean(),
    pending: fc.constantFrom(null, 2),
    changes: fc.constantFrom(up, []),
  })
  const devices = fc.uniqueArray(device, { selector: (each) => each.device })
  fc.assert(
    fc.property(devices, (drawn) => {
      const plans = drawn.map((each) => ({ ...quiet, ...each }))
      const { together, oneByOne } = order(plans)
      const working = plans.filter(({ changes, pending }) => changes.length > 0 || pending !== null)
      assert.deepEqual(
        [...together, ...oneByOne].toSorted(),
        working.map((each) => each.device).toSorted(),
      )
      const isBusy = ({ device, isServing, interruptsService }: DevicePlan): boolean =>
        together.includes(device) && isServing && interruptsService
      assert.equal(plans.some(isBusy), false)
    }),
  )
})

test('changes are counted by whether they make something new', () => {
  const plan = planOf([
    {
      ...quiet,
      device: 'a',
      changes: [...up, { resource: 'package:git', action: 'install', because: null, diff: [] }],
    },
    { ...quiet, device: 'b' },
    { ...quiet, device: 'c', pending: 1 },
  ])
  const failed = [{ device: 'd', failure: { code: 'timeout', detail: '' } } as const]
  assert.deepEqual(countChanges({ ...plan, failed }), {
    create: 1,
    change: 1,
    devices: 2,
    unchanged: 1,
    failed: 1,
  })
})
