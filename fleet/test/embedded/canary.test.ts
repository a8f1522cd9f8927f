/**
 * No secret in any byte that is written, nor in the process table: while keys are imported, planned,
 * applied, rotated, killed in between, and looked at, in every form in which a secret travels.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { redactor } from '../../src/core/secrets/redact.ts'
import { Secret } from '../../src/core/secrets/secret.ts'
import { ageSettings, ageStoreOf } from './key-client.ts'
import { hurriedRollouts } from './controller.ts'
import { timeballProgram } from '../run-program.ts'

const embedded = await temporaryFleet()
const store = await ageStoreOf(embedded)
const folder = dirname(embedded.fleetYamlPath)
const settings = await readFile(embedded.fleetYamlPath, 'utf8')
await writeFile(embedded.fleetYamlPath, `${settings}${hurriedRollouts()}${ageSettings}`)
const sockets = join(folder, 'own')
await mkdir(sockets, { recursive: true })

/** Its forms in URLs and in base64 differ from itself. */
const first = 'canary+7f3a/9c1e=5d2b~4e6f'
const identity =
  /AGE-SECRET-KEY\S+/.exec(await readFile(join(folder, 'identity'), 'utf8'))?.[0] ?? ''
const secrets: Secret[] = [new Secret('first', first), new Secret('identity', identity)]

/** What is said, and what was seen of processes, with where it was. */
const heard: { readonly where: string; readonly text: string }[] = []
const processes = new Map<string, string>()

/** How often each process was looked at: one that has just been forked becomes another program. */
const looks = new Map<number, number>()
const enoughLooks = 4

/** Those of everybody who may be looked at; a program that was given a key in its environment is not. */
function lookAtProcesses(given: ReadonlySet<number>): void {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
  const alive = new Set(pids)
  for (const pid of looks.keys()) if (!alive.has(pid)) looks.delete(pid)
  for (const pid of pids) {
    const before = looks.get(pid) ?? 0
    if (pid === process.pid || before === enoughLooks) continue
    looks.set(pid, before + 1)
    for (const part of given.has(pid) ? ['cmdline'] : ['cmdline', 'environ']) {
      const text = textOf(`/proc/${pid}/${part}`)
      if (!processes.has(text)) processes.set(text, `${part} of ${pid}`)
    }
  }
}

/** Empty when the process has ended, or is somebody else's. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

const over = new AbortController()
const given = new Set<number>()
const looking = (async () => {
  while (!over.signal.aborted) {
    lookAtProcesses(given)
    await pause(5)
  }
})()
after(async () => {
  over.abort()
  await looking
})

interface Wish {
  readonly env?: Readonly<Record<string, string>>
  /** It is killed at the first line like this. */
  readonly killAt?: RegExp
}

async function timeball(words: string, { env = {}, killAt }: Wish = {}): Promise<unknown> {
  const argv = [timeballProgram, ...words.split(' '), '-i', embedded.inventoryPath]
  const child = spawn(process.execPath, argv, {
    env: { PATH: process.env['PATH'], XDG_RUNTIME_DIR: sockets, HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  if (Object.keys(env).length > 0 && child.pid !== undefined) given.add(child.pid)
  for (const [name, stream] of [
    ['stdout', child.stdout],
    ['stderr', child.stderr],
  ] as const) {
    createInterface(stream).on('line', (text) => {
      heard.push({ where: `${name} of ${words}`, text })
      if (killAt?.test(text) === true && child.pid !== undefined)
        process.kill(-child.pid, 'SIGKILL')
    })
  }
  const [exit] = await once(child, 'close')
  await collect()
  return exit
}

/** Keys that were made meanwhile. */
async function collect(): Promise<void> {
  const kept = await store().list()
  assert.ok(kept.ok)
  for (const place of kept.value) {
    const secret = await store().get(place)
    if (secret.ok) secrets.push(new Secret(`${place.device}/${place.name}`, secret.value.reveal()))
  }
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const whole = join(path, entry.name)
    if (entry.isDirectory()) return filesBelow(whole)
    return entry.isFile() && statSync(whole).size < 64 << 20 ? [whole] : []
  })
}

function leaksIn(where: string, text: string, redact: (text: string) => string): string[] {
  const shown = redact(text)
  if (shown === text) return []
  return [...shown.matchAll(/\[secret ([^\]]*)\]/g)].map(([, name]) => `${where}: ${name}`)
}

