/** What `observe` must report, under any shell. */
import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync } from 'node:fs'
import { describe, test } from 'node:test'
import { toObserved } from '../report.ts'
import type { TestDevice, ShellName } from './device.ts'
import { sha256 } from './device.ts'
import { contentsOf, head, image, newDevice, paths, settledDevice } from './site.ts'

const release = contentsOf('a')

function observe(device: TestDevice, lines: readonly string[]) {
  const manifest = [...head('observe'), ...lines]
  const report = device.run(manifest).report()
  const observed = toObserved(report)
  assert.ok(observed.ok, 'observe ends well')
  return { ...observed.value, lines: report.lines }
}

function json(level: string, message: string): string {
  return JSON.stringify({ time: '2026-01-01T00:00:00.000Z', level, message })
}

export function observeSuite(shell: ShellName): void {
  describe(`observe under ${shell}`, () => {
    test('a device without Timeball is generation 0, and stays untouched', (t) => {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      const seen = observe(device, ['watch-package git', 'watch-package jq', 'watch-disk /'])
      assert.equal(seen.hostname, 'pi-gps-01')
      assert.equal(seen.os, 'debian 13')
      assert.equal(seen.generation, 0)
      assert.equal(seen.state, null)
      assert.deepEqual(
        [...seen.packages],
        [
          ['git', '1:2.47.2-0.2'],
          ['jq', null],
        ],
      )
      assert.ok((seen.disks.get('/')?.sizeBytes ?? 0) > 0)
      assert.equal(device.read('/var/lib/timeball'), null)
    })

    test('a container made by hand, its image, and the version that it is labelled with', (t) => {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      device.write('/world/containers/time', 'running none id-1 sha256:1 0\n')
      const look = () => observe(device, ['watch-container time']).containers.get('time')
      assert.deepEqual(
        [look()?.imageName, look()?.project, look()?.versionLabel],
        ['time:1', 'time', null],
      )
      device.write('/world/by-hand/time', 'always\n')
      device.write('/world/labels/time', '1.0%22%7C%1B+x\n')
      assert.deepEqual([look()?.project, look()?.versionLabel], [null, '1.0"| x'])
      device.write('/world/labels/time', '50%\n')
      assert.equal(look()?.versionLabel, '50%')
    })

    test('files, services, the container and the image of a settled device', (t) => {
      const device = settledDevice(shell, release)
      t.after(() => device.dispose())
      const seen = observe(device, [
        `watch-file ${paths.gpsd} text`,
        'watch-file /etc/nothing text',
        'watch-boot-config',
        'watch-service gpsd.service',
        'watch-service none.service',
        'watch-service systemd-timesyncd.service',
        'watch-container none',
        'watch-container time',
        'watch-image none',
        `watch-image ${image}`,
      ])
      assert.equal(seen.generation, 1)
      assert.equal(seen.state, sha256(JSON.stringify(release)))
      assert.deepEqual(seen.files.get(paths.gpsd), {
        path: paths.gpsd,
        state: 'file',
        mode: '0644',
        digest: sha256(seen.nonce + release.gpsd),
        content: release.gpsd,
      })
      assert.equal(seen.files.get('/etc/nothing')?.state, 'absent')
      assert.equal(seen.bootConfig?.content, release.boot)
      assert.equal(seen.services.get('gpsd.service')?.active, 'active')
      assert.equal(seen.services.get('none.service')?.load, 'not-found')
      assert.equal(seen.services.get('systemd-timesyncd.service')?.enabled, 'disabled')
      assert.equal(seen.containers.get('none')?.state, 'absent')
      const container = seen.containers.get('time')
      assert.equal(container?.state, 'running')
      assert.equal(container?.activated, true)
      assert.equal(seen.images.get('none'), null)
      assert.equal(seen.images.get(image), container?.imageId)
      assert.equal(seen.rebootRequired, true)
      device.boot()
      assert.equal(observe(device, []).rebootRequired, false)
    })

    test('secrets of an env file come back as keyed digests only', (t) => {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      const env = [
        'API_KEY_1=secret-1',
        'api_token = secret-2',
        '# DB_PASSWORD=secret-3',
        '# a comment',
        '',
        'LOG_LEVEL=info',
        'EMPTY_KEY=',
        'left over from a long secret-4',
        'SECRET="secret-5"',
      ]
      device.write('/opt/.env', env.join('\n'), 0o600)
      const seen = observe(device, ['watch-file /opt/.env env'])
      const mask = (value: string) => `#${sha256(seen.nonce + value)}`
      assert.deepEqual(seen.files.get('/opt/.env')?.content?.split('\n'), [
        `API_KEY_1=${mask('secret-1')}`,
        `api_token =${mask(' secret-2')}`,
        `# DB_PASSWORD=${mask('secret-3')}`,
        '# a comment',
        '',
        'LOG_LEVEL=info',
        `EMPTY_KEY=${mask('')}`,
        mask('left over from a long secret-4'),
        `SECRET=${mask('"secret-5"')}`,
      ])
      assert.equal(seen.files.get('/opt/.env')?.digest, sha256(seen.nonce + env.join('\n')))
      assert.equal(JSON.stringify(seen.lines).includes('secret-'), false)
    })

    test('links, folders and large files are told apart, without their content', (t) => {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      const large = 'x'.repeat(70_000)
      device.write('/etc/large', large)
      device.write('/etc/after', 'after\n')
      symlinkSync('/etc/passwd', device.path('/etc/link'))
      mkdirSync(device.path('/etc/folder'))
      const names = ['link', 'large', 'folder', 'after']
      const seen = observe(
        device,
        names.map((name) => `watch-file /etc/${name} text`),
      )
      assert.deepEqual(
        [...seen.files.values()].map(({ state, content }) => [state, content]),
        [
          ['symlink', null],
          ['file', null],
          ['directory', null],
          ['file', 'after\n'],
        ],
      )
      assert.equal(seen.files.get('/etc/large')?.digest, sha256(seen.nonce + large))
      assert.equal(seen.files.get('/etc/after')?.digest, sha256(`${seen.nonce}after\n`))
    })

    test('the errors in a log are counted, and only those of the time that was asked for', (t) => {
      const device = settledDevice(shell, release)
      t.after(() => device.dispose())
      const log = [
        `400 ${json('error', 'long ago')}`,
        `61 ${json('error', 'a minute ago')}`,
        `60 ${json('error', 'cannot bind')}`,
        `59 ${json('ERROR', 'on standard error')}`,
        `58 ${json('fatal', 'worse')}`,
        `57 ${json('info', 'no error, only the word; "level":"error" is quoted')}`,
        '56 ntpd: fatal: no time',
        '55 Error: spawn ntpd ENOENT',
        '54 \\377 panic',
        '53 0 errors, errorless, panicky',
        `52 ${json('warn', 'not yet')}`,
      ]
      device.write('/world/logs/time', `${log.join('\n')}\n`)
      const seen = observe(device, ['watch-log time 60', 'watch-log none 60'])
      assert.deepEqual([...seen.logs], [['time', { seconds: 60, lines: 9, errors: 6 }]])
      device.write('/world/logs/time', '')
      const quiet = observe(device, ['watch-log time 60'])
      assert.deepEqual([...quiet.logs], [['time', { seconds: 60, lines: 0, errors: 0 }]])
    })

    test('of a log without end so many lines are read', (t) => {
      const device = settledDevice(shell, release)
      t.after(() => device.dispose())
      device.write('/world/logs/time', `1 error ${'x'.repeat(10_000)}\n`.repeat(450))
      const seen = observe(device, ['watch-log time 60']).logs.get('time')
      assert.ok(seen !== undefined && seen.lines > 400 && seen.lines < 450)
      assert.equal(seen.errors, seen.lines)
      assert.ok(device.log().includes('docker logs --since 60s --tail 10000 time'))
    })

    test('a Docker daemon that does not answer is unknown, not absent', (t) => {
      const device = settledDevice(shell, release)
      t.after(() => device.dispose())
      device.write('/world/docker-down', '')
      const lines = ['watch-container time', `watch-image ${image}`, 'watch-log time 60']
      const seen = observe(device, lines)
      assert.equal(seen.containers.get('time')?.state, 'unknown')
      assert.equal(seen.logs.size, 0)
      assert.equal(seen.images.get(image), null)
    })
  })
}
