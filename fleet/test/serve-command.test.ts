/** `timeball serve` as an operator and Prometheus see it, against scripted servers. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { IncomingMessage, request } from 'node:http'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { scriptedServer } from '@timeball/clock/sweep/test/scripted-server.ts'
import { runProgram } from '../src/cli/program.ts'
import type { Context } from '../src/cli/context.ts'
import { shellOf } from '../src/cli/shell.ts'
import { createContext } from '../src/main/context.ts'

const folder = await mkdtemp(join(tmpdir(), 'tb-serve-'))
const server = await scriptedServer({}, '127.78.1.1')
const everything = new AbortController()
after(async () => {
  everything.abort()
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
const inventory = join(folder, 'inventory.yml')
const token = '0123456789abcdef0123'
await writeFile(
  inventory,
  `all:
  hosts:
    pi-1: { ansible_host: ${server.address}, ansible_port: 1, ntp_port: ${server.port} }
`,
)
await writeFile(join(folder, 'fleet.yaml'), 'fleet: test\nhealth: { timeout: 1s }\n')
await writeFile(join(folder, 'token'), `${token}\n`, { mode: 0o600 })
await writeFile(join(folder, 'weak'), 'short\n', { mode: 0o600 })
await writeFile(join(folder, 'open'), `${token}\n`, { mode: 0o644 })

interface Serving {
  /** Of the controller; empty when it did not begin. */
  readonly url: string
  readonly said: readonly string[]
  readonly stop: AbortController
  readonly ended: Promise<number>
}

function contextWith(hear: (line: string) => void, stop: AbortSignal): Context {
  return createContext({
    version: '0.0.0-test',
    environment: { XDG_RUNTIME_DIR: folder },
    stop,
    abort: new AbortController().signal,
    terminal: {
      color: false,
      width: null,
      isInteractive: false,
      out: hear,
      say: hear,
      outStyled() {},
      progress() {},
      clear() {},
      hide() {},
      confirm: () => Promise.resolve(null),
      askHidden: () => Promise.resolve(null),
      readHidden: () => Promise.resolve(null),
    },
  })
}

/** Comes back when it serves, or has ended. */
async function serve(words: string): Promise<Serving> {
  const said: string[] = []
  const stop = new AbortController()
  const { promise: url, resolve } = Promise.withResolvers<string>()
  const context = contextWith(
    (line) => {
      said.push(line)
      const found = /http:\S+$/.exec(line)
      if (found !== null) resolve(found[0])
    },
    AbortSignal.any([stop.signal, everything.signal]),
  )
  const own = { demo: () => Promise.resolve(1), lab: () => Promise.resolve(1) }
  const argv = ['serve', '-i', inventory, ...words.split(' ').filter((word) => word !== '')]
  const ended = runProgram(argv, shellOf(context), own)
  void ended.then(() => resolve(''))
  return { url: await url, said, stop, ended }
}

async function bodyOf(url: string, headers: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(url, { headers: { connection: 'close', ...headers } })
  const body = await answer.text()
  assert.equal(answer.status, 200, body)
  return body
}

/** Asks until the first sweep is over, which is a matter of half a second. */
async function healthy(url: string): Promise<void> {
  for (;;) {
    const { status } = await fetch(`${url}/health`, { headers: { connection: 'close' } })
    if (status === 200) return
    assert.equal(status, 503)
  }
}

test('it measures, tells Prometheus, and ends with 0 when it is told to', async () => {
  const { url, stop, ended, said } = await serve('--port 0')
  assert.match(said.join('\n'), /^timeball: fleet test, 1 devices: http:\/\/127\.0\.0\.1:\d+$/m)
  await healthy(url)
  const metrics = await bodyOf(`${url}/metrics`)
  assert.match(metrics, /^timeball_quorum_good\{set="stratum2"\} 1$/m)
  assert.match(metrics, /^timeball_clock_offset_seconds\{server="pi-1"\} /m)
  const targets = `["${server.address}:9090"]`
  assert.ok((await bodyOf(`${url}/sd`)).includes(`"targets":${targets}`))
  stop.abort()
  assert.equal(await ended, 0)
  await assert.rejects(fetch(`${url}/health`))
})

/** Over the socket beside the state: no port, no token. */
async function fromSocket(path: string): Promise<{ status: number; body: string }> {
  const socketPath = join(folder, '.timeball/controller.sock')
  const asked = request({ socketPath, path, agent: false }).end()
  const [answer] = await once(asked, 'response')
  assert.ok(answer instanceof IncomingMessage)
  return { status: answer.statusCode ?? 0, body: await text(answer) }
}

test('whoever may open its socket is answered by the API, others need a token', async () => {
  const { url, stop, ended } = await serve('--port 0')
  await healthy(url)
  const { status, body } = await fromSocket('/api/v1/devices?q=all')
  assert.equal(status, 200, body)
  assert.match(body, /"device":"pi-1","role":"stratum2".*"verdict":"truechimer"|"verdict":/)
  const strange = await fromSocket('/api/v1/devices?q=@/etc/passwd')
  assert.equal(strange.status, 400)
  assert.doesNotMatch(strange.body, /root/)
  assert.equal((await fetch(`${url}/api/v1/fleet`)).status, 401)
  stop.abort()
  assert.equal(await ended, 0)
  await assert.rejects(fromSocket('/health'))
})

