import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { embeddedImages } from './images.ts'
import { startEmbeddedFleet } from './start.ts'
import { ssh, type Reachable } from './test/ssh-client.ts'
import { until } from './test/temporary-fleet.ts'

const compose = [
  'services:',
  '  mcp-utc-time:',
  `    image: ${embeddedImages.first.ref}`,
  '    container_name: mcp-utc-time',
].join('\\n')

/** Starts a container, and a process that has left its session; prints the ids of both. */
const startSome = `set -e; mkdir -p "$TIMEBALL_ROOT/opt/x"; cd "$TIMEBALL_ROOT/opt/x"
printf '${compose}\\n' >docker-compose.yml
docker compose up -d
docker inspect --format '{{.State.Pid}}' mcp-utc-time
setsid sh -c 'echo $$ >detached; exec sleep 300' >/dev/null 2>&1 </dev/null &
until [ -s detached ]; do sleep 0.05; done; cat detached`

/** Whether it still runs: a process that is over but was not waited for yet does not. */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return status !== '' && !/^\d+ \(.*\) Z/s.test(status)
}

async function startedPids(fleet: Reachable): Promise<number[]> {
  const { stdout, stderr } = await ssh(fleet, 'pi-gps-01', startSome)
  const pids = stdout.trim().split('\n').map(Number)
  assert.ok(pids.length === 2 && pids.every((pid) => pid > 1), stdout + stderr)
  return pids
}

const oneDevice = {
  devices: [{ name: 'pi-gps-01', group: 'stratum1', ntpServers: [] }],
} as const

async function inFolder(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'tb-'))
  try {
    await work(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

test('stopping a fleet ends its containers and what sessions have left behind', async () => {
  await inFolder(async (directory) => {
    const fleet = await startEmbeddedFleet({ ...oneDevice, directory })
    const pids = await startedPids(fleet)
    await fleet.stop()
    for (const pid of pids) await until(`${pid} is over`, async () => !(await isRunning(pid)))
  })
})

test('a container ends when the process of its fleet is killed', async () => {
  await inFolder(async (directory) => {
    const program = join(import.meta.dirname, 'test/fleet-process.ts')
    const child = spawn(process.execPath, [program, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [container = 0, detached = 0] = await startedPids(await fleetOf(child, directory))
    try {
      child.kill('SIGKILL')
      await until('the container is over', async () => !(await isRunning(container)))
    } finally {
      process.kill(detached, 'SIGKILL')
    }
  })
})

async function fleetOf(child: ChildProcess, directory: string): Promise<Reachable> {
  assert.ok(child.stdout)
  const [chunk] = await once(child.stdout, 'data')
  const [address = '', port = ''] = String(chunk).trim().split(' ')
  return {
    privateKeyFile: join(directory, 'keys/id_ed25519'),
    knownHostsFile: join(directory, 'known_hosts'),
    device: () => ({ address, sshPort: Number(port) }),
  }
}

test('several fleets run at once on one machine', async () => {
  await inFolder(async (directory) => {
    const fleets = await Promise.all(
      ['a', 'b', 'c'].map((name) => startEmbeddedFleet({ directory: join(directory, name) })),
    )
    try {
      const names = fleets.map((fleet) =>
        ssh(fleet, 'pi-ntp-02', 'cat "$TIMEBALL_ROOT/etc/hostname"'),
      )
      const results = await Promise.all(names)
      assert.deepEqual(
        results.map(({ stdout }) => stdout),
        ['pi-ntp-02\n', 'pi-ntp-02\n', 'pi-ntp-02\n'],
      )
    } finally {
      await Promise.all(fleets.map((fleet) => fleet.stop()))
    }
  })
})
