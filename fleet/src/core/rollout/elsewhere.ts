/**
 * Devices that were changed a moment ago from another state directory. Who shares no state shares no
 * lease either; the devices are all that the two have in common, and each remembers who was there last.
 */
import { formatSpan } from '@timeball/lib/duration.ts'
import type { Observed } from '../plan/observed.ts'

/** The default soak of a canary: in this time a rollout at work changes some device, as a rule. */
const freshSeconds = 600

/** `origin`: 8 hex digits, of the state directory from which a device is changed. */
export function operationId(nonce: string, origin?: string): string {
  return origin === undefined ? `op-${nonce}` : `op-${origin}-${nonce}`
}

const named = /^op-([0-9a-f]{8})-/

export type Seen = ReadonlyMap<string, Pick<Observed, 'epochBy' | 'epochAgeSeconds'>>

/** Devices to which somebody else's operation came lately, and how many seconds ago. */
export function changedElsewhere(seen: Seen, origin: string): ReadonlyMap<string, number> {
  return new Map(
    [...seen].flatMap(([device, { epochBy, epochAgeSeconds: ago }]): [string, number][] => {
      const by = named.exec(epochBy ?? '')?.[1]
      const isElse = by !== undefined && by !== origin
      return isElse && ago !== null && ago < freshSeconds ? [[device, ago]] : []
    }),
  )
}

export interface Elsewhere {
  readonly devices: readonly string[]
  /** Since the last of them. */
  readonly agoSeconds: number
}

/**
 * Whether somebody else is at work on the fleet: two devices say so, or all that are meant. One among
 * others is only believed about itself.
 */
export function atWorkElsewhere(seen: Seen, origin: string): Elsewhere | null {
  const changed = changedElsewhere(seen, origin)
  if (changed.size === 0 || changed.size < Math.min(2, seen.size)) return null
  return { devices: [...changed.keys()], agoSeconds: Math.min(...changed.values()) }
}

/** Of a device that is left alone. */
export function elsewhereText(agoSeconds: number): string {
  return `another state directory changed it ${formatSpan(agoSeconds * 1_000)} ago`
}
