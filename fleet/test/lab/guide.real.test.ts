/**
 * The guide's fleet on virtual Pis with real systemd, sshd, Docker, gpsd and ntpd: deployed from
 * nothing, changed, and hurt. Needs root on Debian. The tests build on each other, in this order.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  gatewayAddress,
  guideDevices,
  mirrorAddress,
  registryAddress,
  type LabDevice,
} from '@timeball/lab/pis/devices.ts'
import { docker } from '@timeball/lab/pis/engine.ts'
import { labDown } from '@timeball/lab/pis/lab-down.ts'
import { piContainer } from '@timeball/lab/pis/pi-container.ts'
import { must, run, waitFor } from '@timeball/lab/pis/run.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { sshArgs } from '@timeball/lab/pis/ssh.ts'
import { asksFirst, exitsOf, pageCommands, writePageFiles } from '../from-ansible-page.ts'
import { applyToLab } from './apply-to-lab.ts'
import { copyOfGuide, type Ended, freshLab, timeball } from './command-line.ts'
import { restoreSuite } from './restore-suite.ts'
import { askFrom } from './rollout-fleet.ts'

const paths = labPaths(process.env)
let folder = ''

function device(name: string): LabDevice {
  const found = guideDevices.find((each) => each.name === name)
  assert.ok(found)
  return found
}

function on(name: string, command: string): Promise<string> {
  return must(sshArgs(paths, device(name), command))
}

async function isUp(name: string): Promise<boolean> {
  return (await run(sshArgs(paths, device(name), 'docker version >/dev/null'))).code === 0
}

function fleet(...args: readonly string[]): readonly string[] {
  return [...args, '-i', join(folder, 'inventory.yml')]
}

function succeeded(ended: Ended): string {
  assert.equal(ended.exit, 0, `${ended.stdout}\n${ended.stderr}`)
  return ended.stdout
}

/** Rewrites a line of the copied inventory. */
function change(from: string, to: string): void {
  const path = join(folder, 'inventory.yml')
  const text = readFileSync(path, 'utf8')
  assert.ok(text.includes(from), from)
  writeFileSync(path, text.replace(from, to))
}

before(
  async () => {
    await freshLab()
    folder = copyOfGuide()
  },
  { timeout: 900_000 },
)
after(async () => {
  await labDown({ onProgress: () => {}, purge: 'no' })
  if (folder !== '') rmSync(folder, { recursive: true })
})

test('the guide’s fleet comes up from nothing, with one command', async () => {
  const stdout = await applyToLab(folder)
  assert.match(stdout, /nothing is served yet, so all devices are set up side by side/)
  assert.match(stdout, /Apply: 4 changed\./)
  const state = await on('pi-gps-01', 'sudo stat -c "%a %U" /opt/mcp-utc-time-server/.env')
  assert.equal(state, '600 root\n')
})

test('a second apply changes nothing and says so', async () => {
  const stdout = succeeded(await timeball(fleet('apply', '--yes')))
  assert.match(stdout, /No changes: 4 up to date\./)
  succeeded(await timeball(fleet('plan', '--detailed-exitcode')))
})

test('all serve good time: stratum 1 from the receiver, stratum 2 from stratum 1', async () => {
  // A daemon's first answers leave it a root distance of nearly a second.
  let stdout = ''
  await waitFor('all devices to be well', 90_000, async () => {
    const ended = await timeball(fleet('health', '--json'))
    stdout = ended.stdout
    return ended.exit === 0 && !stdout.includes('"degraded"')
  })
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const seen = lines
    .filter(({ type }) => type === 'health')
    .map(({ device, verdict, stratum, refid }) => ({ device, verdict, stratum, refid }))
  assert.deepEqual(
    seen.map(({ device, verdict, stratum }) => `${device} ${verdict} ${stratum}`),
    ['pi-gps-01 ok 1', 'pi-gps-02 ok 1', 'pi-ntp-01 ok 2', 'pi-ntp-02 ok 2'],
    stdout,
  )
  assert.match(seen[0]?.refid, /^(GPS|PPS)$/)
  assert.match(seen[2]?.refid, /^192\.168\.1\.10[12]$/)
})

