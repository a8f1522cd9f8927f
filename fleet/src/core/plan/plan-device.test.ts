import { hasWork } from './fleet-plan.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { deviceOf, fleetOf, settingsOf } from '../../../test/make-fleet.ts'
import { applied, seenContainer, seenFile, seenService } from '../../../test/observed.ts'
import { desiredState } from '../desired/desired-state.ts'
import { composePath, environmentPath, gpsdDefaultsPath } from '../desired/paths.ts'
import { Secret } from '../secrets/secret.ts'
import { blankDevice } from './blank-device.ts'
import type { Change } from './change.ts'
import type { Observed, ObservedContainer, ObservedService } from './observed.ts'
import { driftOf, planDevice } from './plan-device.ts'

const fleet = fleetOf()
const image = `ghcr.io/timeball/mcp-utc-time-server@sha256:${'a'.repeat(64)}`
const settings = settingsOf()
const secrets = [new Secret('API_KEY_1', 'canary-key-0001')]
const never = { reboot: 'never' } as const

const gps = desiredState({
  device: deviceOf(fleet, 'pi-gps-01'),
  settings,
  release: { image },
  secrets,
})
const relay = desiredState({
  device: deviceOf(fleet, 'pi-ntp-01'),
  settings,
  release: { image },
  secrets,
})
const converged = applied(gps, planDevice(gps, blankDevice, never), {
  ...blankDevice,
  rebootRequired: false,
})
const good: Observed = { ...converged, rebootRequired: false }

function shown(changes: readonly Change[]): string[] {
  return changes.map(({ resource, action }) => `${action} ${resource.replace(/@sha256.*/, '')}`)
}

test('a blank server with a receiver gets everything, in order', () => {
  assert.deepEqual(shown(planDevice(gps, blankDevice, never).changes), [
    'install package:git',
    'install package:docker.io',
    'install package:docker-compose',
    'install package:gpsd',
    'install package:gpsd-tools',
    'install package:pps-tools',
    'pull image:ghcr.io/timeball/mcp-utc-time-server',
    'update file:/boot/firmware/config.txt',
    `create file:${gpsdDefaultsPath}`,
    `create file:${composePath}`,
    `create file:${environmentPath}`,
    'disable service:systemd-timesyncd.service',
    'restart service:gpsd.service',
    'up compose:/opt/mcp-utc-time-server',
  ])
})

test('a device that has converged is left alone', () => {
  const plan = planDevice(gps, good, never)
  assert.deepEqual(plan.changes, [])
  assert.deepEqual(plan.notes, [])
  assert.deepEqual([plan.isServing, plan.interruptsService, plan.reboot], [true, false, 'none'])
  assert.deepEqual(driftOf(plan), [])
})

function withService(name: string, changes: Partial<ObservedService>): Observed {
  return { ...good, services: new Map(good.services).set(name, seenService(name, changes)) }
}

function withFile(path: string, text: string, mode: string): Observed {
  return { ...good, files: new Map(good.files).set(path, seenFile(path, text, mode)) }
}

const environment = good.files.get(environmentPath)?.content ?? ''
const compose = good.files.get(composePath)?.content ?? ''
const up = 'up compose:/opt/mcp-utc-time-server'

