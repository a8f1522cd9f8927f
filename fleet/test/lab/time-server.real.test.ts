/**
 * The time server on virtual Pis, as its clients see it: a receiver that is lost, MCP, Prometheus,
 * and keys that change under load. Needs root on Debian, and promtool (package prometheus). The
 * tests build on each other, in this order.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test, type TestContext } from 'node:test'
import { guideDevices, type LabDevice, registryHost } from '@timeball/lab/pis/devices.ts'
import { labDown } from '@timeball/lab/pis/lab-down.ts'
import { namespaceName } from '@timeball/lab/pis/network.ts'
import { must, run, waitFor } from '@timeball/lab/pis/run.ts'
import { serverImageName } from '@timeball/lab/pis/server-image.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { sshArgs } from '@timeball/lab/pis/ssh.ts'
import { z } from 'zod'
import { copyOfGuide, freshLab } from './command-line.ts'
import { applyToLab } from './apply-to-lab.ts'

const paths = labPaths(process.env)
const repository = join(import.meta.dirname, '../../..')
const inNamespace = ['ip', 'netns', 'exec', namespaceName, process.execPath] as const
const [oldKey, newKey] = ['old-key-of-the-lab', 'new-key-of-the-lab'] as const
let folder = ''

const health = z.looseObject({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  reasons: z.array(z.string()),
  ntp: z.looseObject({
    synced: z.boolean().nullable(),
    stratum: z.number().nullable(),
    offset_ms: z.number().nullable(),
    root_dispersion_ms: z.number().nullable(),
    selected: z.looseObject({ address: z.string() }).nullable(),
  }),
})

const peers = z.looseObject({
  peers: z.array(z.looseObject({ address: z.string(), tally: z.string() })),
})

const manifest = z.looseObject({ layers: z.array(z.looseObject({ size: z.number() })) })

function inMegabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}

function device(name: string): LabDevice {
  const found = guideDevices.find((each) => each.name === name)
  assert.ok(found)
  return found
}

function on(name: string, command: string, input = ''): Promise<string> {
  return must(sshArgs(paths, device(name), command), { input })
}

async function healthOf(name: string): Promise<z.infer<typeof health>> {
  return health.parse(JSON.parse(await on(name, 'curl -s localhost:3000/health')))
}

function get(name: string, path: string, key: string): Promise<string> {
  return on(name, `curl -s -H @- localhost:3000${path}`, `X-API-Key: ${key}\n`)
}

function statusWith(name: string, key: string): Promise<string> {
  const command = 'curl -s -o /dev/null -w "%{http_code}" -H @- localhost:3000/api/unix'
  return on(name, command, `X-API-Key: ${key}\n`)
}

async function apply(limit: string, keys: Readonly<Record<string, string>>): Promise<string> {
  return await applyToLab(folder, ['--limit', limit], { environment: keys })
}

before(
  async () => {
    await freshLab()
    folder = copyOfGuide()
    await apply('pi-gps-01,pi-gps-02,pi-ntp-01', { API_KEY_1: oldKey })
  },
  { timeout: 900_000 },
)
after(async () => {
  await labDown({ onProgress: () => {}, purge: 'no' })
  if (folder !== '') rmSync(folder, { recursive: true })
})

test('a receiver makes a stratum 1 with a fix and an offset, and a stratum 2 follows it', async () => {
  const first = await healthOf('pi-gps-01')
  assert.equal(first.status, 'healthy', first.reasons.join())
  assert.equal(first.ntp.stratum, 1)
  assert.equal(typeof first.ntp.offset_ms, 'number')
  const fix = await get('pi-gps-01', '/api/gps/status', oldKey)
  assert.match(fix, /"state":"fix",.*"mode":3,.*"satellites_used":8,/)
  const { ntp } = await healthOf('pi-ntp-01')
  assert.deepEqual([ntp.synced, ntp.stratum], [true, 2])
})

/** How large the image is, and how long its server took to answer on this machine: for people. */
test('the image is below 150 MB compressed; it tells its size and when it began to answer', async (t) => {
  const inspect = 'docker inspect -f "{{.State.StartedAt}} {{.Image}}" mcp-utc-time'
  const [startedAt = '', image = ''] = (await on('pi-ntp-01', inspect)).trim().split(' ')
  const size = Number(await on('pi-ntp-01', `docker image inspect -f "{{.Size}}" ${image}`))
  const url = `http://${registryHost}/v2/${serverImageName}/manifests/1.0.0`
  const accept = 'Accept: application/vnd.docker.distribution.manifest.v2+json'
  const told: unknown = JSON.parse(await on('pi-ntp-01', `curl -fsS -H "${accept}" ${url}`))
  const compressed = manifest.parse(told).layers.reduce((sum, layer) => sum + layer.size, 0)
  const log = await on('pi-ntp-01', 'docker logs mcp-utc-time 2>&1')
  const answersAt = /"time":"([^"]+)","level":"info","message":"time server started"/.exec(log)?.[1]
  assert.ok(answersAt !== undefined && size > 0, log)
  const took = Temporal.Instant.from(startedAt).until(answersAt).total('seconds')
  t.diagnostic(
    `image: ${inMegabytes(size)}, ${inMegabytes(compressed)} compressed, answers after ${took.toFixed(1)} s`,
  )
  assert.ok(compressed > 0 && compressed < 150e6)
})

