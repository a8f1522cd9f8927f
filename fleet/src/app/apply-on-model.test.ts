/** What acts on devices, on the model of the applier: nothing here waits for a real clock. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ok } from '@timeball/lib/result.ts'
import { fleetOf } from '../../test/make-fleet.ts'
import { quietOutside, resolvedImage } from '../../test/outside.ts'
import type { DeviceOutcome } from '../core/plan/event.ts'
import { DeviceModel } from '../engines/memory/device-model.ts'
import { memoryEngine } from '../engines/memory/memory-engine.ts'
import { applyFleet } from './apply-fleet.ts'
import { openLink, type Link } from './link.ts'
import { reachOf, type Outside, type Run } from './outside.ts'
import { planFleet, type PlannedDevice } from './plan-fleet.ts'
import { prepare } from './prepare.ts'

const fleet = fleetOf(undefined, 'apply: { settle_timeout: 0s, confirm_timeout: 2m }\n')
const names = fleet.devices.map(({ name }) => name)
const never = { reboot: 'never' } as const
const confirmMs = fleet.settings.apply.confirm_timeout

const newer = resolvedImage.replaceAll('a'.repeat(64), 'b'.repeat(64))

interface Site {
  readonly outside: Outside
  device(name: string): DeviceModel
  /** Time goes on by so much. */
  pass(ms: number): void
  /** `meanwhile`: between its plan and its changes. */
  apply(image?: string, meanwhile?: () => Promise<void>): Promise<readonly DeviceOutcome[]>
  /** An apply of which nobody hears any more, once the device is at work on it. */
  cutOff(name: string, image: string): Promise<void>
  planned(name: string, image?: string): Promise<{ planned: PlannedDevice; link: Link }>
}

function newSite(): Site {
  let now = 0
  let image = resolvedImage
  const models = new Map(names.map((name) => [name, new DeviceModel(name, () => now)]))
  const run: Run = {
    stop: new AbortController().signal,
    abort: new AbortController().signal,
    emit: () => {},
  }
  const outside = quietOutside(
    { API_KEY_1: 'canary-key-000001' },
    {
      engine: memoryEngine(new Map([...models].map(([name, { answer }]) => [name, answer]))),
      resolveImage: () => Promise.resolve(ok(image)),
      nowMs: () => now,
      wait: (ms) => {
        now += ms
        return Promise.resolve()
      },
    },
  )
  const plan = async (of: string) => {
    image = of
    const prepared = await prepare(fleet, fleet.devices, outside, {
      mode: 'change',
      signal: run.abort,
    })
    assert.ok(prepared.ok)
    return await planFleet(prepared.value, never, outside, run)
  }
  const device = (name: string): DeviceModel => {
    const found = models.get(name)
    assert.ok(found !== undefined)
    return found
  }
  return {
    outside,
    device,
    pass: (ms) => {
      now += ms
    },
    async apply(of = resolvedImage, meanwhile) {
      const planned = await plan(of)
      await meanwhile?.()
      return await applyFleet(
        {
          fleet,
          planned,
          policy: never,
          epoch: 1,
          origin: 'aaaaaaaa',
          changedElsewhere: new Map(),
        },
        outside,
        run,
      )
    },
    async cutOff(name, of) {
      const planned = (await plan(of)).devices.get(name)
      assert.ok(planned !== undefined)
      const gone = new AbortController()
      const leaving = { ...outside, wait: async () => gone.abort() }
      const reach = reachOf(fleet, leaving, gone.signal)
      device(name).cut = 'during'
      await openLink(planned.device, reach, { epoch: () => 1, confirmMs }).apply(planned, applying)
    },
    async planned(name, of = resolvedImage) {
      const planned = (await plan(of)).devices.get(name)
      assert.ok(planned !== undefined)
      const authority = { epoch: () => 1, confirmMs }
      return {
        planned,
        link: openLink(planned.device, reachOf(fleet, outside, run.abort), authority),
      }
    },
  }
}

function statuses(outcomes: readonly DeviceOutcome[]): string[] {
  return outcomes.map(({ status, failure }) =>
    failure === null ? status : `${status} ${failure.code}`,
  )
}

const all = (text: string): string[] => names.map(() => text)
const [first = ''] = names
const applying = { proveWayBack: true, onLine: () => {} }

test('an apply makes every device so, confirmed, and the next one changes nothing', async () => {
  const site = newSite()
  assert.deepEqual(statuses(await site.apply()), all('changed'))
  for (const name of names) {
    const {
      image,
      state: { current: generation, pending },
    } = site.device(name)
    assert.deepEqual(
      { image, generation, pending },
      { image: resolvedImage, generation: 1, pending: null },
    )
  }
  assert.deepEqual(statuses(await site.apply()), all('unchanged'))
})