const drifts: readonly { name: string; seen: Observed; changes: readonly string[] }[] = [
  {
    name: 'a package that was removed is installed',
    seen: { ...good, packages: new Map(good.packages).set('gpsd', null) },
    changes: ['install package:gpsd'],
  },
  {
    name: 'an image that was removed is pulled',
    seen: { ...good, images: new Map() },
    changes: ['pull image:ghcr.io/timeball/mcp-utc-time-server'],
  },
  {
    name: 'an edited compose file is written again and brought up',
    seen: withFile(composePath, compose.replace('unless-stopped', 'always'), '0644'),
    changes: [`update file:${composePath}`, up],
  },
  {
    name: 'an edited environment file is written again and brought up, not just restarted',
    seen: withFile(environmentPath, environment.replace('=100', '=200'), '0600'),
    changes: [`update file:${environmentPath}`, up],
  },
  {
    name: 'an environment file that others can read is closed, and the container stays',
    seen: withFile(environmentPath, environment, '0644'),
    changes: [`update file:${environmentPath}`],
  },
  {
    name: 'an environment file that was removed is made',
    seen: { ...good, files: new Map([...good.files].filter(([path]) => path !== environmentPath)) },
    changes: [`create file:${environmentPath}`, up],
  },
  {
    name: 'a folder in the place of a file is said and refused by the device',
    seen: {
      ...good,
      files: new Map(good.files).set(environmentPath, {
        path: environmentPath,
        state: 'directory',
        mode: null,
        digest: null,
        content: null,
      }),
    },
    changes: [`update file:${environmentPath}`, up],
  },
  {
    name: 'gpsd is restarted when its defaults change',
    seen: withFile(gpsdDefaultsPath, 'DEVICES=""\n', '0644'),
    changes: [`update file:${gpsdDefaultsPath}`, 'restart service:gpsd.service'],
  },
  {
    name: 'gpsd that does not run is started',
    seen: withService('gpsd.service', { active: 'failed' }),
    changes: ['restart service:gpsd.service'],
  },
  {
    name: 'gpsd that runs and would be gone after the next boot is enabled',
    seen: withService('gpsd.service', { enabled: 'disabled' }),
    changes: ['restart service:gpsd.service'],
  },
  {
    name: 'timesyncd that runs is disabled',
    seen: withService('systemd-timesyncd.service', {}),
    changes: ['disable service:systemd-timesyncd.service'],
  },
  {
    name: 'timesyncd that would run after the next boot is disabled',
    seen: withService('systemd-timesyncd.service', { active: 'inactive' }),
    changes: ['disable service:systemd-timesyncd.service'],
  },
  {
    name: 'timesyncd that is not there is no difference',
    seen: withService('systemd-timesyncd.service', { load: 'not-found' }),
    changes: [],
  },
  {
    name: 'a container that is gone is brought up',
    seen: { ...good, containers: new Map() },
    changes: [up],
  },
  {
    name: 'a container that exits is brought up',
    seen: { ...good, containers: new Map([['mcp-utc-time', seenContainer({ state: 'exited' })]]) },
    changes: [up],
  },
  {
    name: 'a container that somebody else started is brought up',
    seen: { ...good, containers: new Map([['mcp-utc-time', seenContainer({ activated: false })]]) },
    changes: [up],
  },
  {
    name: 'boot configuration that lost its pulse gets it back',
    seen: {
      ...good,
      bootConfig: seenFile(
        '/boot/firmware/config.txt',
        'enable_uart=1\ndtoverlay=disable-bt\n',
        '0755',
      ),
    },
    changes: ['update file:/boot/firmware/config.txt'],
  },
]
for (const { name, seen, changes } of drifts) {
  test(name, () => assert.deepEqual(shown(planDevice(gps, seen, never).changes), changes))
}

const otherKeys = [
  { name: 'another key', secrets: [new Secret('API_KEY_1', 'another-key-01')] },
  { name: 'a second key', secrets: [...secrets, new Secret('API_KEY_2', 'second-key-02')] },
  { name: 'the second key instead', secrets: [new Secret('API_KEY_2', 'canary-key-0001')] },
]
for (const { name, secrets: wanted } of otherKeys) {
  test(`${name} interrupts nothing: the container reads it while it runs`, () => {
    const device = deviceOf(fleet, 'pi-gps-01')
    const state = desiredState({ device, settings, release: { image }, secrets: wanted })
    const plan = planDevice(state, good, never)
    assert.deepEqual(shown(plan.changes), [`update file:${environmentPath}`])
    assert.equal(plan.interruptsService, false)
  })
}

