/** Whose last good backup, or last drill, is too old; nothing where no backups are made at all. */
import { formatSpan } from '@timeball/lib/duration.ts'
import { foldNames } from '../plan/names.ts'
import type { BackupMemory } from './memory.ts'

export interface AgeLimits {
  readonly nowUnixMs: number
  readonly backupMs: number
  readonly drillMs: number
}

/** Sentences, those about many devices folded. */
export function oldBackups(
  memory: BackupMemory,
  devices: readonly string[],
  { nowUnixMs, backupMs, drillMs }: AgeLimits,
): readonly string[] {
  const { good_unix_ms: good, drill_unix_ms: drilled } = memory
  if (Object.keys(good).length === 0) return []
  const without = devices.filter((name) => good[name] === undefined)
  const isOld = (at: number | undefined, most: number): boolean =>
    at !== undefined && nowUnixMs - at > most
  const old = devices.filter((name) => isOld(good[name], backupMs))
  const oldest = Math.min(...old.map((name) => good[name] ?? nowUnixMs))
  const unproved = devices.filter(
    (name) => good[name] !== undefined && isOld(drilled[name] ?? 0, drillMs),
  )
  return [
    ...(without.length === 0 ? [] : [`${foldNames(without)} has no good backup`]),
    ...(old.length === 0
      ? []
      : [`the last good backup of ${foldNames(old)} is ${formatSpan(nowUnixMs - oldest)} old`]),
    ...(unproved.length === 0
      ? []
      : [`a restore of ${foldNames(unproved)} was not rehearsed in ${formatSpan(drillMs)}`]),
  ]
}

/** How many devices have a good backup, and how old the oldest is; `null`: no device has any. */
export function agesOfBackups(
  { good_unix_ms: good, drill_unix_ms: drilled }: BackupMemory,
  devices: readonly string[],
  nowUnixMs: number,
): string | null {
  const taken = devices.flatMap((name) => good[name] ?? [])
  const tried = devices.flatMap((name) => drilled[name] ?? [])
  if (taken.length === 0) return null
  const age = (times: readonly number[]): string => formatSpan(nowUnixMs - Math.min(...times))
  const restores =
    tried.length === 0
      ? 'no restore was rehearsed'
      : `a restore was rehearsed of ${tried.length} of ${devices.length}, the oldest ${age(tried)} ago`
  return `Backups: ${taken.length} of ${devices.length} have a good one, the oldest ${age(taken)} old; ${restores}`
}
