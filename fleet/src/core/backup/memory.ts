/** `.timeball/backups.json`: what is known of backups without opening the repository. */
import { z } from 'zod'

export const memoryName = 'backups.json'

const times = z.record(z.string(), z.number().nonnegative())

const schema = z.object({
  version: z.literal(1),
  /** When the last good backup of each device, and of the controller, was taken. */
  good_unix_ms: times,
  /** When a restore of each was last rehearsed with success. */
  drill_unix_ms: times,
  /** How many checks have read a part of the data. */
  parts_read: z.int().nonnegative(),
})

export type BackupMemory = z.output<typeof schema>

export const nothingKnown: BackupMemory = {
  version: 1,
  good_unix_ms: {},
  drill_unix_ms: {},
  parts_read: 0,
}

/** One that is damaged knows nothing: the next run writes it anew. */
export function parseMemory(text: string): BackupMemory {
  try {
    const parsed = schema.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : nothingKnown
  } catch {
    return nothingKnown
  }
}

export function formatMemory(memory: BackupMemory): string {
  return `${JSON.stringify(memory, null, 2)}\n`
}

/**
 * For metrics: nothing where backups are not made at all, and 0 for a device of the fleet that has
 * none while others do.
 */
export function timesOf(
  times: Readonly<Record<string, number>>,
  subjects: readonly string[],
): ReadonlyMap<string, number> {
  if (Object.keys(times).length === 0) return new Map()
  return new Map(subjects.map((subject) => [subject, times[subject] ?? 0]))
}

/** For records; `null`: there is none that is known. */
export function lastOf(
  { good_unix_ms: good, drill_unix_ms: drilled }: BackupMemory,
  device: string,
) {
  return {
    last_backup_unix_ms: good[device] ?? null,
    last_drill_unix_ms: drilled[device] ?? null,
  }
}