test('another key together with another setting does interrupt', () => {
  const device = { ...deviceOf(fleet, 'pi-gps-01'), httpPort: 8080 }
  const other = [new Secret('API_KEY_1', 'another-key-01')]
  const state = desiredState({ device, settings, release: { image }, secrets: other })
  const plan = planDevice(state, good, never)
  assert.deepEqual(shown(plan.changes), [`update file:${environmentPath}`, up])
  assert.equal(plan.interruptsService, true)
})

test('boot configuration that changes needs a reboot, which is planned only when allowed', () => {
  const seen = { ...good, bootConfig: seenFile('/boot/firmware/config.txt', '', '0755') }
  const asked = planDevice(gps, seen, never)
  assert.equal(asked.reboot, 'pending')
  assert.deepEqual(asked.notes, ['needs a reboot to take effect: apply with --allow-reboot'])
  const allowed = planDevice(gps, seen, { reboot: 'allow' })
  assert.deepEqual([allowed.reboot, allowed.interruptsService], ['now', true])
  assert.equal(shown(allowed.changes).at(-1), 'reboot reboot')
  assert.deepEqual(driftOf(allowed), ['file:/boot/firmware/config.txt'])
})

test('a reboot that was put off is made up for when it is allowed', () => {
  const seen = { ...good, rebootRequired: true }
  assert.deepEqual(shown(planDevice(gps, seen, never).changes), [])
  assert.deepEqual(shown(planDevice(gps, seen, { reboot: 'allow' }).changes), ['reboot reboot'])
})

test('the old place of the boot configuration is used where it is the real one', () => {
  const seen = { ...good, bootConfig: seenFile('/boot/config.txt', '# Pi OS 11\n', '0755') }
  assert.deepEqual(shown(planDevice(gps, seen, never).changes), ['update file:/boot/config.txt'])
})

const absent = { state: 'absent', mode: null, digest: null, content: null } as const
const oddBoots = [
  {
    name: 'a machine that is no Pi',
    boot: { ...absent, path: '/boot/firmware/config.txt' },
    note: /not a Raspberry Pi/,
  },
  {
    name: 'a boot configuration that is no text',
    boot: { ...seenFile('/boot/firmware/config.txt', '\u0000'), content: null },
    note: /cannot be read as text/,
  },
]
for (const { name, boot, note } of oddBoots) {
  test(`${name} is planned without it, and that is said`, () => {
    const plan = planDevice(gps, { ...good, bootConfig: boot }, never)
    assert.deepEqual(plan.changes, [])
    assert.match(plan.notes.join(), note)
  })
}

test('an unconfirmed generation is said, and going back counts as an interruption', () => {
  const plan = planDevice(gps, { ...good, pending: 4 }, never)
  assert.deepEqual([plan.pending, plan.interruptsService], [4, true])
  assert.match(plan.notes.join(), /generation 4 was never confirmed/)
})

function noteOf(change: Parameters<typeof seenContainer>[0]): string {
  const containers = new Map([['mcp-utc-time', seenContainer({ activated: false, ...change })]])
  return planDevice(gps, { ...good, containers }, never).notes.join()
}

test('a container of its name that was made otherwise is named, with what becomes of it', () => {
  assert.equal(
    noteOf({ project: null, imageName: 'time:old' }),
    'container mcp-utc-time was made by hand (image time:old): it is stopped and kept as mcp-utc-time-aside-1 until the change is confirmed, then removed',
  )
  assert.match(noteOf({ project: 'clocks' }), /is of the compose project clocks: it is stopped/)
  assert.equal(noteOf({}), '')
})

test('what is left of a receiver that the inventory has no more is named; what is not ours is not', () => {
  const seen = { ...good, state: null }
  const { notes, changes } = planDevice(relay, seen, never)
  assert.ok(!changes.some(({ resource }) => resource.includes('gpsd')))
  const [note = ''] = notes
  assert.match(
    note,
    /^left from when it had a receiver: \/etc\/default\/gpsd, gpsd\.service, which runs/,
  )
  assert.match(note, /the lines of the receiver in \/boot\/firmware\/config\.txt/)
  const others = new Map([
    [gpsdDefaultsPath, seenFile(gpsdDefaultsPath, 'DEVICES="/dev/ttyUSB0"\n')],
  ])
  assert.deepEqual(planDevice(relay, { ...seen, files: others }, never).notes, [])
})

