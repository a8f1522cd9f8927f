/**
 * Well-known ways to get a fleet of time servers wrong, each with what Timeball does instead. The
 * checks look at what a device would get, from an inventory as operators write it.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prepare, type Prepared } from '../src/app/prepare.ts'
import { applyManifest } from '../src/core/bundle/bundle.ts'
import * as paths from '../src/core/desired/paths.ts'
import { revealContent, type Resource } from '../src/core/desired/resource.ts'
import { blankDevice } from '../src/core/plan/blank-device.ts'
import { applyOrder } from '../src/core/plan/fleet-plan.ts'
import type { Observed } from '../src/core/plan/observed.ts'
import { planDevice } from '../src/core/plan/plan-device.ts'
import { finalFiles } from '../src/core/plan/plan-files.ts'
import { planOffline } from '../src/app/assemble-plan.ts'
import { buildFrom, fleetOf, guideInventory, inventoryOf, shownProblems } from './make-fleet.ts'
import { applied, seenFile, seenService } from './observed.ts'
import { quietOutside, resolvedImage } from './outside.ts'

const { signal } = new AbortController()
const never = { reboot: 'never' } as const

async function preparedWith(
  inventory: string,
  environment: Readonly<Record<string, string>>,
): Promise<Awaited<ReturnType<typeof prepare>>> {
  const fleet = fleetOf(inventory)
  const outside = quietOutside(environment)
  return await prepare(fleet, fleet.devices, outside, { mode: 'change', signal })
}

async function guide(): Promise<Prepared> {
  const made = await preparedWith(guideInventory, { API_KEY_1: 'a-good-key-0001' })
  assert.ok(made.ok)
  return made.value
}

const prepared = await guide()
const everyName = prepared.devices.map(({ name }) => name)

function resources(name: string): readonly Resource[] {
  return prepared.states.get(name)?.resources ?? []
}

function fileText(name: string, path: string): string {
  const file = resources(name).find((each) => each.kind === 'file' && each.path === path)
  assert.ok(file?.kind === 'file', `${name} gets no ${path}`)
  return revealContent(file.content)
}

function planOf(name: string, observed: Observed): ReturnType<typeof planDevice> {
  const state = prepared.states.get(name)
  assert.ok(state !== undefined)
  return planDevice(state, observed, never)
}

function converged(name: string): Observed {
  const state = prepared.states.get(name)
  assert.ok(state !== undefined)
  return { ...applied(state, planOf(name, blankDevice), blankDevice), rebootRequired: false }
}

function actions(name: string, observed: Observed): string[] {
  return planOf(name, observed).changes.map(({ action, resource }) => `${action} ${resource}`)
}

function allTexts(): string[] {
  return everyName.flatMap((name) =>
    finalFiles(prepared.states.get(name) ?? { device: name, resources: [] }, blankDevice).map(
      ({ content }) => revealContent(content),
    ),
  )
}

const traps: readonly { readonly trap: string; readonly check: () => void | Promise<void> }[] = [
  {
    trap: 'a YAML boolean is written as True, which the server takes for no',
    check() {
      assert.match(
        fileText('pi-gps-01', paths.environmentPath),
        /^ENABLE_GPS=yes\nENABLE_PPS=yes$/m,
      )
      assert.match(fileText('pi-ntp-01', paths.environmentPath), /^ENABLE_GPS=no\nENABLE_PPS=no$/m)
    },
  },
  {
    trap: 'the text ${API_KEY} lands in the file instead of the key',
    async check() {
      for (const text of ['${FLEET_API_KEY_1}', '$API_KEY_1', '{{ api_key }}']) {
        assert.equal((await preparedWith(guideInventory, { API_KEY_1: text })).ok, false, text)
      }
      // `${NAME}` in the compose file is read by Compose from .env, and is no text of ours.
      for (const text of allTexts()) {
        const own = text.replaceAll(/^      ([A-Z_]+): "\$\{\1\}"$/gm, '')
        assert.doesNotMatch(own, /\$\{|\{\{/)
      }
    },
  },
  {
    trap: 'a key that is not set is written as nothing, and opens the door',
    async check() {
      for (const environment of [{}, { API_KEY_1: '' }]) {
        assert.equal((await preparedWith(guideInventory, environment)).ok, false)
      }
    },
  },
  {
    trap: 'one key opens the whole fleet',
    async check() {
      const keys = Object.fromEntries(
        everyName.map((name) => [
          `API_KEY_1_${name.toUpperCase().replaceAll('-', '_')}`,
          `key-of-${name}-0001`,
        ]),
      )
      const made = await preparedWith(guideInventory, keys)
      assert.ok(made.ok)
      assert.equal(new Set(made.value.secrets.map((secret) => secret.reveal())).size, 4)
    },
  },
  {
    trap: 'the boot configuration is looked for at its old place',
    check() {
      for (const path of ['/boot/firmware/config.txt', '/boot/config.txt']) {
        const seen = { ...blankDevice, bootConfig: seenFile(path, '', '0755') }
        assert.ok(actions('pi-gps-01', seen).includes(`update file:${path}`))
      }
    },
  },
  {
    trap: 'the template of gpsd is named and never given',
    check() {
      const text = fileText('pi-gps-01', paths.gpsdDefaultsPath)
      assert.match(text, /^DEVICES="\/dev\/serial0 \/dev\/pps0"$/m)
      assert.match(text, /^GPSD_OPTIONS="-n"$/m)
    },
  },
  {
    trap: 'a tag such as :latest means another image on each device',
    check() {
      for (const name of everyName) {
        assert.ok(
          resources(name).some((each) => each.kind === 'image' && each.ref === resolvedImage),
        )
        assert.match(fileText(name, paths.composePath), /image: ".*@sha256:[0-9a-f]{64}"/)
      }
      for (const text of allTexts()) assert.doesNotMatch(text, /:latest/)
    },
  },
  {
    trap: 'compose files have a version key and name a program that is gone',
    check() {
      for (const name of everyName) {
        assert.doesNotMatch(fileText(name, paths.composePath), /^version:/m)
      }
    },
  },
  {
    trap: 'a container is restarted after its .env changed, and goes on with the old one',
    check() {
      const seen = converged('pi-ntp-01')
      const file = seenFile(paths.environmentPath, 'LOG_LEVEL=debug\n', '0600')
      const files = new Map(seen.files).set(paths.environmentPath, file)
      assert.deepEqual(actions('pi-ntp-01', { ...seen, files }), [
        `update file:${paths.environmentPath}`,
        `up compose:${paths.projectDirectory}`,
      ])
    },
  },
  {
    trap: 'a compose file lists device nodes that a role does not have, and nothing starts',
    check() {
      for (const name of everyName) {
        assert.doesNotMatch(fileText(name, paths.composePath), /devices:|\/dev\//)
      }
    },
  },
  {
    trap: 'the container is privileged',
    check() {
      for (const name of everyName) {
        const text = fileText(name, paths.composePath)
        assert.doesNotMatch(text, /privileged/)
        assert.match(text, /cap_drop: \[ALL\]/)
      }
    },
  },
  {
    trap: 'shared memory of a gpsd on the host is invisible in the container',
    check() {
      assert.match(fileText('pi-gps-01', paths.composePath), /^ {4}ipc: host$/m)
      assert.doesNotMatch(fileText('pi-ntp-01', paths.composePath), /ipc:/)
    },
  },
  {
    trap: 'the container has one name in the compose file and another in the commands',
    check() {
      for (const name of everyName) {
        assert.match(fileText(name, paths.composePath), /^ {4}container_name: mcp-utc-time$/m)
        const compose = resources(name).find((each) => each.kind === 'compose')
        assert.ok(compose?.kind === 'compose' && compose.container === 'mcp-utc-time')
      }
    },
  },
  {
    trap: 'names of the inventory do not resolve on a device',
    check() {
      const text = fileText('pi-ntp-01', paths.environmentPath)
      assert.match(text, /^NTP_SERVERS=192\.168\.1\.101,192\.168\.1\.102$/m)
    },
  },
  {
    trap: 'two sources give no majority, and nobody says so',
    check() {
      assert.ok(
        prepared.fleet.warnings.some(
          ({ device, text }) => device === 'pi-ntp-01' && text.startsWith('2 sources give no maj'),
        ),
      )
    },
  },
  {
    trap: 'sources that smear leap seconds are mixed with others',
    check() {
      const mixed = ['ansible_host: 192.0.2.1', 'ntp_servers: time.cloudflare.com,time.google.com']
      const { warnings } = fleetOf(inventoryOf({ a: mixed }))
      assert.match(
        warnings.map(({ text }) => text).join(),
        /time\.google\.com smears leap seconds, the/,
      )
      for (const { ntpServers } of fleetOf(inventoryOf({ a: ['ansible_host: 192.0.2.1'] }))
        .devices) {
        assert.doesNotMatch(ntpServers.join(), /google|amazon|aws|facebook/)
      }
    },
  },
  {
    trap: 'an undisciplined clock announces itself as stratum 1',
    check() {
      const inventory = inventoryOf({ a: ['ansible_host: 192.0.2.1', 'stratum: 1'] })
      assert.match(
        shownProblems(buildFrom(inventory)).join(),
        /stratum 1 would let an undisciplined/,
      )
      for (const name of everyName) {
        assert.match(fileText(name, paths.environmentPath), /^LOCAL_STRATUM=1[0-5]$/m)
      }
    },
  },
  {
    trap: 'timesyncd steers the same clock',
    check() {
      const service = 'systemd-timesyncd.service'
      for (const name of everyName) {
        const seen = converged(name)
        const services = new Map(seen.services).set(service, seenService(service))
        assert.deepEqual(actions(name, { ...seen, services }), [`disable service:${service}`])
      }
    },
  },
  {
    trap: 'the .env with the keys is open to all users of the device',
    check() {
      for (const name of everyName) {
        const file = resources(name).find(
          (each) => each.kind === 'file' && each.path === paths.environmentPath,
        )
        assert.ok(file?.kind === 'file' && file.mode === '0600')
        const seen = converged(name)
        const open = { ...(seen.files.get(file.path) ?? seenFile(file.path, '')), mode: '0644' }
        const files = new Map(seen.files).set(file.path, open)
        assert.ok(actions(name, { ...seen, files }).includes(`update file:${file.path}`))
      }
    },
  },
  {
    trap: 'the container starts before the receiver, its wires and its daemon are there',
    check() {
      const kinds = resources('pi-gps-01').map((each) =>
        each.kind === 'service' ? each.name : each.kind,
      )
      const last = (kind: string): number => kinds.lastIndexOf(kind)
      assert.ok(last('line') < last('compose') && last('gpsd.service') < last('compose'))
    },
  },
  {
    trap: 'a loop loses its list after the first device',
    check() {
      const plan = planOffline(prepared, never)
      assert.deepEqual(
        plan.devices.map(({ device }) => device),
        everyName,
      )
    },
  },
  {
    trap: 'sources are changed before their followers, and all at once',
    check() {
      const devices = everyName.map((name) => {
        const services = new Map(converged(name).services)
        const containers = converged(name).containers
        return planOf(name, { ...blankDevice, services, containers })
      })
      const plan = { ...planOffline(prepared, never), devices }
      const { together, oneByOne } = applyOrder(plan, prepared.fleet.devices)
      assert.deepEqual(together, [])
      assert.deepEqual(
        oneByOne.map(({ device }) => device),
        ['pi-ntp-01', 'pi-ntp-02', 'pi-gps-01', 'pi-gps-02'],
      )
    },
  },
  {
    trap: 'devices reboot because a line changed, all at the same moment',
    check() {
      const plan = planOf('pi-gps-01', blankDevice)
      assert.equal(plan.reboot, 'pending')
      assert.ok(!plan.changes.some(({ action }) => action === 'reboot'))
    },
  },
  {
    trap: 'everything on all devices is upgraded on the way',
    check() {
      for (const name of everyName) {
        for (const change of actions(name, blankDevice)) assert.doesNotMatch(change, /upgrade/)
        assert.deepEqual(actions(name, converged(name)), [])
      }
    },
  },
  {
    trap: 'an unfinished file is there when the connection is cut',
    check() {
      const state = prepared.states.get('pi-ntp-01')
      assert.ok(state !== undefined)
      const plan = planDevice(state, blankDevice, never)
      const input = { desired: state, observed: blankDevice, plan, confirmSeconds: 120 }
      const lines = applyManifest(
        { ...input, stateDigest: '0'.repeat(64) },
        { id: 'op', nonce: '0'.repeat(32), epoch: 1 },
      )
      const files = lines.filter((line) => line.startsWith('file '))
      assert.equal(files.length, 2)
      for (const line of files) assert.match(line, /^file \d [0-9a-f]{64} 0[0-7]{3} absent \//)
    },
  },
  {
    trap: 'the port of the metrics is taken by another program of the same host',
    check() {
      const ports = ['ansible_host: 192.0.2.1', 'metrics_port: 9101', 'http_port: 8300']
      const [device] = fleetOf(inventoryOf({ a: ports })).devices
      assert.deepEqual([device?.metricsPort, device?.httpPort], [9101, 8300])
    },
  },
]
for (const { trap, check } of traps) test(`not a trap any more: ${trap}`, check)
