/** Which Salt is trusted with a fleet. */
import { printable } from '@timeball/lib/printable.ts'

/**
 * The oldest of each line without a known hole in the master or salt-api: CVE-2020-11651 and 11652,
 * CVE-2020-16846 and 25592, CVE-2021-25281 to 25283, CVE-2024-22231 and 22232, CVE-2024-38822 to
 * 38825, CVE-2025-22236 to 22242, and CVE-2025-62349 (a minion that passes for another one: fixed in
 * 3006.17 and 3007.9). Source: Salt's release notes, and the advisories of PyPI.
 */
const oldest: ReadonlyMap<number, number> = new Map([
  [3006, 17],
  [3007, 9],
])

/** `null`: it will do. */
export function versionProblem(version: string): string | null {
  const [, line, patch] = /^(\d{1,6})(?:\.(\d{1,6}))?/.exec(version) ?? []
  const floor = oldest.get(Number(line))
  const isNew = floor === undefined ? Number(line) >= 3008 : Number(patch ?? 0) >= floor
  if (isNew) return null
  const floors = [...oldest].map(([major, minor]) => `${major}.${minor}`).join(', ')
  return `Salt ${printable(version, 20)} has known holes: ${floors} or 3008 and later are wanted`
}
