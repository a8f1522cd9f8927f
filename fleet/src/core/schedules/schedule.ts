/** What is done again and again: its name, and when. */

export const scheduleNames = ['drift', 'backup', 'verify', 'drill', 'keys'] as const
export type ScheduleName = (typeof scheduleNames)[number]

export interface Schedule {
  /** Five fields. */
  readonly cron: string
  /** IANA name. */
  readonly zone: string
  /** ms. */
  readonly jitter: number
}