test('docs/from-ansible.md: each command works as it stands there', async (context) => {
  writePageFiles(folder)
  for (const command of pageCommands) {
    // One device shows it: four would take their turns for minutes.
    const one = /^(?:restart|reboot)$/.test(command) ? ' pi-ntp-02' : ''
    const yes = asksFirst.test(command) ? ' --yes' : ''
    await context.test(command, async () => {
      const words = `-C ${folder} ${command.replace(/(?= -- |$)/, `${one}${yes}`)}`.split(' ')
      const { exit, stdout, stderr } = await timeball(words)
      assert.ok(exitsOf(command).includes(exit ?? -1), `${exit}: ${stdout}\n${stderr}`)
    })
  }
  assert.equal(await on('pi-ntp-01', 'cat /tmp/motd'), 'hello\n')
})

test('boot configuration is changed in the file that is the real one', async () => {
  const wanted = 'dtoverlay=pps-gpio,gpiopin=4'
  assert.match(
    await on('pi-gps-01', 'cat /boot/firmware/config.txt'),
    new RegExp(`^${wanted}$`, 'm'),
  )
  assert.doesNotMatch(await on('pi-gps-01', 'cat /boot/config.txt'), /pps-gpio/)
})

// A server answers one client no more than a sweep in a while.
for (const [shiftMs, asker] of [
  [5, registryAddress],
  [50, mirrorAddress],
  [1000, gatewayAddress],
] as const) {
  test(`a server that is ${shiftMs} ms off on the wire is named, with its size, by one sweep`, async () => {
    const wrong = copyOfGuide()
    writeFileSync(
      join(wrong, 'inventory.yml'),
      readFileSync(join(wrong, 'inventory.yml'), 'utf8').replace(
        'ansible_host: 192.168.1.101',
        `ansible_host: 192.168.1.101\n          ntp_port: ${shiftedPort}`,
      ),
    )
    // Two stratum 1 servers contradict each other; the lab's one kernel clock is the third vote.
    const settings = readFileSync(join(wrong, 'fleet.yaml'), 'utf8')
    writeFileSync(
      join(wrong, 'fleet.yaml'),
      settings.replace('discipline: false', 'discipline: false\n  references: [controller]'),
    )
    const stop = await shiftClockOf('pi-gps-01', shiftMs / 1000)
    await askFrom(asker)
    const ended = await timeball(['clock', '--json', '-i', join(wrong, 'inventory.yml')])
    await stop()
    rmSync(wrong, { recursive: true })
    const result = JSON.parse(ended.stdout.trim().split('\n').at(-1) ?? '{}')
    const seen = new Map(result.servers.map((server: ClockRow) => [server.device, server]))
    const accused = seen.get('pi-gps-01')
    assert.ok(isClockRow(accused))
    // A server may claim to be no better than 5 ms; then it lies not, and is warned of by its offset.
    const isNamed = accused.faults.some(({ fault }) => fault === 'offset')
    const isFalse = accused.verdict === 'falseticker'
    assert.ok(isFalse || (shiftMs === 5 && isNamed), ended.stdout)
    if (isFalse) assert.equal(ended.exit, 5)
    const missedSeconds = Math.abs(accused.offset_seconds - shiftMs / 1000)
    // Offsets are against the fleet's time, which is itself known within bounds only.
    const knownSeconds = (result.time.high_seconds - result.time.low_seconds) / 2
    assert.ok(missedSeconds <= accused.error_seconds + knownSeconds, ended.stdout)
  })
}

const shiftedPort = 1123

interface ClockRow {
  readonly device: string
  readonly verdict: string
  readonly offset_seconds: number
  readonly error_seconds: number
  readonly faults: readonly { readonly fault: string }[]
}

function isClockRow(value: unknown): value is ClockRow {
  return typeof value === 'object' && value !== null && 'verdict' in value
}

