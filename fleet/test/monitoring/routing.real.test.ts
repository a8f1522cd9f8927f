/**
 * Alertmanager itself on the generated routing: alerts are posted to it as Prometheus would, and
 * what it tells is recorded. Needs Debian's prometheus-alertmanager.
 */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSocket, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { generateMonitoring } from '../../src/core/monitoring/generate.ts'
import { alertmanagerArguments } from '../../src/core/monitoring/compose.ts'
import { fleetOf } from '../make-fleet.ts'

const children: ChildProcess[] = []
const folders: string[] = []
const told: Message[] = []

interface Message {
  readonly path: string
  readonly alerts: readonly string[]
}

const receiver = createServer((request, response) => {
  void text(request).then((body) => {
    const { alerts } = JSON.parse(body)
    const lines = alerts.map(
      ({ labels }: Posted) => `${labels['alertname']} ${labels['device'] ?? '-'}`,
    )
    told.push({ path: request.url ?? '', alerts: lines.toSorted() })
    response.end()
  })
})

interface Posted {
  readonly labels: Readonly<Record<string, string>>
}

after(async () => {
  receiver.close()
  await Promise.all(
    children.map(async (child) => {
      child.kill()
      await once(child, 'exit')
    }),
  )
  for (const folder of folders) rmSync(folder, { recursive: true })
})

function portOf(address: string | AddressInfo | null): number {
  assert.ok(typeof address === 'object' && address !== null)
  return address.port
}

async function freePort(): Promise<number> {
  const socket = createSocket().listen(0, '127.0.0.1')
  await once(socket, 'listening')
  const port = portOf(socket.address())
  socket.close()
  await once(socket, 'close')
  return port
}

/** Its address, when it is ready. */
async function startAlertmanager(name: string, more = '', receivers = ''): Promise<string> {
  if (!receiver.listening) {
    receiver.listen(0, '127.0.0.1')
    await once(receiver, 'listening')
  }
  const port = await freePort()
  const hook = `http://127.0.0.1:${portOf(receiver.address())}/${name}`
  const fleet = fleetOf(
    undefined,
    `monitoring:
  time_scale: 0.01
  alertmanager: { port: ${port} }
  receivers:
    webhook: { url: "${hook}" }
    watchdog: { url: "${hook}-watchdog" }
    ${receivers}
${more}`,
  )
  const folder = mkdtempSync(join(tmpdir(), 'timeball-routing-'))
  folders.push(folder)
  const config = generateMonitoring(fleet, { fleetFolder: '..' }).get('alertmanager.yml') ?? ''
  writeFileSync(join(folder, 'alertmanager.yml'), config)
  const child = spawn('prometheus-alertmanager', alertmanagerArguments(fleet), {
    cwd: folder,
    stdio: 'ignore',
  })
  children.push(child)
  child.on('error', () => assert.fail('prometheus-alertmanager is missing: test/install-packages'))
  const url = `http://127.0.0.1:${port}`
  await until(async () => (await fetch(`${url}/-/ready`).catch(() => null))?.ok === true)
  return url
}

async function until(probe: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + 20_000
  while (!(await probe())) {
    assert.ok(performance.now() < end, `not in time; told: ${JSON.stringify(told)}`)
    await new Promise((wake) => setTimeout(wake, 50))
  }
}

const severities: Readonly<Record<string, string>> = {
  TimeballQuorumLost: 'critical',
  TimeballUpstreamsLost: 'none',
  TimeballWatchdog: 'none',
}

/** `ALERT DEVICE`, optionally with a fleet. */
async function post(url: string, ...alerts: readonly string[]): Promise<void> {
  const body = alerts.map((alert) => {
    const [alertname = '', device = '', fleet = 'fleet'] = alert.split(' ')
    const severity = severities[alertname] ?? 'warning'
    return { labels: { alertname, device, fleet, severity, site: 'berlin' } }
  })
  const response = await fetch(`${url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  assert.equal(response.status, 200, await response.text())
}

function toldOn(path: string): string[] {
  return told.filter((message) => message.path === path).flatMap(({ alerts }) => alerts)
}

test('what follows from something else is kept back; the same elsewhere is told', async () => {
  const url = await startAlertmanager('inhibition')
  await post(
    url,
    'TimeballServiceDown pi-1',
    'TimeballUpstreamsLost pi-2',
    'TimeballFalseticker pi-3',
    'TimeballWatchdog ',
  )
  await until(() => toldOn('/inhibition').length === 2)
  await post(
    url,
    ...[
      'TimeballDiskSpaceHigh pi-1',
      'TimeballNTPNotSynced pi-1',
      'TimeballNTPNotSynced pi-2',
      'TimeballClockOffsetHigh pi-3',
    ],
    ...[
      'TimeballDiskSpaceHigh pi-2',
      'TimeballNTPNotSynced pi-3',
      'TimeballNTPNotSynced pi-1 other',
    ],
  )
  await until(() => toldOn('/inhibition').length >= 5)
  assert.deepEqual(toldOn('/inhibition').toSorted(), [
    'TimeballDiskSpaceHigh pi-2',
    'TimeballFalseticker pi-3',
    'TimeballNTPNotSynced pi-1',
    'TimeballNTPNotSynced pi-3',
    'TimeballServiceDown pi-1',
  ])
  assert.ok(toldOn('/inhibition-watchdog').every((alert) => alert.startsWith('TimeballWatchdog')))
})

test('a site without power is one message', async () => {
  const url = await startAlertmanager('grouping')
  await post(
    url,
    'TimeballServiceDown pi-1',
    'TimeballServiceDown pi-2',
    'TimeballServiceDown pi-3',
  )
  await until(() => toldOn('/grouping').length >= 3)
  const messages = told.filter(({ path }) => path === '/grouping')
  assert.deepEqual(messages, [
    {
      path: '/grouping',
      alerts: ['TimeballServiceDown pi-1', 'TimeballServiceDown pi-2', 'TimeballServiceDown pi-3'],
    },
  ])
})

test('during maintenance a lost quorum is told, and nothing else', async () => {
  const url = await startAlertmanager(
    'maintenance',
    '  maintenance: [{ from: "00:00", to: "24:00" }]\n',
  )
  await post(url, 'TimeballServiceDown pi-1', 'TimeballHighOffset pi-2')
  await post(url, 'TimeballQuorumLost ')
  await until(() => toldOn('/maintenance').length > 0)
  assert.deepEqual(toldOn('/maintenance'), ['TimeballQuorumLost -'])
})

test('an alert goes to the receivers that fleet.yaml names for it, and to no other', async () => {
  const url = await startAlertmanager(
    'directed',
    '  alerts: { HighOffset: { receivers: [pagerduty] }, DiskSpaceHigh: { receivers: [webhook] } }\n',
    'pagerduty: { routing_key_file: key }',
  )
  await post(url, 'TimeballHighOffset pi-1', 'TimeballDiskSpaceHigh pi-1', 'TimeballPpsLost pi-1')
  await until(() => toldOn('/directed').length >= 2)
  assert.deepEqual(toldOn('/directed').toSorted(), [
    'TimeballDiskSpaceHigh pi-1',
    'TimeballPpsLost pi-1',
  ])
})
