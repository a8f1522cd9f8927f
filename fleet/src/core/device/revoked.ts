/**
 * `revoked.yaml` beside fleet.yaml: devices that somebody else may have in his hands. It is in git,
 * so that nobody goes there: a mapping of names to the time, of which no more than that is read.
 */
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'

export const revokedFile = 'revoked.yaml'

export interface Revoked {
  readonly name: string
  readonly atUnixMs: number
}

const line = /^(?<name>[A-Za-z0-9][A-Za-z0-9._-]*): (?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/

export function parseRevoked(
  file: string,
  text: string,
): Result<readonly Revoked[], readonly Problem[]> {
  const problems: Problem[] = []
  const revoked: Revoked[] = []
  for (const [index, each] of text.split('\n').entries()) {
    if (each.trim() === '' || each.startsWith('#')) continue
    const { name, time = '' } = line.exec(each.trimEnd())?.groups ?? {}
    const atUnixMs = Date.parse(time)
    if (name === undefined || Number.isNaN(atUnixMs)) {
      const what = 'is no line such as pi-ntp-02: 2026-11-29T10:00:00Z'
      problems.push({
        file,
        line: index + 1,
        column: 1,
        what,
        fix: 'timeball keys revoke writes it',
      })
    } else revoked.push({ name, atUnixMs })
  }
  return problems.length > 0 ? fail(problems) : ok(revoked)
}

export function formatRevoked(revoked: readonly Revoked[]): string {
  const lines = revoked.map(({ name, atUnixMs }) => `${name}: ${timeOf(atUnixMs)}\n`)
  const head =
    '# Devices that were revoked: nothing goes to them. Written by timeball keys revoke.\n'
  return [head, ...lines].join('')
}

export function timeOf(unixMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(unixMs).toString({ smallestUnit: 'second' })
}