/** Starts a forwarder on the device; the returned function ends it. */
async function shiftClockOf(name: string, seconds: number): Promise<() => Promise<void>> {
  const script = readFileSync(join(import.meta.dirname, 'shift-ntp.py'), 'utf8')
  await must(sshArgs(paths, device(name), 'cat > shift-ntp.py'), { input: script })
  const start = `nohup python3 shift-ntp.py ${shiftedPort} ${seconds} > shift.log 2>&1 & echo $! > shift.pid`
  await on(name, start)
  await waitFor(
    'the forwarder',
    10_000,
    async () => (await on(name, 'cat shift.log')) === 'ready\n',
  )
  return async () => {
    await on(name, 'kill "$(cat shift.pid)"')
  }
}

test('one variable changes one device, and there only what depends on it', async () => {
  const other = await on('pi-ntp-01', 'docker inspect -f {{.Id}} mcp-utc-time')
  change(
    'ansible_host: 192.168.1.202\n          ntp_servers: "pi-gps-01,pi-gps-02"',
    'ansible_host: 192.168.1.202\n          ntp_servers: "pi-gps-02,pi-gps-01"',
  )
  const ended = await timeball(fleet('apply', '--yes', '--json'))
  const records = succeeded(ended)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(records.at(-1).changed, ['pi-ntp-02'])
  const resources = records
    .filter(({ type, change: kind }) => type === 'resource' && kind !== 'none')
    .map(({ device: name, resource }) => `${name} ${resource}`)
  assert.deepEqual(resources, [
    'pi-ntp-02 file:/opt/mcp-utc-time-server/.env',
    'pi-ntp-02 compose:/opt/mcp-utc-time-server',
  ])
  assert.equal(await on('pi-ntp-01', 'docker inspect -f {{.Id}} mcp-utc-time'), other)
})

test('a dead device is named and the others are done; @failed runs it again', async () => {
  await docker(paths, ['kill', piContainer(device('pi-ntp-01'))])
  change('pps_gpio: 4', 'pps_gpio: 18')
  const ended = await timeball(fleet('apply', '--yes'))
  assert.equal(ended.exit, 3)
  assert.match(ended.stdout, /pi-gps-01 +changed/)
  assert.match(ended.stdout, /pi-ntp-01 +failed .*check power, network/)
  await docker(paths, ['start', piContainer(device('pi-ntp-01'))])
  await waitFor('pi-ntp-01 after its power cut', 60_000, () => isUp('pi-ntp-01'))
  const again = succeeded(await timeball(fleet('apply', '--yes', '--limit', '@failed')))
  assert.match(again, /1 device/)
})

test('a host key that changed is refused before anything is sent', async () => {
  const file = join(folder, '.timeball/known_hosts')
  const right = readFileSync(file, 'utf8')
  const [first, second] = right.split('\n').filter((line) => /^192\.168\.1\.20[12],/.test(line))
  assert.ok(first && second)
  const key = second.split(' ').slice(1).join(' ')
  writeFileSync(file, right.replaceAll(first.split(' ').slice(1).join(' '), key))
  await closeConnections()
  const ended = await timeball(fleet('plan', 'pi-ntp-01'))
  writeFileSync(file, right)
  assert.equal(ended.exit, 3)
  assert.match(ended.stdout, /pi-ntp-01: not planned \(host-key-changed\)/)
})

/** Shared connections outlive a command, and a live one is not asked for its key again. */
async function closeConnections(): Promise<void> {
  const sockets = await must([
    'sh',
    '-c',
    `ls ${process.env['XDG_RUNTIME_DIR'] ?? '/tmp'}/timeball-0`,
  ])
  for (const socket of sockets.split('\n').filter((name) => name !== '')) {
    const path = join(process.env['XDG_RUNTIME_DIR'] ?? '/tmp', 'timeball-0', socket)
    await run(['ssh', '-o', `ControlPath=${path}`, '-O', 'exit', 'anything'])
  }
}

