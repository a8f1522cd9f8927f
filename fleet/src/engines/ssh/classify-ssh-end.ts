/** What ssh(1) meant when it ended without a complete report. The only place that reads its text. */
import type { Failure, FailureCode } from '../../core/failure.ts'
import { printable } from '@timeball/lib/printable.ts'

/** What a line says, and what that means; the first match decides. */
type Sign = readonly [text: string, code: FailureCode]

/**
 * Messages of ssh itself, which come with exit status 255. Texts are those of OpenSSH 8.4 to 10.0:
 * sshconnect.c, sshconnect2.c, packet.c, mux.c.
 */
const hostKeySigns: readonly Sign[] = [
  ['REMOTE HOST IDENTIFICATION HAS CHANGED', 'host-key-changed'],
  ['REVOKED HOST KEY', 'host-key-changed'],
  [' host key is known for ', 'host-key-unknown'],
  ['Host key verification failed', 'host-key-unknown'],
]
const accessSigns: readonly Sign[] = [
  ['Permission denied (', 'auth-refused'],
  ['Too many authentication failures', 'auth-refused'],
  ['No supported authentication methods', 'auth-refused'],
  ['administratively prohibited', 'auth-refused'],
]

/**
 * Messages in which ssh quotes the far side, line breaks and all, or that come after the host key
 * was accepted. From the first of them on nothing is a word about host keys.
 */
const farSideBegins =
  /^(?:Received disconnect|Disconnect|Unable to negotiate|Bad remote protocol|Connection |channel |client_|kex_|mux_|ssh_)/

export interface SshEnd {
  /** `null` when a signal ended ssh. */
  readonly code: number | null
  /** What the local ssh said; `null` when it ended before it had read its command line. */
  readonly log: string | null
  /** What the far side wrote there, and an ssh to a jump host. */
  readonly stderr: string
  /** Whether the report had begun, so that the device may have done something. */
  readonly begun: boolean
}

/** ssh(1), EXIT STATUS: 255 is ssh's own failure; any other status is the remote command's. */
export function classifySshEnd(end: SshEnd): Failure {
  const { code, log, stderr, begun } = end
  if (code !== 255 && code !== null) return classifyRemoteEnd(code, stderr)
  const said = lastLine(withoutOwn(stderr))
  if (begun) {
    const lost = 'the connection was lost before the report was complete'
    const why = lastLine(log ?? '') || said
    return { code: 'unreachable', detail: why === '' ? lost : `${lost}: ${why}` }
  }
  // A command line that ssh does not take: nobody but ssh itself has spoken.
  if (log === null) return { code: 'unreachable', detail: said || 'ssh ended without saying why' }
  return classifyOwn(log, said)
}

/** The remote command has ended without a complete report, and this is what it wrote to standard error. */
export function classifyRemoteEnd(code: number, stderr: string): Failure {
  return { code: remoteCode(stderr), detail: ended(code, lastLine(withoutOwn(stderr))) }
}

/** ssh says there itself that a key file is missing; the plan says it, too. */
function withoutOwn(stderr: string): string {
  const lines = stderr.split('\n')
  return lines.filter((line) => !line.startsWith('Warning: Identity file ')).join('\n')
}

function ended(code: number, said: string): string {
  const detail = `the report is incomplete and the remote command ended with ${code}`
  return said === '' ? detail : `${detail}: ${said}`
}

/** What the shell of the far side says, for any other exit status. */
function remoteCode(stderr: string): FailureCode {
  const lines = linesOf(stderr)
  if (lines.some((line) => line.startsWith('sudo: '))) return 'not-root'
  return lines.some((line) => line.includes('No space left on device')) ? 'no-space' : 'protocol'
}

/** `said` is of the far side, or of an ssh to a jump host: it is quoted and decides nothing. */
function classifyOwn(log: string, said: string): Failure {
  const lines = linesOf(log)
  const begins = lines.findIndex((line) => farSideBegins.test(line))
  const before = begins === -1 ? lines : lines.slice(0, begins)
  const hostKey = signIn(before, hostKeySigns)
  if (hostKey === 'host-key-changed') return { code: hostKey, detail: changedKeyDetail(before) }
  if (hostKey !== null) return { code: hostKey, detail: unknownKeyDetail(before) }
  const why = withoutAddress(lastLine(log)) || 'the connection ended without a report'
  const detail = said === '' ? why : `${why}; the far side said: ${said}`
  const access = signIn(lines, accessSigns)
  if (access !== null) return { code: access, detail }
  const layer = layerIn(before)
  return layer === null ? { code: 'unreachable', detail } : { code: 'unreachable', detail, layer }
}

type FailedLayer = NonNullable<Failure['layer']>

/** As ssh says it of a connection that it did not get: sshconnect.c, and strerror(3). */
const layerSigns: readonly (readonly [string, FailedLayer])[] = [
  ['Could not resolve hostname', 'name'],
  ['No route to host', 'route'],
  ['Network is unreachable', 'route'],
  ['timed out', 'route'],
  ['Connection refused', 'port'],
]

function layerIn(lines: readonly string[]): FailedLayer | null {
  const line = lines.find((each) => each.startsWith('ssh: '))
  return layerSigns.find(([text]) => line?.includes(text))?.[1] ?? null
}

/** What keeps devices apart that fail alike; whose address it is, the inventory says. */
function withoutAddress(line: string): string {
  return line
    .replace(/^ssh: connect to host \S+ port /, 'ssh: TCP ')
    .replace(/^[^\s@]+@[^\s@]+: (?=Permission denied)/, '')
}

function signIn(lines: readonly string[], signs: readonly Sign[]): FailureCode | null {
  const found = signs.find(([text]) => lines.some((line) => line.includes(text)))
  return found?.[1] ?? null
}

function unknownKeyDetail(lines: readonly string[]): string {
  const line = lines.find((each) => each.includes(' host key is known for '))
  return line?.split(' and you have requested ')[0] ?? lines.at(-1) ?? ''
}

/** Two facts out of the box that ssh prints: the key that came, and the line that expects another. */
function changedKeyDetail(lines: readonly string[]): string {
  const sent = lines.find((line) => /^SHA256:[A-Za-z0-9+/]+\.?$/.test(line))
  const offending = lines.find((line) => line.startsWith('Offending '))?.split(' key in ')
  const facts = [
    ...(sent === undefined ? [] : [`the host now sends ${sent.replace('.', '')}`]),
    ...(offending?.[1] === undefined ? [] : [`another key is pinned in ${offending[1]}`]),
  ]
  return facts.length === 0 ? (lines.at(-1) ?? '') : facts.join('; ')
}

/** The box about a changed key has fifteen lines. */
const mostLines = 200
const mostCharacters = 4096

/** The first lines, each printable and short. */
function linesOf(text: string): string[] {
  return text.split('\n', mostLines).map((line) => printable(line))
}

function lastLine(text: string): string {
  const lines = text.slice(-mostCharacters).split('\n')
  return lines.map((line) => printable(line)).findLast((line) => line !== '') ?? ''
}
