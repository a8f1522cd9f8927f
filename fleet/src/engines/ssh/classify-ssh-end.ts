/** What ssh(1) meant when it ended without a complete report. The only place that reads its text. */
import type { Failure, FailureCode } from '../../core/failure.ts'
import { printable } from '@timeball/lib/printable.ts'

interface Sign {
  readonly pattern: RegExp
  readonly code: FailureCode
}

/**
 * Messages of ssh itself, which come with exit status 255; the first match decides. Texts are those
 * of OpenSSH 8.4 to 10.0: sshconnect.c, sshconnect2.c, packet.c, clientloop.c, mux.c.
 */
const ownSigns: readonly Sign[] = [
  { pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED/u, code: 'host-key-changed' },
  { pattern: /host key for .* has changed/iu, code: 'host-key-changed' },
  { pattern: /REVOKED HOST KEY/u, code: 'host-key-changed' },
  { pattern: /No .* host key is known for/u, code: 'host-key-unknown' },
  { pattern: /Host key verification failed/u, code: 'host-key-unknown' },
  { pattern: /Permission denied \(/u, code: 'auth-refused' },
  { pattern: /Too many authentication failures/u, code: 'auth-refused' },
  { pattern: /No supported authentication methods/u, code: 'auth-refused' },
  {
    pattern: /administratively prohibited|This account is (currently )?not available/u,
    code: 'auth-refused',
  },
]

/** Messages of the far side's shell, for any other exit status. */
const remoteSigns: readonly Sign[] = [
  { pattern: /^sudo: /mu, code: 'not-root' },
  { pattern: /No space left on device/u, code: 'no-space' },
]

export interface SshEnd {
  /** `null` when a signal ended ssh. */
  readonly code: number | null
  readonly stderr: string
  /** Whether the report had begun, so that the device may have done something. */
  readonly begun: boolean
}

/** ssh(1), EXIT STATUS: 255 is ssh's own failure; any other status is the remote command's. */
export function classifySshEnd({ code, stderr, begun }: SshEnd): Failure {
  if (code === 255 || code === null) {
    if (begun) return { code: 'unreachable', detail: lost(stderr) }
    const sign = ownSigns.find(({ pattern }) => pattern.test(stderr))
    return { code: sign?.code ?? 'unreachable', detail: ownDetail(sign?.code, stderr) }
  }
  const sign = remoteSigns.find(({ pattern }) => pattern.test(stderr))
  const said = lastLine(stderr)
  const detail = `the report is incomplete and the remote command ended with ${code}`
  return { code: sign?.code ?? 'protocol', detail: said === '' ? detail : `${detail}: ${said}` }
}

function lost(stderr: string): string {
  const said = lastLine(stderr)
  const detail = 'the connection was lost before the report was complete'
  return said === '' ? detail : `${detail}: ${said}`
}

function ownDetail(code: FailureCode | undefined, stderr: string): string {
  if (code === 'host-key-changed') return changedKeyDetail(stderr)
  if (code === 'host-key-unknown') {
    const line = /No .* host key is known for \S+/u.exec(stderr)
    return printable(line?.[0] ?? stderr)
  }
  const said = lastLine(stderr)
  return said === '' ? 'ssh ended without saying why' : said
}

/** Two facts out of the box that ssh prints: the key that came, and the line that expects another. */
function changedKeyDetail(stderr: string): string {
  const sent = /key sent by the remote host is\s+(SHA256:[A-Za-z0-9+/]+)/u.exec(stderr)?.[1]
  const offending = /Offending .*?key in (.+:\d+)/u.exec(stderr)?.[1]
  const facts = [
    sent === undefined ? null : `the host now sends ${sent}`,
    offending === undefined ? null : `another key is pinned in ${offending}`,
  ]
  const text = facts.filter((fact) => fact !== null).join('; ')
  return printable(text === '' ? stderr : text)
}

function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => printable(line))
  return lines.findLast((line) => line !== '') ?? ''
}