test('a full disk changes nothing, and says so', async () => {
  await on('pi-ntp-02', 'sudo mount -t tmpfs -o size=4k tmpfs /var/lib/timeball/generations')
  change('ntp_servers: "pi-gps-02,pi-gps-01"', 'ntp_servers: "pi-gps-01"')
  const ended = await timeball(fleet('apply', '--yes'))
  await on('pi-ntp-02', 'sudo umount /var/lib/timeball/generations')
  assert.equal(ended.exit, 3, ended.stdout)
  assert.match(ended.stdout, /pi-ntp-02 +failed .*make room on the device/)
  assert.match(
    await on('pi-ntp-02', 'sudo cat /opt/mcp-utc-time-server/.env'),
    /=192.168.1.102,192/,
  )
})

test('a connection that is cut in the middle does not stop the change', async () => {
  const cut: Promise<void>[] = []
  const ended = await timeball(fleet('apply', '--yes'), {
    onMessage(line, pid) {
      if (line !== 'pi-ntp-02: applying') return
      cut.push(waitFor('an ssh client to end', 5_000, async () => killSshOf(pid)))
    },
  })
  await Promise.all(cut)
  assert.equal(cut.length, 1)
  assert.match(succeeded(ended), /pi-ntp-02 +changed/)
  succeeded(await timeball(fleet('plan', '--detailed-exitcode')))
})

/** The line of proc(5), `/proc/PID/stat`; empty when the process is gone. */
function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return ''
  }
}

/** Ends the ssh clients that a process started itself. */
function killSshOf(pid: number): boolean {
  const clients = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => /^\d+ \(ssh\) \S (\d+)/.exec(statOf(name))?.[1] === String(pid))
  for (const client of clients) process.kill(Number(client), 'SIGKILL')
  return clients.length > 0
}

const cuts = ['applying', 'confirming', 'settling']
for (const [index, phase] of cuts.entries()) {
  test(`power that fails while ${phase} leaves a whole generation`, async () => {
    const servers = ['pi-gps-02,pi-gps-01', 'pi-gps-01,pi-gps-02', 'pi-gps-02'][index] ?? ''
    const path = join(folder, 'inventory.yml')
    const text = readFileSync(path, 'utf8')
    const at = text.lastIndexOf('ntp_servers:')
    writeFileSync(path, text.slice(0, at) + text.slice(at).replace(/"[^"]*"/, `"${servers}"`))
    const before = await contents()
    const args = fleet('apply', '--yes', '--limit', 'pi-ntp-02')
    const cut: Promise<unknown>[] = []
    const ended = await timeball(args, {
      onMessage(line) {
        if (line === `pi-ntp-02: ${phase}`) {
          cut.push(cutPower('pi-ntp-02'))
        }
      },
    })
    await Promise.all(cut)
    assert.equal(cut.length, 1, ended.stderr)
    await waitFor('pi-ntp-02 after its power cut', 60_000, () => isUp('pi-ntp-02'))
    await waitFor('its generation to be decided', 60_000, async () => {
      const files = await on('pi-ntp-02', 'sudo ls /var/lib/timeball')
      return !files.split('\n').includes('pending')
    })
    const afterwards = await contents()
    if (phase === 'settling') assert.notEqual(afterwards, before)
    if (afterwards !== before) assert.ok(afterwards.includes(addressesOf(servers)))
    succeeded(await timeball(args))
    succeeded(await timeball(fleet('plan', '--detailed-exitcode')))
  })
}

restoreSuite(device('pi-ntp-01'), () => folder)

/** Off at once, and on again. */
async function cutPower(name: string): Promise<void> {
  await docker(paths, ['kill', piContainer(device(name))])
  await docker(paths, ['start', piContainer(device(name))])
}

function contents(): Promise<string> {
  return on('pi-ntp-02', 'cd /opt/mcp-utc-time-server && sudo cat docker-compose.rpi.yml .env')
}

function addressesOf(names: string): string {
  const addresses = names.split(',').map((name) => device(name).address)
  return `NTP_SERVERS=${addresses.join(',')}\n`
}
