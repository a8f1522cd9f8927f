/**
 * docs/tutorial.md, from its first line to its last: each command that begins with `$` is run at a
 * shell, on a terminal of 80 columns, and prints what stands there. `…` alone stands for lines that
 * are left out. Measured spans, digests and times may be others.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { guideDevices } from '@timeball/lab/embedded/inventory.ts'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'

const root = join(import.meta.dirname, '../../..')
const page = await readFile(join(root, 'docs/tutorial.md'), 'utf8')

// Receivers of new cards have no line in the boot configuration yet.
const embedded = await temporaryFleet({
  devices: guideDevices.map((device) => ({ ...device, bootConfig: '' })),
})
const home = await mkdtemp(join(tmpdir(), 'tb-tutorial-'))
after(() => rm(home, { recursive: true, force: true }))
await mkdir(join(home, 'bin'))
await symlink(join(root, 'timeball'), join(home, 'bin/timeball'))

/** The tutorial's minutes are seconds here. */
const hurried = `apply: { confirm_timeout: 60s, settle_timeout: 60s }
rollout:
  interval: 1s
  min_healthy_time: 1s
  healthy_deadline: 60s
  progress_deadline: 120s
  canary: { soak: 1s }
  gates: { min_reach: 1 }
`

/** At a terminal that knows no escape codes, where `timeball` and the keys are as on the page. */
async function atShell(command: string, cwd: string, answer: string | null): Promise<string> {
  const keys = '[ ! -e keys.env ] || { set -a; . ./keys.env; set +a; }'
  const line = `stty cols 80 rows 50; ${keys}; ${command}`
  const path = `${join(home, 'bin')}:${process.env['PATH']}`
  const env = { PATH: path, HOME: home, XDG_RUNTIME_DIR: home, TERM: 'dumb', SHELL: '/bin/sh' }
  const child = spawn('script', ['--quiet', '--command', line, '/dev/null'], { cwd, env })
  if (answer === null) child.stdin.end()
  else child.stdin.write(`${answer}\n`)
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')])
  const lines = said.replaceAll('\r\n', '\n')
  // The terminal echoes what is typed before it is asked for.
  return answer === null
    ? lines
    : lines.replace(`${answer}\n`, '').replace('[y/N] ', `[y/N] ${answer}\n`)
}

/** The addresses of the page in the place of those on loopback. */
function addressed(said: string): string {
  const addresses = ['192.168.1.101', '192.168.1.102', '192.168.1.201', '192.168.1.202']
  return embedded.devices.reduce(
    (all, { address }, index) =>
      all.replaceAll(new RegExp(`\\[?${RegExp.escape(address)}\\]?(?::2222)?`, 'g'), () => {
        return addresses[index] ?? address
      }),
    said,
  )
}

/** What is the same in every run. */
function comparable(line: string): string {
  return line
    .replaceAll('registry.embedded/', 'localhost/')
    .replaceAll(/\b[Ss][Hh][Aa]256:[\w+/…]+/g, 'DIGEST')
    .replaceAll(/UDP \d+/g, 'UDP')
    .replaceAll(/(?:[+-]?\d+(?:\.\d+)? (?:ns|µs|ms|s|min)\b ?)+/g, 'SPAN ')
    .replaceAll(/192\.168\.1\.10[12](?= +none)/g, 'SOURCE')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

function linesOf(said: string): string[] {
  return said
    .split('\n')
    .map(comparable)
    .filter((line) => line !== '')
}

/** Pieces between `…` follow each other in what was said; the first and the last stand at its ends. */
function assertSaid(said: string, written: string, command: string): void {
  const lines = linesOf(said)
  const wanted = linesOf(written)
  let at = 0
  let mayBeLater = false
  for (const [index, line] of wanted.entries()) {
    if (line === '…') {
      mayBeLater = true
      continue
    }
    const found = lines.indexOf(line, at)
    const isThere: boolean = found === at || (mayBeLater && found !== -1)
    assert.ok(isThere, `${command}\nline ${index + 1}: ${line}\nin:\n${lines.slice(at).join('\n')}`)
    at = found + 1
    mayBeLater = false
  }
  assert.ok(mayBeLater || at === lines.length, `${command}\nmore: ${lines.slice(at).join('\n')}`)
}

const fleetFolder = join(home, 'time')
let hasFleet = false

/** Blocks of a terminal: a command and, up to the next one, what it prints. */
async function runBlock(block: string): Promise<void> {
  for (const part of block.split(/^\$ /m).slice(1)) {
    const [command = '', ...written] = part.split('\n')
    const output = written.join('\n')
    const asked = /\[y\/N\] (\w+)$/m.exec(output)?.[1]
    const answer = asked ?? (command.endsWith(' rollout start') ? 'y' : null)
    const said = await atShell(command, hasFleet ? fleetFolder : home, answer)
    assertSaid(addressed(said), output, command)
    if (command.startsWith('timeball init')) hasFleet = true
  }
}

async function useEmbeddedFleet(inventory: string): Promise<void> {
  const path = join(fleetFolder, 'inventory.yml')
  assert.equal(await readFile(path, 'utf8'), inventory)
  await writeFile(path, await readFile(embedded.inventoryPath))
  const settings = await readFile(embedded.fleetYamlPath, 'utf8')
  const own = settings.replace('fleet: embedded', 'fleet: time').replace(/^ *known_hosts:.*\n/m, '')
  await writeFile(join(fleetFolder, 'fleet.yaml'), `${own}${hurried}`)
}

const blocks = [...page.matchAll(/^```(\w*)\n([^]*?)^```/gm)].map(([, kind = '', code = '']) => ({
  kind,
  code,
}))

test('the page works from its first line to its last', async (context) => {
  assert.ok(blocks.length > 15)
  for (const { kind, code } of blocks) {
    const title = code.split('\n', 1)[0] ?? ''
    if (kind === 'yaml' && code.startsWith('# Ansible')) await useEmbeddedFleet(code)
    else if (kind === 'yaml' && !code.startsWith('clock:'))
      await appendFile(join(fleetFolder, 'fleet.yaml'), code)
    else if (code.startsWith('$ ')) await context.test(title, () => runBlock(code))
  }
})

test('its inventory and its settings are a fleet', async () => {
  const folder = join(home, 'as-written')
  await mkdir(folder)
  const [inventory = '', ...settings] = blocks
    .filter(({ kind }) => kind === 'yaml')
    .map(({ code }) => code)
  await writeFile(join(folder, 'inventory.yml'), inventory)
  await writeFile(join(folder, 'fleet.yaml'), settings.join(''))
  const planned = await atShell('API_KEY_1=a-good-key-0001 timeball plan --offline', folder, null)
  assert.match(planned, /^Fleet as-written: 4 devices|^Fleet: 4 devices|^4 devices/m)
  assert.match(planned, /^Plan: 32 to create/m)
})

test('what is not run needs hardware, Docker, or a way to where Timeball is published', () => {
  const others = blocks.filter(({ kind, code }) => kind === '' && !code.startsWith('$ '))
  const firstWords = others.flatMap(({ code }) => code.trimEnd().split('\n'))
  for (const line of firstWords) {
    assert.match(line, /^(?:git clone|mkdir -p|ln -s|ssh pi@|timeball image build|server ) ?/)
  }
})
