/** Settings of a rollout as its journal keeps them: durations are milliseconds there. */
import { z } from 'zod'
import { gates } from './event.ts'
import { rolloutSettings, type RolloutSettings } from './settings.ts'

/** The durations of `rolloutSettings`; a test finds the one that is forgotten here. */
const durations: ReadonlySet<string> = new Set([
  'soak',
  'stagger',
  'min_healthy_time',
  'healthy_deadline',
  'progress_deadline',
  'confirm_timeout',
  'interval',
  'for',
  'veto_timeout',
  'shadow',
  'max_downtime',
  'leap_before',
  'leap_after',
  ...gates,
])

/** Read by the schema of `fleet.yaml`, so that a setting which is newer than a journal has its default. */
export const journalSettings: z.ZodType<RolloutSettings> = z.preprocess(asWritten, rolloutSettings)

/** Client sets are named by operators: `sets` may have members with the names of settings. */
function asWritten(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => {
      if (durations.has(key) && typeof item === 'number') return [key, asDuration(item)]
      return [key, key === 'sets' ? item : asWritten(item)]
    }),
  )
}

/** Exact: what is longer than the digits of a duration allow was written in whole seconds or more. */
function asDuration(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`
}
