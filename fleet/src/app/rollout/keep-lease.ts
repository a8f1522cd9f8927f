/** Renews the lease of the fleet for as long as an operation runs. */
import { leaseMs, type Lease } from '../../core/rollout/lease.ts'
import type { FleetLease } from '../../ports/rollout-store.ts'

export interface KeptLease {
  readonly lease: Lease
  /** Fires when another operation has the fleet. */
  readonly lost: AbortSignal
  /** Gives the fleet to others, once nothing is done with it any more. */
  release(): Promise<void>
}

export interface LeaseTime {
  /** Unix ms. */
  nowMs(): number
  /** Ends early, without an error, when the signal fires. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export function keepLease(store: FleetLease, lease: Lease, time: LeaseTime): KeptLease {
  const lost = new AbortController()
  const over = new AbortController()
  let renewedMs = time.nowMs()

  async function keep(): Promise<void> {
    for (;;) {
      await time.wait(leaseMs / 3, over.signal)
      if (over.signal.aborted || lost.signal.aborted) return
      try {
        const nowMs = time.nowMs()
        if (await store.renew(lease, nowMs)) renewedMs = nowMs
        else lost.abort()
      } catch {
        // A disk that is busy has until the lease is over.
        if (time.nowMs() - renewedMs >= leaseMs) lost.abort()
      }
    }
  }

  const keeping = keep()
  return {
    lease,
    lost: lost.signal,
    async release() {
      over.abort()
      await keeping
      try {
        await store.release(lease)
      } catch {
        // A disk that fails: the lease ends by itself, and what went wrong before is what is told.
      }
    },
  }
}
