/** What Ansible's own words mean for a delivery: the only place that reads them. */
import { printable } from '@timeball/lib/printable.ts'
import type { Failure } from '../../core/failure.ts'

/** Older ones have no option of that name for a connection. */
const oldest = [2, 14] as const

/** `null`: it will do. */
export function versionFailure(version: string): Failure | null {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [wantedMajor, wantedMinor] = oldest
  const isNew = major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
  if (isNew) return null
  const detail = `ansible-core ${printable(version)} is too old: ${oldest.join('.')} or later is wanted`
  return { code: 'unreachable', detail }
}

/** What Ansible gave up with before a device said anything. */
export function refusal(why: string): Failure {
  const isSudo = /\b(sudo|become|su|doas) password\b|privilege escalation/i.test(why)
  return { code: isSudo ? 'not-root' : 'unreachable', detail: `Ansible: ${printable(why)}` }
}

/** Of hosts that there is no result of: why, as far as the output of a run tells. */
export function whyMissing(output: string, exit: number | null): (device: string) => string {
  if (exit === 127)
    return () => 'there is no ansible-playbook here (Debian: apt install ansible-core)'
  const lines = output.split('\n')
  const error = lines.find((line) => /^(\[ERROR\]|ERROR!)/.test(line))
  return (device) => {
    const own = lines.find((line) => line.includes(`[${device}]`) && /^(fatal|failed)/.test(line))
    const stated = own === undefined ? undefined : /"msg": "([^"]*)"/.exec(own)?.[1]
    const unknown = lines.find((line) => line.includes(`ignoring: ${device}`))
    const unnamed = unknown === undefined ? undefined : `its inventory has no host ${device}`
    return stated ?? own ?? unnamed ?? error ?? `it ended with ${exit ?? 'a signal'}`
  }
}
