/**
 * Quick looks: they answer as a look in full would, and never when anything has changed. Under any
 * shell.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import type { Observed } from '../../core/plan/observed.ts'
import { toObserved } from '../report.ts'
import type { TestDevice, ShellName } from './device.ts'
import { contentsOf, head, image, paths, settledDevice } from './site.ts'

const files = [paths.gpsd, paths.ntp, paths.env, paths.compose] as const
const watched = [
  'watch-package ntpsec',
  'watch-package git',
  `watch-image ${image}`,
  ...files.map((path) => `watch-file ${path} ${path.endsWith('.env') ? 'env' : 'text'}`),
  'watch-file /etc/nothing text',
  'watch-service systemd-timesyncd.service',
  'watch-service gpsd.service',
  'watch-container time',
  'watch-boot-config',
  'watch-disk /',
]

interface Look {
  readonly isQuick: boolean
  readonly observed: unknown
}

/** Without what is another each time: nonce, digests and masks, uptime, ages, the room on the disk. */
function comparable(observed: Observed): unknown {
  const { nonce: _, uptimeSeconds: __, epochAgeSeconds: ___, ...told } = observed
  const { disks, files: seen, bootConfig, ...rest } = told
  return {
    ...rest,
    disks: [...disks.keys()],
    files: [...seen.values(), bootConfig].map((file) => ({
      ...file,
      digest: null,
      content: file?.content?.replaceAll(/#[0-9a-f]{64}/g, '#'),
    })),
  }
}

function look(device: TestDevice, word = 'remember', asked: readonly string[] = watched): Look {
  const run = device.deliver([...head('observe'), ...asked, word])
  const observed = toObserved(run.report())
  assert.ok(observed.ok)
  const isQuick = run.lines.some(({ type }) => type === 'unchanged')
  return { isQuick, observed: comparable(observed.value) }
}

type Change = (device: TestDevice) => void
/** What the device is changed at, to be put back afterwards; and how. */
interface Event {
  readonly path: string
  readonly change: Change
}

/** As long as before, and with the times of before. */
function forge(path: string): Change {
  return (device) => {
    const file = device.path(path)
    const { atime, mtime } = lstatSync(file)
    writeFileSync(file, readFileSync(file, 'utf8').replace(/[a-z](?=\n)/, 'Z'))
    utimesSync(file, atime, mtime)
  }
}

const isRoot = process.getuid?.() === 0
const unit = '/world/units/gpsd.service'
const container = '/world/containers/time'
const state = '/var/lib/timeball'

function inContainer(field: number, value: string): Event {
  const change: Change = (device) => {
    const fields = device.read(container)?.trim().split(' ') ?? []
    device.write(container, `${fields.with(field, value).join(' ')}\n`)
  }
  return { path: container, change }
}

function rewritten(path: string, content: string): Event {
  return { path, change: (device) => device.write(path, content) }
}

function gone(path: string): Event {
  return { path, change: (device) => device.remove(path) }
}

function behindLink(path: string): Event {
  const change: Change = (device) => {
    device.remove(`${path}.moved`)
    renameSync(device.path(path), device.path(`${path}.moved`))
    symlinkSync(device.path(`${path}.moved`), device.path(path))
  }
  return { path, change }
}

function eventsOf(path: string): readonly (readonly [string, Event])[] {
  const mode: Change = (device) => chmodSync(device.path(path), 0o640)
  const owner: Change = (device) => chownSync(device.path(path), 1, 1)
  return [
    [`${path} with other content, as long and with its old times`, { path, change: forge(path) }],
    [`${path} with another mode`, { path, change: mode }],
    ...(isRoot ? ([[`${path} of another owner`, { path, change: owner }]] as const) : []),
    [`${path} gone`, gone(path)],
    [`${path} behind a link`, behindLink(path)],
  ]
}

const imagePath = `/world/images/${image.replaceAll('/', '_')}`
const manifestPath = `${state}/generations/1/manifest`

/** What may happen to a device. */
const events = new Map<string, Event>([
  ...[paths.gpsd, paths.env, paths.boot].flatMap((path) => eventsOf(path)),
  ['a file that was not there', rewritten('/etc/nothing', '')],
  ['the container stopped', inContainer(0, 'exited')],
  ['the container paused', inContainer(0, 'paused')],
  ['the container unhealthy', inContainer(1, 'unhealthy')],
  ['the container replaced', inContainer(2, 'id-other')],
  ['the container with another image', inContainer(3, 'sha256:other')],
  ['the container restarted by its policy', inContainer(4, '1')],
  ['the container restarted', rewritten('/world/started/time', 'again')],
  ['the container gone', gone(container)],
  ['another image', rewritten(imagePath, 'sha256:other')],
  ['no image', gone(imagePath)],
  ['a service stopped', rewritten(unit, 'loaded inactive enabled\n')],
  ['a service failed', rewritten(unit, 'loaded failed enabled\n')],
  ['a service disabled', rewritten(unit, 'loaded active disabled\n')],
  ['a service gone', gone(unit)],
  ['a service restarted', rewritten('/world/invocations/gpsd.service', 'second')],
  ['the Docker daemon restarted', rewritten('/run/docker.pid', '4711')],
  ['another boot', rewritten('/proc/boot_id', 'another\n')],
  ['another name', rewritten('/etc/hostname', 'pi-gps-02\n')],
  ['another system', rewritten('/etc/os-release', 'ID=debian\nVERSION_ID="14"\n')],
  ['another generation', rewritten(`${state}/current`, '7\n')],
  ['an unconfirmed generation', rewritten(`${state}/pending`, '2 1 op\n')],
  ['a higher epoch', rewritten(`${state}/epoch`, '99\n')],
  ['a generation that was reverted', rewritten(`${state}/recovered`, '2 1 requested\n')],
  ['a reboot that is needed', rewritten(`${state}/reboot-required`, 'now\n')],
  ['another activated container', rewritten(`${state}/container`, 'other\n')],
  ['another state of a generation', rewritten(manifestPath, `state ${'5'.repeat(64)}\n`)],
])

/** Puts a path of the device back as it is now. */
function keeper(device: TestDevice, path: string): () => void {
  const file = device.path(path)
  if (!existsSync(file)) return () => rmSync(file, { force: true })
  const content = readFileSync(file)
  const { mode, uid, gid } = lstatSync(file)
  return () => {
    rmSync(file, { force: true })
    writeFileSync(file, content)
    chmodSync(file, mode & 0o7777)
    if (isRoot) chownSync(file, uid, gid)
  }
}

export function quickSuite(shell: ShellName): void {
  describe(`quick looks under ${shell}`, () => {
    const device = settledDevice(shell, contentsOf('a'))
    const daemons = spawn(
      process.execPath,
      [join(import.meta.dirname, 'daemons.ts'), device.root],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    before(async () => {
      await once(daemons.stdout, 'data')
    })
    after(async () => {
      daemons.kill()
      await once(daemons, 'close')
      device.dispose()
    })

    test('what was seen in full is told again without a program of the system', () => {
      const full = look(device)
      assert.equal(full.isQuick, false)
      const programs = device.log().length
      assert.deepEqual(look(device), { isQuick: true, observed: full.observed })
      assert.equal(device.log().length, programs)
    })

    test('other questions, and those that want to know it anew, are answered in full', () => {
      look(device)
      assert.equal(look(device, 'remember', watched.slice(1)).isQuick, false)
      assert.equal(look(device).isQuick, false)
      assert.equal(look(device, 'remember-anew').isQuick, false)
      assert.equal(look(device).isQuick, true)
    })

    for (const [what, { path, change }] of events) {
      test(`${what} is noticed`, () => {
        const putBack = keeper(device, path)
        look(device)
        assert.equal(look(device).isQuick, true)
        change(device)
        const full = look(device)
        assert.equal(full.isQuick, false)
        assert.deepEqual(look(device), { isQuick: true, observed: full.observed })
        putBack()
        assert.equal(look(device).isQuick, false)
      })
    }

    for (const [what, edit] of [
      ['a day ago', (seconds: number) => seconds - 86_400],
      ['in what is the future now', (seconds: number) => seconds + 60],
    ] as const) {
      for (const [clock, field] of [
        ['by the uptime', 2],
        ['by the clock', 3],
      ] as const) {
        test(`what was seen ${what}, ${clock}, is not told again`, () => {
          look(device)
          const [meta = '', ...rest] = device.read('/run/timeball/look')?.split('\n') ?? []
          const fields = meta.split(' ')
          const seen = fields.with(field, `${edit(Number(fields[field]))}`)
          device.write('/run/timeball/look', [seen.join(' '), ...rest].join('\n'), 0o600)
          assert.equal(look(device).isQuick, false)
        })
      }
    }

    test('nothing is remembered of a device whose Docker does not answer', () => {
      device.write('/world/docker-down', '')
      device.remove('/run/timeball')
      assert.equal(look(device).isQuick, false)
      assert.equal(look(device).isQuick, false)
      device.remove('/world/docker-down')
      assert.equal(look(device).isQuick, false)
    })

    test('a device without a bus is asked by the socket of systemd', () => {
      const bus = device.path('/run/dbus/system_bus_socket')
      renameSync(bus, `${bus}.moved`)
      device.remove('/run/timeball')
      assert.equal(look(device).isQuick, false)
      assert.equal(look(device).isQuick, true)
      renameSync(`${bus}.moved`, bus)
    })

    test('only root can read what is remembered', () => {
      look(device)
      assert.deepEqual(device.list('/run/timeball'), ['look', 'quick'])
      assert.equal(device.mode('/run/timeball'), '0700')
      assert.equal(device.mode('/run/timeball/look'), '0600')
    })

    test('another package is noticed, and nothing believed that is younger than two seconds', () => {
      const status = '/var/lib/dpkg/status'
      device.write(status, 'Package: git\n')
      assert.equal(look(device).isQuick, false)
      let looks = 0
      while (!look(device).isQuick) looks += 1
      assert.ok(looks > 0)
      device.write('/world/packages/git', '2\n')
      device.write(`${status}-new`, 'Package: gi2\n')
      renameSync(device.path(`${status}-new`), device.path(status))
      assert.equal(look(device).isQuick, false)
      device.remove(status)
    })

    test('whatever happens, a quick look says what a look in full says', () => {
      const all = [...events.values()]
      const steps = fc.array(fc.nat({ max: all.length - 1 }), { minLength: 1, maxLength: 4 })
      fc.assert(
        fc.property(steps, (indices) => {
          const chosen = indices.flatMap((index) => all[index] ?? [])
          const undo = chosen.map(({ path }) => keeper(device, path))
          try {
            for (const { path, change } of chosen) {
              if (device.read(path) !== null) change(device)
              const seen = look(device)
              assert.deepEqual(seen.observed, look(device, 'remember-anew').observed)
            }
          } finally {
            for (const putBack of undo.toReversed()) putBack()
          }
        }),
        { numRuns: 5 },
      )
    })
  })
}
