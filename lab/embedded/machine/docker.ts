/** The part of the `docker` command line that Timeball uses. */
import { appendFile, readFile } from 'node:fs/promises'
import { behaviourOf, digestOf } from '../images.ts'
import { readArguments } from './arguments.ts'
import type { Answer, Call } from './calls.ts'
import { dockerCompose } from './compose.ts'
import type { Container } from './containers.ts'
import { dockerRun } from './docker-run.ts'
import { renderGoTemplate } from './go-template.ts'
import type { LocalImage, Machine } from './machine.ts'
import { ntpqPeers } from './ntpq.ts'

type Command = (machine: Machine, words: Words) => Promise<Answer> | Answer

const commands: ReadonlyMap<string, Command> = new Map([
  ['info', (_machine, words) => show(words, { ServerVersion: '26.1.5', Driver: 'overlay2' })],
  ['version', () => ({ status: 0, stdout: '26.1.5\n' })],
  ['pull', pull],
  ['inspect', inspect],
  ['image', imageCommand],
  ['ps', listContainers],
  ['logs', logs],
  ['exec', exec],
  ['restart', eachContainer(({ containers }, name) => containers.restart(name))],
  ['start', eachContainer(({ containers }, name) => containers.restart(name))],
  ['stop', eachContainer(({ containers }, name) => containers.stop(name))],
  ['rm', eachContainer(({ containers }, name) => containers.remove(name))],
])

export async function docker(machine: Machine, call: Call): Promise<Answer> {
  const [name = '', ...rest] = call.argv
  if (name === 'compose') return dockerCompose(machine, { ...call, argv: rest })
  if (name === 'run') return dockerRun(machine, rest)
  const command = commands.get(name)
  if (command === undefined) return failed(`docker: '${name}' is not simulated`)
  return command(machine, readWords(rest))
}

interface Words {
  readonly names: readonly string[]
  readonly flags: ReadonlySet<string>
  readonly format: string | null
  readonly tail: number | null
  /** Unix time in milliseconds; `null`: from the beginning. */
  readonly sinceUnixMs: number | null
}

const withValue = ['--format', '-f', '--type', '--tail', '-n', '--since', '--filter', '--platform']

function readWords(argv: readonly string[]): Words {
  const { words, flags, values } = readArguments(argv, { withValue })
  const tail = values.get('--tail') ?? values.get('-n')
  const since = values.get('--since')
  return {
    names: words,
    flags,
    format: values.get('--format') ?? values.get('-f') ?? null,
    tail: tail === undefined || tail === 'all' ? null : Number(tail),
    sinceUnixMs: since === undefined ? null : sinceOf(since),
  }
}

