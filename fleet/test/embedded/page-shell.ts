/**
 * Runs the blocks of a page of documentation: each command that begins with `$`, at a shell, on a
 * terminal of 80 columns, and compares what it prints with what stands there. `…` alone stands for
 * lines that are left out, and after `,` or `}` for more of a line. Measured spans, digests and times may be others.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import type { EmbeddedFleet } from '@timeball/lab/embedded/start.ts'

const root = join(import.meta.dirname, '../../..')

export interface Place {
  /** Of the user who types; `timeball` is in its PATH. */
  readonly home: string
  readonly cwd: string
}

export interface Block {
  /** `yaml`, or empty. */
  readonly kind: string
  readonly code: string
}

/** The fenced blocks of a page, by its path in the repository. */
export async function blocksOf(path: string): Promise<readonly Block[]> {
  const page = await readFile(join(root, path), 'utf8')
  const blocks = [...page.matchAll(/^```(\w*)\n([^]*?)^```/gm)]
  return blocks.map(([, kind = '', code = '']) => ({ kind, code }))
}

export async function temporaryHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'tb-page-'))
  after(() => rm(home, { recursive: true, force: true }))
  await mkdir(join(home, 'bin'))
  await symlink(join(root, 'timeball'), join(home, 'bin/timeball'))
  return home
}

/** The minutes of the pages are seconds here. */
const hurried = `apply: { confirm_timeout: 60s, settle_timeout: 60s }
rollout:
  interval: 1s
  min_healthy_time: 1s
  healthy_deadline: 60s
  progress_deadline: 120s
  canary: { soak: 1s }
  gates: { min_reach: 1 }
`

/** The settings of the embedded fleet for a folder that has the page's name and no host keys yet. */
export async function useEmbeddedFleet(embedded: EmbeddedFleet, folder: string): Promise<void> {
  await writeFile(join(folder, 'inventory.yml'), await readFile(embedded.inventoryPath))
  const settings = await readFile(embedded.fleetYamlPath, 'utf8')
  const own = settings.replace('fleet: embedded', 'fleet: time').replace(/^ *known_hosts:.*\n/m, '')
  await writeFile(join(folder, 'fleet.yaml'), `${own}${hurried}`)
}

/** At a terminal that knows no escape codes, where `timeball` and the keys are as on the page. */
export async function atShell(
  { home, cwd }: Place,
  command: string,
  answer: string | null,
): Promise<string> {
  const keys = '[ ! -e keys.env ] || { set -a; . ./keys.env; set +a; }'
  const line = `stty cols 80 rows 50; ${keys}; ${command}`
  const path = `${join(home, 'bin')}:${process.env['PATH']}`
  const env = { PATH: path, HOME: home, XDG_RUNTIME_DIR: home, TERM: 'dumb', SHELL: '/bin/sh' }
  const child = spawn('script', ['--quiet', '--command', line, '/dev/null'], { cwd, env })
  if (answer === null) child.stdin.end()
  else child.stdin.write(`${answer}\n`)
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')])
  // curl writes headers bold on any terminal.
  const lines = stripVTControlCharacters(said).replaceAll('\r\n', '\n')
  // The terminal echoes what is typed before it is asked for.
  return answer === null
    ? lines
    : lines.replace(`${answer}\n`, '').replace('[y/N] ', `[y/N] ${answer}\n`)
}

/** The addresses of the page in the place of those on loopback. */
function addressed(said: string, embedded: EmbeddedFleet): string {
  const addresses = ['192.168.1.101', '192.168.1.102', '192.168.1.201', '192.168.1.202']
  return embedded.devices.reduce(
    (all, { address }, index) =>
      all.replaceAll(new RegExp(`\\[?${RegExp.escape(address)}\\]?(?::2222)?`, 'g'), () => {
        return addresses[index] ?? address
      }),
    said,
  )
}

/** What is the same in every run, wherever lines are broken. */
function comparable(said: string): string {
  return said
    .replaceAll(/\s+/g, ' ')
    .replaceAll('registry.embedded/', 'localhost/')
    .replaceAll(/\b[Ss][Hh][Aa]256:[\w+/…]+/g, 'DIGEST')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, 'TIME')
    .replaceAll(/\br\d{8}-\d{6}\b/g, 'ROLLOUT')
    .replaceAll(/\bby \S+@\S+/g, 'by WHO')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, 'TIME')
    .replaceAll(/(?<=[:\]] ?"?|\} )-?\d+(?:\.\d+)?(?:e-?\d+)?(?=[,}" ]|$)/g, 'NUMBER')
    .replaceAll(/(?<=\btimeball_\w+ )[\d.]+/g, 'NUMBER')
    .replaceAll(/\b[0-9a-f]{12}\b/g, 'FINGERPRINT')
    .replaceAll(/UDP \d+/g, 'UDP')
    .replaceAll(/(?:[+-]?\d+(?:\.\d+)? (?:ns|µs|ms|s|min|h|d)\b ?)+/g, 'SPAN ')
    .replaceAll(/192\.168\.1\.10[12](?= none)/g, 'SOURCE')
    .trim()
}

/** Pieces between `…` follow each other in what was said; the first and the last stand at its ends. */
function assertSaid(said: string, written: string, command: string): void {
  const whole = comparable(said)
  const pieces = written.split(/^ *…$|(?<=[,}])…/m).map(comparable)
  let at = 0
  for (const [index, piece] of pieces.entries()) {
    const found = whole.indexOf(piece, at)
    const isThere = index === 0 ? found === 0 : found !== -1
    assert.ok(isThere, `${command}\nwants: ${piece}\nin: ${whole.slice(at)}`)
    at = found + piece.length
  }
  const last = pieces.at(-1) ?? ''
  const isEnd = (pieces.length > 1 && last === '') || whole.endsWith(last)
  const isAll = pieces.length > 1 || whole === last
  assert.ok(isEnd && isAll, `${command}\nmore: ${whole.slice(at)}`)
}

/** Where a server is on the page, and where it is here. */
type Moved = readonly (readonly [onPage: string, here: string])[]

/** Each command of a block and, up to the next one, what it prints. */
export async function runBlock(
  embedded: EmbeddedFleet,
  place: Place,
  block: string,
  moved: Moved = [],
): Promise<void> {
  const there = (text: string): string =>
    moved.reduce((all, [onPage, here]) => all.replaceAll(onPage, here), text)
  const back = (text: string): string =>
    moved.reduce((all, [onPage, here]) => all.replaceAll(here, onPage), text)
  for (const part of block.split(/^\$ /m).slice(1)) {
    const [command = '', ...written] = part.split('\n')
    const output = written.join('\n')
    const asked = /\[y\/N\] (\w+)$/m.exec(output)?.[1]
    const answer = asked ?? (command.endsWith(' rollout start') ? 'y' : null)
    const said = back(await atShell(place, there(command), answer))
    assertSaid(addressed(said, embedded), output, command)
  }
}
