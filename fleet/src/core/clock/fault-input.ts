/** What the rules about faults look at, and how they answer. */
import type { Chain, Source } from './groups.ts'
import type { LeapMajority, LeapNotice } from './leap.ts'
import type { ClockFault, ClockServer, ClockVerdict, FleetTime } from './server.ts'

export interface JudgeOptions {
  /** A server that reports itself synchronised and is off by more lies. */
  readonly maxOffsetMs: number
  /** What is known about leap seconds; `null` is nothing. */
  readonly leapNotice: LeapNotice | null
  /** Start of the sweep by this machine's clock. */
  readonly startedUnixMs: number
}

/** All that a rule may look at. */
export interface FaultInput {
  readonly server: ClockServer
  readonly verdict: ClockVerdict
  readonly offsetSeconds: number | null
  readonly errorSeconds: number | null
  readonly time: FleetTime
  readonly leap: LeapMajority
  /** Where its time comes from. */
  readonly chain: Chain
  readonly source: Source
  /** Those of which one is wrong, it or the other, while the rest agrees with both. */
  readonly contradicts: readonly string[]
  readonly options: JudgeOptions
}

/** `null`: nothing of that kind. */
export type FaultFinding = Omit<ClockFault, 'fault'> | null

export function bad(text: string): FaultFinding {
  return { level: 'bad', text }
}

export function warn(text: string): FaultFinding {
  return { level: 'warn', text }
}
