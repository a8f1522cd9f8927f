/** Renews the lease of the fleet for as long as an operation runs. */
import { serially } from '@timeball/lib/serially.ts'
import { leaseMs, type Lease } from '../../core/rollout/lease.ts'
import type { FleetLease } from '../../ports/rollout-store.ts'

export interface KeptLease {
  /** The newest: after `raise` the one before it is worth nothing. */
  current(): Lease
  /** Fires when another operation has the fleet. */
  readonly lost: AbortSignal
  /** So that the epoch is above what a device has seen. `false`: the lease is lost. */
  raise(epochFloor: number): Promise<boolean>
  /** Gives the fleet to others, once nothing is done with it any more. */
  release(): Promise<void>
}

export interface LeaseTime {
  /** Unix ms. */
  nowMs(): number
  /** Ends early, without an error, when the signal fires. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export function keepLease(store: FleetLease, acquired: Lease, time: LeaseTime): KeptLease {
  const lost = new AbortController()
  const over = new AbortController()
  // Two renewals of one lease at once: the second would find another epoch, and think it lost.
  const inTurn = serially()
  let lease = acquired
  let renewedMs = time.nowMs()

  const renew = (epochFloor = 0): Promise<boolean> =>
    inTurn(async () => {
      const renewed = await store.renew(lease, time.nowMs(), epochFloor)
      if (renewed === null) lost.abort()
      else {
        lease = renewed
        renewedMs = time.nowMs()
      }
      return renewed !== null
    })

  async function keep(): Promise<void> {
    for (;;) {
      await time.wait(leaseMs / 3, over.signal)
      if (over.signal.aborted || lost.signal.aborted) return
      try {
        await renew()
      } catch {
        // A disk that is busy has until the lease is over.
        if (time.nowMs() - renewedMs >= leaseMs) lost.abort()
      }
    }
  }

  const keeping = keep()
  return {
    current: () => lease,
    lost: lost.signal,
    raise: renew,
    async release() {
      over.abort()
      await keeping
      await store.release(lease)
    },
  }
}