test('nothing of apt is left in the image, and its programs are listed', async () => {
  const inside = 'docker exec mcp-utc-time'
  const left = await on(
    'pi-ntp-01',
    `${inside} find /var/lib/apt/lists /var/cache/apt /var/cache/debconf /var/log -type f -size +0`,
  )
  assert.equal(left, '')
  const listed = await on('pi-ntp-01', `${inside} dpkg-query -W -f '\${Package} \${Version}\n'`)
  assert.match(listed, /^ntpsec 1\.2\.3/m)
  const labels = await on('pi-ntp-01', 'docker inspect -f "{{json .Config.Labels}}" mcp-utc-time')
  assert.match(labels, /"io\.timeball\.device-contract":"1"/)
  assert.match(labels, /"org\.opencontainers\.image\.version":"1\.0\.0"/)
})

test('nothing can be written to the root of the container, whose memory and processes are limited', async () => {
  const written = await run(
    sshArgs(paths, device('pi-ntp-01'), 'docker exec mcp-utc-time touch /etc/x /opt/x'),
  )
  assert.match(written.stderr, /Read-only file system/)
  const format = '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.CapDrop}}'
  assert.equal(
    await on('pi-ntp-01', `docker inspect -f "${format}" mcp-utc-time`),
    `${256 * 2 ** 20} 100 [ALL]\n`,
  )
})

test('promtool finds fault only with the names that the device contract has', async () => {
  const input = await on('pi-gps-01', 'curl -s localhost:9090/metrics')
  assert.match(input, /^gps_mode 3$/m)
  const { stdout, stderr } = await run(['promtool', 'check', 'metrics'], { input })
  const complaints = `${stdout}${stderr}`.trim().split('\n').toSorted()
  const inMs = ['jitter', 'offset', 'peer_offset', 'root_delay', 'root_dispersion']
  const expected = inMs.map(
    (name) => `ntp_${name}_ms metric names should not contain abbreviated units`,
  )
  assert.deepEqual(complaints, expected)
})

test('without gpsd the first is degraded at once', async () => {
  await on('pi-gps-01', 'sudo systemctl stop gpsd.socket gpsd.service')
  await waitFor('the loss of the receiver', 10_000, async () => {
    const { status, reasons } = await healthOf('pi-gps-01')
    return status === 'degraded' && reasons.some((reason) => reason.startsWith('GPS: gpsd'))
  })
})

/** What the MCP client said that ran beside the devices. */
function useMcp(key: string): ReturnType<typeof run> {
  const program = join(repository, 'time-server/src/test/use-mcp.ts')
  const url = `http://${device('pi-gps-02').address}:3000/mcp`
  return run([...inNamespace, program, url], { input: key })
}

