/** Which backups are kept. */

export interface Kept {
  readonly id: string
  readonly subject: string
  readonly takenAtUnixMs: number
}

export interface Retention {
  readonly last: number
  readonly daily: number
  readonly weekly: number
  readonly monthly: number
}

const dayMs = 86_400_000

/**
 * Those that may go, by id. `bad` are known to be damaged: they count for nothing, and go. The newest
 * good one of each subject always stays, and where none is good, all stay.
 */
export function expired(
  backups: readonly Kept[],
  keep: Retention,
  bad: ReadonlySet<string>,
): ReadonlySet<string> {
  return new Set(
    [...Map.groupBy(backups, ({ subject }) => subject).values()].flatMap((of) =>
      expiredOf(of, keep, bad),
    ),
  )
}

function expiredOf(
  backups: readonly Kept[],
  keep: Retention,
  bad: ReadonlySet<string>,
): readonly string[] {
  const good = backups
    .filter(({ id }) => !bad.has(id))
    .toSorted((one, other) => other.takenAtUnixMs - one.takenAtUnixMs)
  if (good.length === 0) return []
  const kept = new Set(good.slice(0, Math.max(1, keep.last)).map(({ id }) => id))
  for (const { id } of newestOfEach(good, keep.daily, (ms) => Math.floor(ms / dayMs))) kept.add(id)
  for (const { id } of newestOfEach(good, keep.weekly, weekOf)) kept.add(id)
  for (const { id } of newestOfEach(good, keep.monthly, monthOf)) kept.add(id)
  return backups.map(({ id }) => id).filter((id) => !kept.has(id))
}

function newestOfEach(
  newestFirst: readonly Kept[],
  count: number,
  period: (unixMs: number) => number,
): readonly Kept[] {
  const found = new Map<number, Kept>()
  for (const backup of newestFirst) {
    const of = period(backup.takenAtUnixMs)
    if (!found.has(of)) found.set(of, backup)
  }
  return [...found.values()].slice(0, count)
}

/** Weeks begin on Mondays; 1970-01-01 was a Thursday. */
function weekOf(unixMs: number): number {
  return Math.floor((Math.floor(unixMs / dayMs) + 3) / 7)
}

/** UTC. */
function monthOf(unixMs: number): number {
  const { year, month } = Temporal.Instant.fromEpochMilliseconds(unixMs).toZonedDateTimeISO('UTC')
  return year * 12 + month
}

/** When the newest one of each subject was taken. */
export function lastOfEach(backups: readonly Kept[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>()
  for (const { subject, takenAtUnixMs } of backups) {
    last.set(subject, Math.max(takenAtUnixMs, last.get(subject) ?? 0))
  }
  return last
}