test('keys are imported, planned, applied, rotated, killed, revoked, and looked at', async () => {
  const env = { API_KEY_1: first }
  assert.equal(await timeball('secrets import --from env', { env }), 0)
  await timeball('plan --diff')
  await timeball('plan --json')
  await timeball(`plan --out ${join(folder, 'plan.json')}`)
  assert.equal(await timeball('apply --yes --json'), 0)
  await timeball('keys rotate --yes --overlap 1h', { killAt: /is in the store/ })
  await timeball('keys rotate --yes --overlap 1h', { killAt: /confirming/ })
  assert.equal(await timeball('keys rotate --yes --overlap 1h'), 0)
  await timeball('keys list --json')
  await timeball('plan --diff')
  await timeball('drift')
  await timeball('keys rotate --yes --overlap 0s', { killAt: /is retired/ })
  assert.equal(await timeball('keys rotate --yes --overlap 0s --json'), 0)
  await timeball('secrets list --json')
  await timeball('secrets get pi-gps-01/API_KEY_1')
  assert.equal(await timeball('keys revoke pi-ntp-02 --yes'), 0)
  await timeball('status')
  await timeball('doctor')
})

test('mistakes say nothing of a secret either', async () => {
  const file = join(folder, 'secrets.age.yaml')
  const text = await readFile(file, 'utf8')
  await writeFile(
    file,
    text.replace(/value: \|[^]*?END AGE ENCRYPTED FILE-----/, `value: ${first}`),
  )
  assert.equal(await timeballOn('plan'), 64)
  await writeFile(file, `${text}\n  broken: [${first}`)
  assert.equal(await timeballOn('secrets list'), 64)
  await writeFile(file, text)
  const locked = { TIMEBALL_AGE_IDENTITY: identity.slice(0, -4) }
  await timeball('plan --offline', { env: { ...locked, API_KEY_1: first } })
  const inventory = await readFile(embedded.inventoryPath, 'utf8')
  await writeFile(embedded.inventoryPath, '')
  assert.equal(await timeball('apply --yes'), 64)
  await writeFile(embedded.inventoryPath, inventory)
})

/** The store cannot be read meanwhile. */
async function timeballOn(words: string): Promise<unknown> {
  const argv = [timeballProgram, ...words.split(' '), '-i', embedded.inventoryPath]
  const child = spawn(process.execPath, argv, {
    env: { PATH: process.env['PATH'], XDG_RUNTIME_DIR: sockets, HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (text) => heard.push({ where: words, text }))
  }
  const [exit] = await once(child, 'close')
  return exit
}

test('nobody heard a secret', () => {
  const redact = redactor(secrets)
  assert.ok(new Set(secrets.map((each) => each.reveal())).size >= 6, 'keys were made')
  assert.deepEqual(
    heard.flatMap(({ where, text }) => leaksIn(where, text, redact)),
    [],
  )
})

test('no process had one in its arguments or its environment', () => {
  const redact = redactor(secrets)
  assert.ok(
    processes.keys().some((text) => text.includes('keys\0rotate')),
    'it was looked at',
  )
  assert.deepEqual(
    [...processes].flatMap(([text, where]) => leaksIn(where, text, redact)),
    [],
  )
})

test('no file has one, but for the .env of a device and the identity', () => {
  const redact = redactor(secrets)
  const allowed = /^identity$|\/opt\/mcp-utc-time-server\/\.env$/
  const leaks = filesBelow(folder).flatMap((path) =>
    leaksIn(relative(folder, path), readFileSync(path, 'latin1'), redact),
  )
  const isAllowed = (leak: string): boolean => allowed.test(leak.replace(/: [^:]*$/, ''))
  assert.equal(leaks.filter(isAllowed).length, 1 + embedded.devices.length, 'they are found')
  assert.deepEqual(
    leaks.filter((leak) => !isAllowed(leak)),
    [],
  )
})