test('what was not confirmed is reverted by the clock of the device, or when it starts anew', async () => {
  for (const end of ['timer', 'reboot'] as const) {
    const site = newSite()
    await site.apply()
    const { planned, link } = await site.planned(first, newer)
    assert.ok((await link.apply(planned, applying)).ok)
    const device = site.device(first)
    assert.deepEqual([device.image, device.state.pending], [newer, 2])
    if (end === 'timer') {
      site.pass(confirmMs - 1)
      assert.equal(device.state.pending, 2)
      site.pass(1)
    } else device.powerCycle()
    assert.deepEqual(
      [device.image, device.state.pending, device.state.current],
      [resolvedImage, null, 1],
    )
    const late = await link.confirm(2)
    assert.equal(late.ok ? 'ok' : late.failure.code, 'unconfirmed')
  }
})

test('a connection that is cut after the change is no second change', async () => {
  const site = newSite()
  await site.apply()
  site.device(first).cut = 'after'
  assert.deepEqual(statuses(await site.apply(newer)), all('changed'))
  assert.deepEqual(site.device(first).state.done, ['apply', 'confirm', 'apply', 'confirm'])
})

for (const seenBy of ['the plan', 'the change'] as const) {
  test(`what an apply that was cut off still does is waited for, when ${seenBy} meets it`, async () => {
    const site = newSite()
    await site.apply()
    const cutOff = (): Promise<void> => site.cutOff(first, newer)
    if (seenBy === 'the plan') await cutOff()
    const meanwhile = seenBy === 'the plan' ? undefined : cutOff
    assert.deepEqual(statuses(await site.apply(newer, meanwhile)), all('changed'))
    const { image, state } = site.device(first)
    assert.deepEqual([image, state.pending], [newer, null])
    const ends = ['apply', 'confirm', 'apply', 'revert', 'apply', 'confirm']
    assert.deepEqual(state.done, ends)
  })
}

test('a full disk, or an image that is not there, leaves a device as it was', async () => {
  const troubles: Readonly<Record<string, (device: DeviceModel) => void>> = {
    'no-space': (device) => (device.isDiskFull = true),
    'image-failed': (device) => (device.canPull = (image) => image !== newer),
    'compose-failed': (device) => (device.canRun = (image) => image !== newer),
  }
  for (const [code, happen] of Object.entries(troubles)) {
    const site = newSite()
    await site.apply()
    for (const name of names) happen(site.device(name))
    const outcomes = statuses(await site.apply(newer))
    assert.ok(outcomes.includes(`failed ${code}`), outcomes.join())
    assert.ok(outcomes.includes('not-reached'), 'those after it are left alone')
    for (const name of names) {
      const {
        image,
        state: { pending, current: generation },
      } = site.device(name)
      assert.deepEqual([image, pending, generation], [resolvedImage, null, 1])
    }
  }
})

test('a controller that was overtaken changes nothing', async () => {
  const site = newSite()
  await site.apply()
  const { planned, link } = await site.planned(first, newer)
  site.device(first).seeEpoch(7)
  const applied = await link.apply(planned, applying)
  assert.equal(applied.ok ? 'ok' : applied.failure.code, 'fenced')
  assert.equal(site.device(first).image, resolvedImage)
})

test('a rollback needs no confirmation, and one that failed is gone on with', async () => {
  const site = newSite()
  await site.apply()
  await site.apply(newer)
  const device = site.device(first)
  const { planned, link } = await site.planned(first, newer)
  device.canRun = () => false
  const failed = await link.activate(1, planned.state)
  assert.equal(failed.ok ? 'ok' : failed.failure.code, 'step-failed')
  assert.deepEqual([device.state.returning, device.state.pending], [3, null])
  device.canRun = () => true
  site.pass(60_000)
  assert.deepEqual(
    [device.image, device.state.returning, device.state.current],
    [resolvedImage, null, 3],
  )
})

const fault = fc.constantFrom(
  'none',
  'offline',
  'cut before',
  'cut after',
  'full',
  'bad image',
  'power',
)

test('whatever happens, nothing stays pending, no device keeps a bad release, one more apply is enough', async () => {
  const many = fc.array(fc.array(fault, { minLength: names.length, maxLength: names.length }), {
    minLength: 1,
    maxLength: 4,
  })
  await fc.assert(
    fc.asyncProperty(many, async (rounds) => {
      const site = newSite()
      await site.apply()
      for (const faults of rounds) {
        names.forEach((name, index) => strike(site.device(name), faults[index] ?? 'none'))
        await site.apply(newer)
        names.forEach((name, index) => {
          const device = site.device(name)
          if (faults[index] === 'power') device.powerCycle()
          assert.notEqual(device.image, null, 'it serves')
          if (faults[index] === 'bad image') assert.ok(device.canRun(device.image ?? ''))
        })
      }
      for (const name of names) strike(site.device(name), 'none')
      site.pass(confirmMs)
      for (const name of names) assert.equal(site.device(name).state.pending, null)
      await site.apply(newer)
      for (const name of names) {
        const {
          image,
          state: { pending },
        } = site.device(name)
        assert.deepEqual([name, image, pending], [name, newer, null])
      }
    }),
    { numRuns: 60 },
  )
})

function strike(device: DeviceModel, what: string): void {
  device.isOnline = what !== 'offline'
  device.cut = what === 'cut before' ? 'before' : what === 'cut after' ? 'after' : null
  device.isDiskFull = what === 'full'
  device.canRun =
    what === 'bad image' && device.image !== newer ? (image) => image !== newer : () => true
}
