/** What is known of the world at one instant of a rollout: measured just before each decision. */
import type { TimeState } from '../service/good-time.ts'
import type { Gate } from './event.ts'

/** What the gates say of one changed device. */
export type GateVerdict =
  | { readonly verdict: 'pass' }
  /** `gate`: the first that does not hold. */
  | { readonly verdict: 'pending' | 'fail'; readonly gate: Gate; readonly detail: string }
  /** It does not answer from inside, so that nobody knows what is wrong: the network, the power, or it. */
  | { readonly verdict: 'unreached'; readonly gate: Gate; readonly detail: string }
  /** It cannot be judged: a probe failed, or there are too few servers. */
  | { readonly verdict: 'inconclusive'; readonly gate: Gate; readonly detail: string }

export interface DeviceSight {
  /** Whether it gives good time now, as measured from outside. */
  readonly time: TimeState
  /** Only of devices that are settling or verifying. */
  readonly gate: GateVerdict | null
  /** Longest time without a good answer since its newest change; `null`: not measured, or not over. */
  readonly downtimeSeconds: number | null
  /** How long it has given no good answer by now, while that lasts; `null`: it does, or not measured. */
  readonly lastingSeconds: number | null
  /** Why it is not ready; `null`: it is. */
  readonly veto: string | null
}

/** Canaries against devices of the same role that were not changed, over the same minutes. */
export type Comparison = {
  readonly verdict: 'pass' | 'fail' | 'inconclusive'
  readonly detail: string
}

export interface Sight {
  /** Unix ms that never runs backwards while one process runs. */
  readonly nowMs: number
  readonly devices: ReadonlyMap<string, DeviceSight>
  /** `null`: there is nothing to compare, or not enough yet. */
  readonly comparison: Comparison | null
  /** Why nothing may be started now (freeze window, leap second); `null`: it may. */
  readonly freeze: string | null
}
