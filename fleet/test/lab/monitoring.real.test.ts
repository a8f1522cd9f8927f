/**
 * What is generated, run: real Prometheus and Alertmanager watch real devices, and a receiver
 * records what is told. Time is compressed by `monitoring.time_scale`. Needs root on Debian.
 */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { guideDevices, type LabDevice } from '@timeball/lab/pis/devices.ts'
import { labDown } from '@timeball/lab/pis/lab-down.ts'
import { namespaceName } from '@timeball/lab/pis/network.ts'
import { must, run, waitFor } from '@timeball/lab/pis/run.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { sshArgs } from '@timeball/lab/pis/ssh.ts'
import { z } from 'zod'
import { copyOfGuide, freshLab, timeball } from './command-line.ts'
import { applyToLab } from './apply-to-lab.ts'
import { timeballProgram } from '../run-program.ts'

const paths = labPaths(process.env)
const ports = { receiver: 19_960, prometheus: 19_190, alertmanager: 19_193, controller: 19_180 }
/** pi-gps-01 is asked there: a forwarder that can be told to lie. */
const shiftedPort = 1123
const patienceMs = 60_000

let folder = ''
const children: ChildProcess[] = []

function deviceOf(name: string): LabDevice {
  const device = guideDevices.find((each) => each.name === name)
  assert.ok(device)
  return device
}

function on(name: string, command: string): Promise<string> {
  return must(sshArgs(paths, deviceOf(name), command))
}

function inNamespace(...argv: readonly string[]): string[] {
  return ['ip', 'netns', 'exec', namespaceName, ...argv]
}

/** What Slack's incoming webhooks take (api.slack.com, "Reference: secondary attachments"). */
const slackMessage = z.object({
  channel: z.literal('#time'),
  attachments: z
    .array(
      z.object({
        title: z.string().min(1),
        title_link: z.url(),
        text: z.string().min(1),
        fallback: z.string().min(1),
        color: z.enum(['good', 'warning', 'danger']),
      }),
    )
    .length(1),
})

/** What Alertmanager's webhooks send, version 4. */
const webhookMessage = z.object({
  version: z.literal('4'),
  alerts: z
    .array(
      z.object({
        status: z.enum(['firing', 'resolved']),
        labels: z.record(z.string(), z.string()),
        annotations: z.object({ summary: z.string(), runbook_url: z.url() }).loose(),
      }),
    )
    .min(1),
})

/** `ALERT DEVICE firing|resolved`, as they came. */
const told: string[] = []
const slack: z.output<typeof slackMessage>['attachments'] = []

function record(line: string): void {
  const { path, body } = z.object({ path: z.string(), body: z.unknown() }).parse(JSON.parse(line))
  if (path === '/slack') slack.push(...slackMessage.parse(body).attachments)
  if (path !== '/hook') return
  for (const { status, labels } of webhookMessage.parse(body).alerts) {
    told.push(`${labels['alertname']} ${labels['device'] ?? '-'} ${status}`)
  }
}

async function isTold(what: string): Promise<void> {
  try {
    await waitFor(what, patienceMs, () => Promise.resolve(told.includes(what)))
  } catch (error) {
    throw new Error(`${what} was not told; what was: ${told.join(', ')}`, { cause: error })
  }
}