test('of a device whose Docker does not answer no image is said to be missing', () => {
  const containers = new Map([['mcp-utc-time', seenContainer({ state: 'unknown' })]])
  const { changes, notes } = planDevice(gps, { ...good, containers, images: new Map() }, never)
  assert.ok(!changes.some(({ action }) => action === 'pull'))
  assert.match(notes.join(), /^Docker does not answer on it/)
})

test('an operation at work is said; what it leaves is planned when it is done', () => {
  const plan = planDevice(gps, { ...good, busy: 'apply of operation op-1, process 7' }, never)
  assert.deepEqual([plan.changes, plan.isBusy, plan.interruptsService], [[], true, true])
  assert.ok(hasWork(plan))
  assert.match(plan.notes.join(), /an operation is at work on it/)
})

test('a device that reverted by itself says so', () => {
  const seen = { ...good, recovered: { generation: 3, reason: 'power-loss' } } as const
  const { notes } = planDevice(gps, seen, never)
  assert.deepEqual(notes, [
    'generation 3 was reverted: the device restarted before it was confirmed',
  ])
})

const pick = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const anyService = fc.record({
  load: pick<ObservedService['load']>('loaded', 'not-found', 'masked'),
  active: pick<ObservedService['active']>('active', 'inactive', 'failed'),
  enabled: pick<ObservedService['enabled']>('enabled', 'disabled', 'static'),
})
const anyText = fc.oneof(pick(environment, compose, 'enable_uart=1\n'), fc.string())
const anyFile = fc.tuple(anyText, pick('0600', '0644'))
const anyObserved: fc.Arbitrary<Observed> = fc
  .record({
    packages: fc.dictionary(pick('git', 'gpsd', 'docker.io'), pick('1', null)),
    files: fc.dictionary(pick(composePath, environmentPath, gpsdDefaultsPath), anyFile),
    boot: fc.option(anyText),
    gpsd: fc.option(anyService),
    timesyncd: fc.option(anyService),
    container: fc.option(
      fc.record({
        state: pick<ObservedContainer['state']>('running', 'exited'),
        activated: fc.boolean(),
      }),
    ),
    image: fc.boolean(),
    rebootRequired: fc.boolean(),
  })
  .map((drawn) => ({
    ...blankDevice,
    rebootRequired: drawn.rebootRequired,
    packages: new Map(Object.entries(drawn.packages)),
    files: new Map(
      Object.entries(drawn.files).map(([path, [text, mode]]) => [path, seenFile(path, text, mode)]),
    ),
    bootConfig: drawn.boot === null ? null : seenFile('/boot/firmware/config.txt', drawn.boot),
    services: new Map([
      ...(drawn.gpsd === null
        ? []
        : [['gpsd.service', seenService('gpsd.service', drawn.gpsd)] as const]),
      ...(drawn.timesyncd === null
        ? []
        : [
            [
              'systemd-timesyncd.service',
              seenService('systemd-timesyncd.service', drawn.timesyncd),
            ] as const,
          ]),
    ]),
    containers:
      drawn.container === null
        ? new Map()
        : new Map([['mcp-utc-time', seenContainer(drawn.container)]]),
    images: drawn.image ? new Map([[image, 'sha256:1']]) : new Map(),
  }))

test('following any plan leaves nothing to plan', () => {
  fc.assert(
    fc.property(anyObserved, pick(gps, relay), (seen, desired) => {
      const plan = planDevice(desired, seen, never)
      const after = applied(desired, plan, seen)
      assert.deepEqual(planDevice(desired, after, never).changes, [])
    }),
    { numRuns: 1000 },
  )
})

test('planning is a function: the same device gives the same plan', () => {
  fc.assert(
    fc.property(anyObserved, (seen) => {
      assert.deepEqual(planDevice(gps, seen, never), planDevice(gps, seen, never))
    }),
  )
})
