/** What docs/controller.md and docs/time-server.md show of the controller and of the time server. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { temporaryFleet, until } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { atShell, blocksOf, runBlock, temporaryHome, useEmbeddedFleet } from './page-shell.ts'

const embedded = await temporaryFleet()
const home = await temporaryHome()
const place = { home, cwd: join(home, 'time') }
await mkdir(place.cwd)
await useEmbeddedFleet(embedded, place.cwd)
const API_KEY_1 = 'first-key-1'

async function blockOf(path: string, begin: string): Promise<string> {
  const block = (await blocksOf(path)).find(({ code }) => code.startsWith(begin))
  assert.ok(block, `${path}: ${begin}`)
  return block.code
}

/** `timeball serve` as on the page, on a port that is free; its first lines, and where it answers. */
async function serve(lines: number): Promise<{ readonly said: string; readonly at: string }> {
  const child = spawn(join(home, 'bin/timeball'), ['serve', '--port', '0'], {
    cwd: place.cwd,
    env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home, API_KEY_1 },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  after(async () => {
    child.kill('SIGINT')
    if (child.exitCode === null) await once(child, 'exit')
  })
  const said: string[] = []
  for await (const line of createInterface(child.stderr)) {
    said.push(line)
    if (said.length === lines) break
  }
  const at = /http:\/\/(\S+)$/.exec(said[0] ?? '')?.[1]
  assert.ok(at !== undefined, said.join('\n'))
  return { said: `${said.join('\n')}\n`, at }
}

test('the fleet of the pages gives good time', async () => {
  const key = `API_KEY_1=${API_KEY_1}`
  await atShell(place, `${key} timeball apply --yes --accept-new-host-keys`, null)
  await until('all are well', async () => {
    const said = await atShell(place, `${key} timeball health >/dev/null; echo "exit $?"`, null)
    return said.includes('exit 0')
  })
})

test('docs/controller.md: serve, and what it answers', async () => {
  const begin = await blockOf('docs/controller.md', '$ timeball serve')
  const [, ...wanted] = begin.trimEnd().split('\n')
  const { said, at } = await serve(wanted.length)
  assert.equal(said.replace(at, '127.0.0.1:8080'), `${wanted.join('\n')}\n`)
  const asks = await blockOf('docs/controller.md', '$ curl')
  await until('it has looked at all', async () => {
    return (await atShell(place, `curl -s ${at}/metrics`, null)).includes(
      'timeball_device_reachable',
    )
  })
  await runBlock(embedded, place, asks, [['127.0.0.1:8080', at]])
})

test('docs/time-server.md: a key, the time, how sure it is, and a refusal', async () => {
  const { address, httpPort } = embedded.device('pi-gps-01')
  const at = `${address}:${httpPort}`
  const block = await blockOf('docs/time-server.md', "$ curl -s -H 'X-API-Key")
  await runBlock(embedded, place, block, [['localhost:3000', at]])
})

/** Fields of an example that an answer lacks, `.ntp.selected`; what is not known, or empty, may have any. */
function lacking(shown: unknown, found: unknown, path = ''): readonly string[] {
  if (found === null || typeof shown !== 'object' || shown === null) return []
  if (typeof found !== 'object') return [path]
  if (Array.isArray(found) && found.length === 0) return []
  return Object.entries(shown).flatMap(([key, each]) => {
    const place = `${path}.${key}`
    return Object.hasOwn(found, key) ? lacking(each, Reflect.get(found, key), place) : [place]
  })
}

const answers = [
  { path: '/health', begin: '{"status":' },
  { path: '/api/gps/status', begin: '{"state":"fix"' },
  { path: '/api/ntp/peers', begin: '{"reason":null,"peers"' },
]
for (const { path, begin } of answers) {
  test(`docs/time-server.md: ${path} has the fields that its examples have`, async () => {
    const blocks = await blocksOf('docs/time-server.md')
    const lines = blocks.flatMap(({ code }) => code.split('\n').filter((l) => l.startsWith(begin)))
    assert.ok(lines.length > 0)
    const { address, httpPort } = embedded.device('pi-ntp-01')
    const url = `http://${address}:${httpPort}${path}`
    const answer = await fetch(url, { headers: { 'x-api-key': API_KEY_1 } })
    const found: unknown = await answer.json()
    for (const line of lines) {
      const shown: unknown = JSON.parse(line.replaceAll(',…', ''))
      assert.deepEqual(lacking(shown, found), [], line)
    }
  })
}