/** Starts a program of Node in the lab's network; settles at the line that says it is ready. */
async function startInNamespace(
  args: readonly string[],
  { stream, ready, onLine }: Watched,
): Promise<void> {
  const [file = '', ...rest] = inNamespace(process.execPath, ...args)
  const env = { ...process.env, API_KEY_1: 'key-of-the-lab-tests' }
  const child = spawn(file, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const said: string[] = []
  child.on('exit', () => reject(new Error(`${args.join(' ')} ended: ${said.join('\n')}`)))
  for (const name of ['stdout', 'stderr'] as const) {
    createInterface(child[name]).on('line', (line) => {
      said.push(line)
      if (name !== stream) return
      if (ready.test(line)) resolve()
      else onLine?.(line)
    })
  }
  await promise
}

interface Watched {
  readonly stream: 'stdout' | 'stderr'
  readonly ready: RegExp
  readonly onLine?: (line: string) => void
}

async function lie(seconds: number): Promise<void> {
  await on('pi-gps-01', 'if [ -e shift.pid ]; then kill "$(cat shift.pid)" || true; fi')
  const start = `nohup python3 shift-ntp.py ${shiftedPort} ${seconds} > shift.log 2>&1 & echo $! > shift.pid`
  await on('pi-gps-01', start)
  const isUp = async (): Promise<boolean> => (await on('pi-gps-01', 'cat shift.log')) === 'ready\n'
  await waitFor('the forwarder', 10_000, isUp)
}

const inventory = (): string => join(folder, 'inventory.yml')

function settings(diskPercent: number): string {
  return `
health: { disk_percent: ${diskPercent} }
monitoring:
  off: [PpsLost]
  scrape_interval: 1s
  time_scale: 0.02
  prometheus: { port: ${ports.prometheus} }
  alertmanager: { port: ${ports.alertmanager} }
  controller: 127.0.0.1:${ports.controller}
  receivers:
    slack: { webhook_url_file: keys/slack, channel: "#time" }
    webhook: { url: "http://127.0.0.1:${ports.receiver}/hook" }
`
}

/** In whole percent, of the disk that all virtual Pis share. */
async function diskPercent(): Promise<number> {
  const text = await on('pi-ntp-01', 'curl -s http://127.0.0.1:9090/metrics')
  return Number(/^disk_usage_percent (\S+)$/m.exec(text)?.[1])
}

before(
  async () => {
    await freshLab()
    folder = copyOfGuide()
    await applyToLab(folder)
    await watch()
  },
  { timeout: 600_000 },
)

async function watch(): Promise<void> {
  const script = readFileSync(join(import.meta.dirname, 'shift-ntp.py'), 'utf8')
  await must(sshArgs(paths, deviceOf('pi-gps-01'), 'cat > shift-ntp.py'), { input: script })
  await lie(0)
  const text = readFileSync(inventory(), 'utf8')
  const asked = text.replace('192.168.1.101', `192.168.1.101\n          ntp_port: ${shiftedPort}`)
  writeFileSync(inventory(), asked)
  const fleetFile = join(folder, 'fleet.yaml')
  const guide = readFileSync(fleetFile, 'utf8')
  // Two stratum 1 servers contradict each other; the lab's one kernel clock is the third vote.
  const voting = guide.replace('discipline: false', 'discipline: false\n  references: [controller]')
  // The lab's own settings of the monitoring are written anew below.
  writeFileSync(fleetFile, voting.replace(/^monitoring:\n(?: .*\n)+/m, ''))
  appendFileSync(fleetFile, settings(Math.ceil(await diskPercent()) + 1))
  mkdirSync(join(folder, 'keys'))
  const url = `http://127.0.0.1:${ports.receiver}/slack`
  writeFileSync(join(folder, 'keys/slack'), url, { mode: 0o600 })
  await startInNamespace([join(import.meta.dirname, 'receiver.ts'), String(ports.receiver)], {
    stream: 'stdout',
    ready: /^"ready"$/,
    onLine: record,
  })
  await startInNamespace(
    [
      timeballProgram,
      'serve',
      '-i',
      inventory(),
      '--port',
      String(ports.controller),
      '--interval',
      '5',
    ],
    { stream: 'stderr', ready: /http:/ },
  )
  const metrics = inNamespace('curl', '-s', `http://127.0.0.1:${ports.controller}/metrics`)
  await waitFor('the first sweep', patienceMs, async () =>
    (await run(metrics)).stdout.includes('last_sweep'),
  )
}

after(async () => {
  for (const child of children) {
    child.removeAllListeners('exit')
    child.kill()
  }
  if (folder === '') return
  const down = await timeball(['monitoring', 'down', '-i', inventory()])
  rmSync(folder, { recursive: true })
  await labDown({ onProgress: () => {}, purge: 'no' })
  assert.equal(down.exit, 0, down.stderr)
})

test('one command generates it, runs it, and says where it listens', async () => {
  const up = await timeball(['monitoring', 'up', '-i', inventory()])
  assert.equal(up.exit, 0, `${up.stdout}\n${up.stderr}`)
  assert.match(up.stdout, /prometheus +ready +http:\/\/127\.0\.0\.1:19190/)
  assert.match(up.stdout, /alertmanager +ready +http:\/\/127\.0\.0\.1:19193/)
  const checked = await timeball(['monitoring', 'check', '-i', inventory()])
  assert.equal(checked.exit, 0, checked.stdout)
})

test('Compose takes what is generated for it', async () => {
  const file = readFileSync(join(folder, 'monitoring/docker-compose.yml'), 'utf8')
  const device = deviceOf('pi-ntp-02')
  const config = 'TIMEBALL_USER=1000:1000 docker compose -f - config --quiet'
  await must(sshArgs(paths, device, config), { input: file })
})

/** Alerts that Alertmanager has and keeps back, as `ALERT DEVICE`. */
async function inhibited(): Promise<string[]> {
  const url = `--alertmanager.url=http://127.0.0.1:${ports.alertmanager}`
  const query = inNamespace('amtool', url, 'alert', 'query', '--inhibited', '-o', 'json')
  const alerts = z
    .array(z.object({ labels: z.record(z.string(), z.string()) }))
    .parse(JSON.parse(await must(query)))
  return alerts.map(({ labels }) => `${labels['alertname']} ${labels['device'] ?? '-'}`)
}

async function isInhibited(what: string): Promise<void> {
  await waitFor(`${what}, kept back`, patienceMs, async () => (await inhibited()).includes(what))
}

test('a container that is stopped is told as down, and nothing else of that device is', async () => {
  await on('pi-ntp-01', 'sudo docker kill mcp-utc-time')
  await isTold('TimeballServiceDown pi-ntp-01 firing')
  await isInhibited('TimeballNTPUnreachable pi-ntp-01')
  // What is told now went the same way later: the other one would have been told by then.
  await on('pi-gps-02', 'echo no-fix | sudo tee /run/lab-gps-state')
  await isTold('TimeballGpsFixLost pi-gps-02 firing')
  assert.ok(!told.includes('TimeballNTPUnreachable pi-ntp-01 firing'), told.join(', '))
  await on('pi-gps-02', 'echo fix | sudo tee /run/lab-gps-state')
  await on('pi-ntp-01', 'sudo docker start mcp-utc-time')
  await isTold('TimeballServiceDown pi-ntp-01 resolved')
  await isTold('TimeballGpsFixLost pi-gps-02 resolved')
})

test('an ntpd that reaches nobody is told as not synchronised, and then as over', async () => {
  const upstreams = ['192.168.1.101', '192.168.1.102']
  const routes = (verb: 'add' | 'del'): string =>
    upstreams.map((address) => `sudo ip route ${verb} blackhole ${address}`).join('; ')
  // ntpd trusts its last measurement for minutes; a new one has none.
  const restart = 'sudo docker restart --time 1 mcp-utc-time'
  await on('pi-ntp-02', `${routes('add')}; ${restart}`)
  try {
    await isTold('TimeballNTPNotSynced pi-ntp-02 firing')
  } finally {
    await on('pi-ntp-02', `${routes('del')}; ${restart}`)
  }
  await isTold('TimeballNTPNotSynced pi-ntp-02 resolved')
})

test('a clock that is 150 ms off on the wire is told as a falseticker, once', async () => {
  await lie(0.15)
  await isTold('TimeballFalseticker pi-gps-01 firing')
  await isInhibited('TimeballClockOffsetHigh pi-gps-01')
  assert.ok(!told.includes('TimeballClockOffsetHigh pi-gps-01 firing'), told.join(', '))
  await lie(0)
  await isTold('TimeballFalseticker pi-gps-01 resolved')
})

test('a disk that fills up is told, and that there is room again', async () => {
  const size = await on('pi-ntp-01', 'df --output=size -B1 / | tail -1')
  // Two percent more than now, which is above the limit of the test's fleet.yaml.
  const bytes = Math.ceil(Number(size) * 0.025)
  await on('pi-ntp-01', `sudo fallocate -l ${bytes} /var/tmp/filled`)
  try {
    await isTold('TimeballDiskSpaceHigh pi-ntp-01 firing')
  } finally {
    await on('pi-ntp-01', 'sudo rm -f /var/tmp/filled')
  }
  await isTold('TimeballDiskSpaceHigh pi-ntp-01 resolved')
})

test('the link of an alert opens its runbook', async () => {
  const link = `http://127.0.0.1:${ports.controller}/runbooks/ServiceDown.md`
  assert.match(await must(inNamespace('curl', '-s', link)), /^# ServiceDown\n/)
})

test('one device down, with the quorum intact, wakes nobody', () => {
  assert.ok(!slack.some(({ title }) => /^critical: \w*(?:Service|NTP|Slo)/.test(title)))
})

test('Slack was told the same, in its own format', () => {
  const titles = slack.map(({ title }) => title)
  assert.ok(titles.includes('warning: TimeballServiceDown (1), fleet lab'), titles.join('\n'))
  assert.ok(titles.includes('resolved: TimeballServiceDown, fleet lab'), titles.join('\n'))
  const down = slack.find(({ title }) => title.startsWith('warning: TimeballServiceDown'))
  assert.match(down?.text ?? '', /^• pi-ntp-01 is down\. Nothing answers/)
  assert.match(down?.title_link ?? '', /:19180\/runbooks\/ServiceDown\.md$/)
  assert.equal(down?.color, 'warning')
})

const rulesAnswer = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({ name: z.string(), health: z.string(), lastError: z.string().optional() }),
        ),
      }),
    ),
  }),
})

test('every rule is evaluated on real series without an error', async (context) => {
  const url = `http://127.0.0.1:${ports.prometheus}/api/v1/rules`
  const answer = rulesAnswer.parse(JSON.parse(await must(inNamespace('curl', '-s', url))))
  const rules = answer.data.groups.flatMap((group) => group.rules)
  assert.ok(rules.length > 30)
  assert.deepEqual(
    rules.filter(({ health }) => health !== 'ok'),
    [],
  )
  context.diagnostic(`told: ${told.join(', ')}`)
})
