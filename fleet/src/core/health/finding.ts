/** How a rule about health answers. */
import type { HealthLevel } from './verdict.ts'

/** What a rule says; `null` is "nothing wrong, or another rule speaks about it". */
export type Finding = { readonly level: Exclude<HealthLevel, 'ok'>; readonly text: string } | null

export function down(text: string): Finding {
  return { level: 'down', text }
}

export function degraded(text: string): Finding {
  return { level: 'degraded', text }
}

export function unknown(text: string): Finding {
  return { level: 'unknown', text }
}
