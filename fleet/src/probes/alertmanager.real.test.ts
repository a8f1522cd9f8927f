/** Silences in Debian's Alertmanager. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { endSilence, postSilence } from './alertmanager.ts'

const signal = AbortSignal.timeout(60_000)
let access = { alertmanager: '', timeoutMs: 5_000, signal }
const stops: (() => Promise<unknown>)[] = []

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

before(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'timeball-alertmanager-'))
  stops.unshift(() => rm(folder, { recursive: true }))
  const config = join(folder, 'alertmanager.yml')
  await writeFile(config, 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n')
  const port = await freePort()
  const child = spawn('prometheus-alertmanager', [
    `--config.file=${config}`,
    `--storage.path=${folder}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
  ])
  const ended = new Promise((resolve) => child.on('close', resolve))
  child.on('error', (error) => assert.fail(`prometheus-alertmanager: ${error.message}`))
  stops.unshift(() => {
    child.kill()
    return ended
  })
  for await (const line of createInterface(child.stderr)) {
    if (line.includes('Listening on')) break
  }
  child.stderr.resume()
  access = { ...access, alertmanager: `http://127.0.0.1:${port}` }
})
after(async () => {
  for (const stop of stops) await stop()
})

async function stateOf(id: string): Promise<unknown> {
  const response = await fetch(`${access.alertmanager}/api/v2/silence/${id}`, { signal })
  const silence = await response.json()
  return typeof silence === 'object' && silence !== null && 'status' in silence
    ? silence.status
    : null
}

test('a silence is for exactly one device, and ends when it is told to', async () => {
  const now = Date.now()
  const begun = await postSilence(
    {
      labels: { fleet: 'prod', device: 'pi-ntp-01' },
      startsUnixMs: now,
      endsUnixMs: now + 600_000,
      createdBy: 'ada',
      comment: 'rollout r1',
    },
    access,
  )
  assert.ok(begun.ok, JSON.stringify(begun))
  assert.deepEqual(await stateOf(begun.value), { state: 'active' })
  assert.deepEqual(await endSilence(begun.value, access), { ok: true, value: null })
  assert.deepEqual(await stateOf(begun.value), { state: 'expired' })
})

test('what Alertmanager refuses is a phrase', async () => {
  const wrong = { labels: {}, startsUnixMs: 1_000, endsUnixMs: 0, createdBy: '', comment: '' }
  assert.deepEqual(await postSilence(wrong, access), {
    ok: false,
    failure: 'Alertmanager answered HTTP 422',
  })
})