/** A duration back from now, or an RFC 3339 time: docs.docker.com/reference/cli/docker/container/logs */
function sinceOf(text: string): number {
  const parts = [...text.matchAll(/([0-9.]+)(ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return Date.parse(text)
  const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
  const backMs = parts.map(([, count, unit = '']) => Number(count) * (unitMs[unit] ?? 0))
  return Date.now() - backMs.reduce((sum, ms) => sum + ms, 0)
}

async function pull(machine: Machine, { names }: Words): Promise<Answer> {
  const [ref = ''] = names
  const id = digestOf(ref)
  if (behaviourOf(machine.registry, id).fault === 'missing') {
    return failed(`Error response from daemon: manifest for ${ref} not found: manifest unknown`)
  }
  if (machine.faults.diskFull) {
    return failed('failed to register layer: write /app/node: no space left on device')
  }
  machine.images.set(id, { id, ref })
  return { status: 0, stdout: `${ref}\n` }
}

/** What exists goes to standard output in the order asked for, the others to standard error. */
function inspect(machine: Machine, words: Words): Answer {
  const known: string[] = []
  const missing: string[] = []
  for (const name of words.names) {
    const container = machine.containers.find(name)
    const image = findImage(machine, name)
    if (container !== null) known.push(show(words, containerData(machine, container)).stdout ?? '')
    else if (image !== null) known.push(show(words, imageData(image)).stdout ?? '')
    else missing.push(`Error: No such object: ${name}\n`)
  }
  return { status: missing.length === 0 ? 0 : 1, stdout: known.join(''), stderr: missing.join('') }
}

function imageCommand(machine: Machine, words: Words): Answer | Promise<Answer> {
  const [action = '', name = ''] = words.names
  const image = findImage(machine, name)
  if (action === 'inspect') {
    if (image !== null) return show(words, imageData(image))
    const stderr = `Error response from daemon: No such image: ${name}\n`
    return { status: 1, stdout: '\n', stderr }
  }
  if (action === 'rm' && image !== null) machine.images.delete(image.id)
  if (action === 'pull') return pull(machine, { ...words, names: [name] })
  if (['rm', 'prune', 'ls'].includes(action)) return { status: 0 }
  return failed(`docker: 'image ${action}' is not simulated`)
}

function findImage(machine: Machine, name: string): LocalImage | null {
  return (
    machine.images.get(digestOf(name)) ??
    [...machine.images.values()].find(({ ref }) => ref === name) ??
    null
  )
}

function containerData({ registry }: Machine, container: Container): unknown {
  const { version, label = version } = behaviourOf(registry, container.spec.imageId)
  const { id, spec, state, restarts, pid, exitCode } = container
  return {
    Id: id,
    Name: `/${spec.name}`,
    Image: spec.imageId,
    RestartCount: restarts,
    Config: {
      Image: spec.imageRef,
      Labels: {
        'com.docker.compose.project': 'mcp-utc-time-server',
        'org.opencontainers.image.version': label,
      },
    },
    State: {
      Status: state,
      Running: state === 'running',
      Restarting: state === 'restarting',
      Pid: pid ?? 0,
      ExitCode: exitCode,
    },
  }
}

function imageData({ id, ref }: LocalImage): unknown {
  return { Id: id, RepoTags: [], RepoDigests: [ref], Architecture: 'arm64', Os: 'linux' }
}

function show({ format }: Words, data: unknown): Answer {
  const text = format === null ? JSON.stringify([data], null, 4) : renderGoTemplate(format, data)
  return { status: 0, stdout: `${text}\n` }
}

function listContainers({ containers }: Machine, words: Words): Answer {
  const all = words.flags.has('-a') || words.flags.has('--all')
  const shown = containers.list().filter(({ state }) => all || state === 'running')
  const rows = shown.map(({ id, spec, state }) => {
    if (words.flags.has('-q')) return id.slice(0, 12)
    const data = { ID: id.slice(0, 12), Names: spec.name, Image: spec.imageRef, State: state }
    const row = { ...data, Status: state === 'running' ? 'Up' : state, Ports: '' }
    if (words.format === null) return Object.values(row).join('   ')
    return words.format === 'json' ? JSON.stringify(row) : renderGoTemplate(words.format, row)
  })
  const heading =
    words.format === null && !words.flags.has('-q') ? ['CONTAINER ID   NAMES   IMAGE'] : []
  return { status: 0, stdout: [...heading, ...rows].map((row) => `${row}\n`).join('') }
}

async function logs(machine: Machine, { names, tail, sinceUnixMs, flags }: Words): Promise<Answer> {
  const container = machine.containers.find(names[0] ?? '')
  if (container === null) return noContainer(names[0])
  await appendFile(container.spec.logFile, '')
  const all = (await readFile(container.spec.logFile, 'utf8')).split('\n').slice(0, -1)
  if (sinceUnixMs !== null && Number.isNaN(sinceUnixMs)) {
    return failed('invalid value for "since": failed to parse value as time or duration')
  }
  const lines = sinceUnixMs === null ? all : linesSince(all, sinceUnixMs)
  const shown = tail === null ? lines : lines.slice(lines.length - Math.min(tail, lines.length))
  const stamp = flags.has('--timestamps') || flags.has('-t')
  const stamped = stamp ? shown.map((line) => `${timeIn(line)} ${line}`) : shown
  return { status: 0, stdout: stamped.map((line) => `${line}\n`).join('') }
}

function timeIn(line: string): string {
  return /"time":"([^"]+)"/.exec(line)?.[1] ?? ''
}

/** By the time that the server writes into its lines: Docker's own is not kept here. */
function linesSince(lines: readonly string[], fromUnixMs: number): readonly string[] {
  const from = new Date(fromUnixMs).toISOString()
  const first = lines.findIndex((line) => timeIn(line) >= from)
  return first < 0 ? [] : lines.slice(first)
}

function exec(machine: Machine, { names }: Words): Answer {
  const [name = '', program = ''] = names
  if (machine.containers.find(name)?.state !== 'running') return noContainer(name)
  if (program === 'true') return { status: 0 }
  if (program !== 'ntpq') return { status: 127, stderr: `exec: "${program}": not simulated\n` }
  const ntpd = machine.ntpd(name)
  if (ntpd === null) return failed('ntpq: read: Connection refused')
  return { status: 0, stdout: ntpqPeers(ntpd.state()) }
}

function eachContainer(action: (machine: Machine, name: string) => Promise<void>): Command {
  return async (machine, { names }) => {
    const known = names.map((name) => machine.containers.find(name))
    const missing = known.indexOf(null)
    if (missing >= 0) return noContainer(names[missing])
    for (const container of known)
      if (container !== null) await action(machine, container.spec.name)
    return { status: 0, stdout: names.map((name) => `${name}\n`).join('') }
  }
}

function noContainer(name = ''): Answer {
  return failed(`Error response from daemon: No such container: ${name}`)
}

function failed(message: string): Answer {
  return { status: 1, stderr: `${message}\n` }
}