test('an MCP client calls every tool with a key, and is refused without', async () => {
  const used = await useMcp(oldKey)
  assert.equal(used.code, 0, used.stderr)
  const said: unknown = JSON.parse(used.stdout)
  assert.match(JSON.stringify(said), /"get_gps_status":\{"state":"fix"/)
  for (const key of ['', 'another-key']) {
    const refused = await useMcp(key)
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /401|[Uu]nauthorized/)
  }
})

/** Asks steadily until `stop`, which tells how often it got which status. */
async function steadyRequests(
  t: TestContext,
  key: string,
): Promise<{ stop(): Promise<Readonly<Record<string, number>>> }> {
  const [program, ...argv] = inNamespace
  const script = join(import.meta.dirname, 'steady-requests.ts')
  const url = `http://${device('pi-ntp-01').address}:3000/api/unix`
  const child = spawn(program, [...argv, script, url], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  child.stdin.write(`${key}\n`)
  await once(child.stdout, 'data')
  return {
    async stop() {
      child.stdin.end()
      return z.record(z.string(), z.number()).parse(JSON.parse(await text(child.stdout)))
    },
  }
}

const container = 'docker inspect -f "{{.Id}} {{.State.StartedAt}}" mcp-utc-time'

test('keys change under load: no request is lost, the container stays, the old key ends', async (t) => {
  const name = 'pi-ntp-01'
  const before = await on(name, container)
  const withOld = await steadyRequests(t, oldKey)
  const overlap = await apply(name, { API_KEY_1: oldKey, API_KEY_2: newKey })
  assert.match(overlap, /^Time service: not interrupted on the 1 serving devices\.$/m)
  const isIn = async (key: string): Promise<boolean> => (await statusWith(name, key)) === '200'
  await waitFor('the new key', 15_000, () => isIn(newKey))
  const withNew = await steadyRequests(t, newKey)
  const oldCounts = await withOld.stop()
  await apply(name, { API_KEY_1: newKey })
  await waitFor('the end of the old key', 15_000, async () => !(await isIn(oldKey)))
  assert.equal(await statusWith(name, oldKey), '401')
  for (const counts of [oldCounts, await withNew.stop()]) {
    assert.deepEqual(Object.keys(counts), ['200'])
    assert.ok((counts['200'] ?? 0) > 50, JSON.stringify(counts))
  }
  assert.equal(await on(name, container), before)
})

test('the follower has seen what the first became, and stays in step by the other', async () => {
  // By then ntpd has given up on the receiver, and says so by its dispersion. Polls are 64 s apart.
  const lost = device('pi-gps-01').address
  await waitFor('the follower to leave the first', 150_000, async () => {
    const { ntp } = await healthOf('pi-ntp-01')
    assert.equal(ntp.synced, true, JSON.stringify(ntp))
    const told: unknown = JSON.parse(await get('pi-ntp-01', '/api/ntp/peers', newKey))
    return peers.parse(told).peers.some(({ address, tally }) => address === lost && tally === ' ')
  })
  const { status, reasons, ntp } = await healthOf('pi-ntp-01')
  assert.equal(ntp.selected?.address, device('pi-gps-02').address)
  assert.ok((ntp.root_dispersion_ms ?? NaN) < 1500, reasons.join())
  assert.notEqual(status, 'unhealthy')
  assert.equal((await healthOf('pi-gps-01')).status, 'unhealthy')
})

test("Docker's own check knows its health, and it ends within 2 s of SIGTERM", async () => {
  const check = 'docker exec mcp-utc-time /usr/local/bin/healthcheck'
  assert.match(await on('pi-ntp-01', check), /"synced":true/)
  // After 2 s it would be killed, and the exit code would be 137.
  await on('pi-ntp-01', 'docker stop -t 2 mcp-utc-time')
  assert.equal(await on('pi-ntp-01', 'docker inspect -f "{{.State.ExitCode}}" mcp-utc-time'), '0\n')
})
