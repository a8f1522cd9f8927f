/** `timeball clock` as a person and a script see it, against scripted servers. */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isSignedWith, signPacket } from '@timeball/clock/sweep/message-code.ts'
import { parseKey } from '@timeball/clock/sweep/parse-keys.ts'
import { scriptedServer, type ScriptedServer } from '@timeball/clock/sweep/test/scripted-server.ts'
import { runProgram } from '../src/cli/program.ts'
import { shellOf } from '../src/cli/shell.ts'
import type { Context } from '../src/cli/context.ts'
import { createContext } from '../src/main/context.ts'

const folder = await mkdtemp(join(tmpdir(), 'tb-clock-'))
const servers = new Map<string, ScriptedServer>()
for (const [index, name] of ['pi-1', 'pi-2', 'pi-3'].entries()) {
  servers.set(name, await scriptedServer({}, `127.78.0.${index + 1}`))
}
after(async () => {
  await Promise.all([...servers.values()].map((server) => server[Symbol.asyncDispose]()))
  await rm(folder, { recursive: true })
})
const hosts = [...servers].map(
  ([name, { address, port }]) =>
    `        ${name}: { ansible_host: ${address}, ntp_port: ${port}, gps_enabled: yes }\n`,
)
await writeFile(
  join(folder, 'inventory.yml'),
  `all:\n  children:\n    stratum1:\n      hosts:\n${hosts.join('')}`,
)
await settings('')

async function settings(text: string): Promise<void> {
  await writeFile(join(folder, 'fleet.yaml'), `health: { timeout: 1s }\n${text}`)
}

interface Ended {
  readonly exit: number
  readonly lines: readonly string[]
  readonly said: readonly string[]
}

async function run(
  words: string,
  change: (context: Context) => Partial<Context> = () => ({}),
): Promise<Ended> {
  const lines: string[] = []
  const said: string[] = []
  const signal = new AbortController().signal
  const context = createContext({
    version: '0',
    environment: {},
    stop: signal,
    abort: signal,
    terminal: {
      color: false,
      width: null,
      isInteractive: false,
      out: (line) => void lines.push(line),
      say: (line) => void said.push(line),
      outStyled: () => {},
      progress: () => {},
      clear: () => {},
      hide: () => {},
      confirm: () => Promise.resolve(null),
      askHidden: () => Promise.resolve(null),
      readHidden: () => Promise.resolve(null),
    },
  })
  const own = { demo: () => Promise.resolve(1), lab: () => Promise.resolve(1) }
  const argv = [...words.split(' '), '-i', join(folder, 'inventory.yml')]
  const exit = await runProgram(argv, shellOf({ ...context, ...change(context) }), own)
  return { exit, lines, said }
}

function behave(name: string, behaviour: ScriptedServer['behaviour']): void {
  const server = servers.get(name)
  assert.ok(server)
  server.behaviour = behaviour
}

test('a good fleet is exit 0, and a wrong clock exit 5, also for those who do not ask about it', async () => {
  assert.equal((await run('clock --no-http')).exit, 0)
  behave('pi-3', { aheadSeconds: 0.05 })
  const { exit, lines } = await run('clock --no-http')
  assert.equal(exit, 5)
  assert.match(lines.join('\n'), /^pi-3 +✗ falseticker +\+\d+\.\d ms ± /m)
  assert.equal((await run('clock pi-1 --no-http')).exit, 0)
  assert.equal((await run('clock pi-3 --no-http')).exit, 5)
  behave('pi-3', {})
})

test('the last line of --json is the result, with one entry for each server', async () => {
  const { lines } = await run('clock --json --no-http')
  assert.equal(lines.length, 2)
  assert.match(lines[0] ?? '', /^\{"type":"version"/)
  assert.match(
    lines[1] ?? '',
    /^\{"type":"result","status":"ok","exit":0,"servers":\[\{"device":"pi-1"/,
  )
})

test('a name that nobody has is bad usage', async () => {
  const { exit, said } = await run('clock pi-9')
  assert.equal(exit, 64)
  assert.match(said.join('\n'), /pi-9/)
})

test('--watch sweeps again at the pace that servers grant, until it is stopped', async () => {
  const stop = new AbortController()
  const waits: number[] = []
  const { exit, lines } = await run('clock --json --watch --interval 6 --no-http', () => ({
    stop: stop.signal,
    wait(ms) {
      waits.push(ms)
      if (waits.length === 2) stop.abort()
      return Promise.resolve()
    },
  }))
  assert.equal(exit, 0)
  assert.deepEqual(waits, [6_000, 6_000])
  assert.equal(lines.filter((line) => line.startsWith('{"type":"sweep"')).length, 2)
  assert.match(lines.at(-1) ?? '', /^\{"type":"result"/)
})

async function alerting(): Promise<string | undefined> {
  const { lines } = await run('clock pi-2 --json --no-http')
  return /"alerting":(\w+)/.exec(lines.at(-1) ?? '')?.[1]
}

test('three bad sweeps make an alert, one does not', async () => {
  behave('pi-2', { aheadSeconds: 1 })
  assert.deepEqual(
    [await alerting(), await alerting(), await alerting()],
    ['false', 'false', 'true'],
  )
  behave('pi-2', {})
})

test('--slo shows what is left of the error budget', async () => {
  const { lines } = await run('clock --slo --no-http')
  const text = lines.join('\n')
  assert.match(text, /^within 5 ms of UTC, 99\.9 % of the sweeps of 30 days$/m)
  assert.match(text, /^pi-1 +\d+ +\d+ +100\.00 % /m)
  assert.match(text, /^pi-2 .*missed$/m)
})

test('a fleet without a history folder is measured all the same', async () => {
  await writeFile(join(folder, 'blocked'), '')
  const { exit, said } = await run('clock --no-http', (context) => ({
    openSamples: (loaded) =>
      context.openSamples({ ...loaded, stateFolder: join(folder, 'blocked/deep') }),
  }))
  assert.equal(exit, 0)
  assert.match(said.join('\n'), /samples are not kept/)
})

const secret = '000102030405060708090a0b0c0d0e0f'

test('with a key only signed replies count; a key file that is missing is told', async () => {
  await writeFile(join(folder, 'ntp.keys'), `5 AES ${secret}\n`)
  const key = parseKey(await readFile(join(folder, 'ntp.keys'), 'utf8'), 5)
  assert.ok(key.ok)
  await settings('clock: { key: { file: ntp.keys, id: 5 } }\n')
  for (const name of ['pi-1', 'pi-2']) {
    behave(name, {
      datagrams: (request, good) =>
        isSignedWith(request, key.value) ? [signPacket(good, key.value)] : [],
    })
  }
  const signed = await run('clock --no-http')
  const text = signed.lines.join('\n')
  assert.match(text, /^pi-1 +✓ truechimer/m)
  assert.match(text, /^pi-3 +✗ invalid .*the reply is not signed with key 5/m)
  await settings('clock: { key: { file: nowhere.keys, id: 5 } }\n')
  const missing = await run('clock --no-http')
  assert.equal(missing.exit, 64)
  assert.match(
    missing.said.join('\n'),
    /fleet\.yaml:2:\d+: clock\.key\.file: there is no file .*nowhere\.keys/,
  )
  await settings('')
})