/** Another command on the same fleet, while it is served. */
async function command(...words: readonly string[]): Promise<{ exit: number; out: string }> {
  const out: string[] = []
  const context = contextWith((line) => void out.push(line), everything.signal)
  const own = { demo: () => Promise.resolve(1), lab: () => Promise.resolve(1) }
  const exit = await runProgram([...words, '-i', inventory], shellOf(context), own)
  return { exit, out: out.join('\n') }
}

async function statusOf(url: string, bearer: string): Promise<number> {
  const headers = { connection: 'close', authorization: `Bearer ${bearer}` }
  const answer = await fetch(url, { headers })
  await answer.body?.cancel()
  return answer.status
}

test('a token is answered as long as it is valid, and the log tells who made it', async () => {
  const { url, stop, ended } = await serve('--port 0')
  const api = `${url}/api/v1`
  const made = await command('token', 'create', 'ci')
  const [bearer = ''] = made.out.split('\n')
  assert.match(bearer, /^tb_[\w-]{43}$/)
  while ((await statusOf(`${api}/fleet`, bearer)) !== 200);
  assert.equal(await statusOf(`${api}/audit`, bearer), 403)
  const listed = await command('token', 'list', '--json')
  assert.match(listed.out, /"name":"ci","role":"viewer".*"used_unix_ms":\d/)
  assert.ok(!listed.out.includes(bearer))
  assert.equal((await command('token', 'create', 'ci')).exit, 64)
  assert.equal((await command('token', 'revoke', 'ci')).exit, 0)
  while ((await statusOf(`${api}/fleet`, bearer)) !== 401);
  const { body } = await fromSocket('/api/v1/audit')
  assert.match(body, /"action":"token\.create","what":"ci viewer".*"action":"token\.revoke"/)
  stop.abort()
  assert.equal(await ended, 0)
})

test('the log is listed, exported, and checked, also far from here', async () => {
  await command('token', 'create', 'ada', '--role', 'operator')
  assert.match((await command('audit', 'list')).out, /token\.create +ada operator/)
  assert.equal((await command('audit', 'verify')).exit, 0)
  const exported = (await command('audit', 'export')).out
  const file = join(folder, 'audit.jsonl')
  await writeFile(file, `${exported}\n`)
  assert.match((await command('audit', 'verify', file)).out, /all as they were written; note/)
  await writeFile(file, `${exported.replace('ada operator', 'ada viewer')}\n`)
  const { exit, out } = await command('audit', 'verify', file)
  assert.equal(exit, 1)
  assert.match(out, /line \d+ was altered/)
})

test('a client that never ends its request does not hold up the end', async () => {
  const { url, stop, ended } = await serve('--port 0')
  const { port, hostname } = new URL(url)
  const client = connect(Number(port), hostname)
  await once(client, 'connect')
  client.write('GET /metrics HTTP/1.1\r\nHost: local')
  // `once` would take a connection that is reset for a failure; that is an end, too.
  const closed = new Promise((resolve) => client.once('close', resolve))
  client.resume().on('error', () => {})
  stop.abort()
  assert.equal(await ended, 0)
  await closed
})

test('with a token only its bearer is answered, and it is never said', async () => {
  const { url, stop, ended, said } = await serve(`--port 0 --token-file ${join(folder, 'token')}`)
  assert.equal((await fetch(`${url}/metrics`)).status, 401)
  await bodyOf(`${url}/metrics`, { authorization: `Bearer ${token}` })
  stop.abort()
  await ended
  assert.ok(!said.join('\n').includes(token))
})

const refused: readonly { words: string; said: RegExp }[] = [
  { words: '--bind 0.0.0.0', said: /0\.0\.0\.0 is seen by others.*\n {4}.*--token-file FILE/ },
  { words: '--bind ::', said: /:: is seen by others/ },
  { words: '--bind localhost', said: /It is an IP address/ },
  { words: '--port 65536', said: /It is a number from 0 to 65535/ },
  { words: '--interval 1', said: /It is a number of seconds from 5/ },
  { words: `--token-file ${join(folder, 'none')}`, said: /there is no such file/ },
  { words: `--token-file ${join(folder, 'weak')}`, said: /shorter than 16.*\n {4}.*openssl rand/ },
  {
    words: `--token-file ${join(folder, 'open')}`,
    said: /can be read by others.*\n {4}.*chmod 600 /,
  },
]
for (const { words, said } of refused) {
  test(`serve ${words.replace(folder, '')} is bad usage`, async () => {
    const serving = await serve(words)
    assert.equal(await serving.ended, 64)
    assert.match(serving.said.join('\n'), said)
  })
}

test('a port that is taken is told, and is a failure', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  assert.ok(typeof address === 'object' && address !== null)
  const serving = await serve(`--port ${address.port}`)
  assert.equal(await serving.ended, 1)
  assert.match(serving.said.join('\n'), /cannot listen on 127\.0\.0\.1 port \d+: .*EADDRINUSE/)
  other.close()
})
