/**
 * Keys rotated on virtual Pis under clients that ask every 20 ms, with the controller killed in each
 * phase: run again it goes on, and no request is lost. Needs root on Debian.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { guideDevices } from '@timeball/lab/pis/devices.ts'
import { labDown } from '@timeball/lab/pis/lab-down.ts'
import { namespaceName } from '@timeball/lab/pis/network.ts'
import { must, waitFor } from '@timeball/lab/pis/run.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { sshArgs } from '@timeball/lab/pis/ssh.ts'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { withRecipients } from '../../src/core/secrets/sealed-file.ts'
import { ageStore } from '../../src/stores/secrets/age/age-store.ts'
import { copyOfGuide, type Ended, freshLab, timeball } from './command-line.ts'

const first = 'key-of-the-lab-tests'
const pis = guideDevices.filter(({ name }) => name.startsWith('pi-gps-'))
let folder = ''
let clients: ReturnType<typeof startClients> | null = null

function startClients() {
  const program = join(import.meta.dirname, 'key-clients.ts')
  const argv = ['netns', 'exec', namespaceName, process.execPath, program]
  const child = spawn('ip', argv, { stdio: ['pipe', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  return {
    tell: (address: string, key: string) => void child.stdin.write(`${address} ${key}\n`),
    async end(): Promise<{ readonly answers: number; readonly lost: readonly string[] }> {
      child.stdin.end()
      await ended
      return JSON.parse(said)
    },
    kill: () => void child.kill(),
  }
}

function words(text: string): readonly string[] {
  return [...text.split(' '), '-i', join(folder, 'inventory.yml')]
}

async function keyOf(device: string, name: string): Promise<string | null> {
  const identities = {
    file: join(folder, 'identity'),
    environment: {},
    askPassphrase: () => Promise.resolve(null),
  }
  const store = ageStore({ path: join(folder, 'secrets.age.yaml'), identities })
  const secret = await store.get({ device, name })
  return secret.ok ? secret.value.reveal() : null
}

async function keysOn(device: (typeof pis)[number]): Promise<string[]> {
  const env = 'sudo cat /opt/mcp-utc-time-server/.env'
  const text = await must(sshArgs(labPaths(process.env), device, env))
  return [...text.matchAll(/^API_KEY_\d=(.*)$/gm)].map(([, key = '']) => key)
}

function succeeded(ended: Ended): void {
  assert.equal(ended.exit, 0, `${ended.stdout}\n${ended.stderr}`)
}

/** Killed when its messages match one after the other; whether it came to that. */
async function runAndKill(text: string, lines: readonly RegExp[]): Promise<void> {
  const left = [...lines]
  const killing = new AbortController()
  const ended = await timeball(words(text), {
    kill: killing.signal,
    onMessage(line) {
      if (left[0]?.test(line) === true) left.shift()
      if (left.length === 0) killing.abort()
    },
  })
  assert.equal(ended.exit, null, `it did not come to ${String(lines)}:\n${ended.stderr}`)
}

before(
  async () => {
    await freshLab()
    folder = copyOfGuide()
    const identities = await Promise.all([generateX25519Identity(), generateX25519Identity()])
    const recipients = await Promise.all(identities.map(identityToRecipient))
    writeFileSync(join(folder, 'secrets.age.yaml'), withRecipients('', recipients))
    writeFileSync(join(folder, 'identity'), `${identities[0]}\n`, { mode: 0o600 })
    appendFileSync(
      join(folder, 'fleet.yaml'),
      'secrets: { store: age, identity_file: identity }\napply: { confirm_timeout: 30s }\n',
    )
    succeeded(await timeball(words('secrets import --from env')))
    succeeded(await timeball(words('apply stratum1 --yes')))
    clients = startClients()
    for (const { address } of pis) clients.tell(address, first)
  },
  { timeout: 900_000 },
)
after(async () => {
  clients?.kill()
  await labDown({ onProgress: () => {}, purge: 'no' })
  if (folder !== '') rmSync(folder, { recursive: true })
})

const retired = /is retired/
const kills = [
  {
    add: [[/is in the store/], [/pi-gps-01: confirming/]],
    cut: [[retired], [/pi-gps-02: applying/]],
  },
  {
    add: [[/pi-gps-02: applying/], [/asking/]],
    cut: [[retired, /pi-gps-01: confirming/], [/asking/]],
  },
]

for (const [index, { add, cut }] of kills.entries()) {
  test(`rotation ${index + 1}, killed at ${String([...add, ...cut].flat())}`, async () => {
    const begin = 'keys rotate stratum1 --yes --overlap 1h'
    for (const lines of add) await runAndKill(begin, lines)
    succeeded(await timeball(words(begin)))
    for (const { name, address } of pis) {
      const fresh = (await keyOf(name, 'API_KEY_2')) ?? ''
      clients?.tell(address, fresh)
    }
    const end = 'keys rotate stratum1 --yes --overlap 0s'
    for (const lines of cut) await runAndKill(end, lines)
    succeeded(await timeball(words(end)))
    for (const pi of pis) {
      const own = await keyOf(pi.name, 'API_KEY_1')
      assert.deepEqual(await keysOn(pi), [own])
      assert.equal(await keyOf(pi.name, 'RETIRED_API_KEY'), null)
    }
  })
}

test('no request was lost', async (context) => {
  const seen = await clients?.end()
  context.diagnostic(`${seen?.answers} requests answered`)
  assert.ok((seen?.answers ?? 0) > 200)
  assert.deepEqual(seen?.lost, [])
})

test('each device has an NTP key, and followers and sweeps ask with it', async () => {
  const file = join(folder, 'fleet.yaml')
  const before = readFileSync(file, 'utf8')
  const all = ['pi-gps-01', 'pi-gps-02', 'pi-ntp-01']
  for (const name of all)
    succeeded(await timeball(words(`secrets set ${name}/NTP_KEY_1 --generate`)))
  const authenticate = async (how: string): Promise<void> => {
    writeFileSync(
      file,
      before.replace('discipline: false', `discipline: false\n  authenticate: ${how}`),
    )
    succeeded(await timeball(words(`apply ${all.join(',')} --yes`)))
  }
  await authenticate('offer')
  await authenticate('require')
  const follower = guideDevices.find(({ name }) => name === 'pi-ntp-01')
  assert.ok(follower)
  const ask = 'sudo docker exec mcp-utc-time ntpq -c associations'
  await waitFor('a follower that has good answers with keys', 240_000, async () =>
    / yes +yes +ok +(?:sys\.peer|candidate)/.test(
      await must(sshArgs(labPaths(process.env), follower, ask)),
    ),
  )
  const clocks = await timeball(words(`clock ${all.join(',')}`))
  assert.doesNotMatch(clocks.stdout, /invalid|unreachable/, clocks.stdout)
  // With another key than the devices have nobody is believed.
  succeeded(await timeball(words('secrets set pi-gps-01/NTP_KEY_1 --generate')))
  const strange = await timeball(words('clock pi-gps-01'))
  assert.match(strange.stdout, /pi-gps-01 .*(?:invalid|unreachable)/)
})
