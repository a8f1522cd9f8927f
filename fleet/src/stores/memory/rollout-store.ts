/** What rollouts remember, gone with the process: for tests, and for fleets that live no longer. */
import type { Reachable } from '../../core/device/device.ts'
import type { BlockedRelease } from '../../core/rollout/blocked-release.ts'
import { decodeEvent, encodeEvent } from '../../core/rollout/journal/format.ts'
import type { RolloutEvent, RolloutRequest } from '../../core/rollout/event.ts'
import {
  acquireLease,
  freeLease,
  holderOf,
  isHeldBy,
  renewLease,
  type IsAlive,
  type Lease,
  type LeaseRecord,
} from '../../core/rollout/lease.ts'
import { reason } from '../../core/rollout/reason.ts'
import { summarize, type RolloutSummary } from '../../core/rollout/summary.ts'
import type {
  BlockedReleases,
  FleetLease,
  Journals,
  KnownDevices,
  Requests,
  RolloutStore,
} from '../../ports/rollout-store.ts'

export interface MemoryRollouts {
  open(isAlive: IsAlive): RolloutStore
}

/** All that `open` gives share what is remembered. */
export function memoryRollouts(): MemoryRollouts {
  const origin = Math.trunc(Math.random() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0')
  const lease = memoryLease()
  const journals = memoryJournals()
  const requests = memoryRequests()
  const blocked = memoryBlocked()
  const known = memoryKnown((device) => journals.forgetDevice(device))
  return {
    open(isAlive) {
      const asked = requests.open()
      return {
        damage: null,
        origin,
        ...lease.open(isAlive),
        ...journals,
        ...known,
        ...asked,
        ...blocked,
        async append(rollout, events, by) {
          if (!lease.isHeldBy(by)) return 'fenced'
          journals.append(rollout, events)
          asked.forgetTaken(rollout)
          return 'appended'
        },
        close: async () => {},
      }
    },
  }
}

function memoryLease(): {
  open(isAlive: IsAlive): FleetLease
  isHeldBy(lease: Lease): boolean
} {
  let record: LeaseRecord = freeLease
  return {
    isHeldBy: (lease) => isHeldBy(record, lease),
    open: (isAlive) => ({
      async acquire(wish) {
        const next = acquireLease(record, wish, isAlive)
        record = next.record ?? record
        return next.acquired
      },
      async renew(lease, nowMs) {
        const next = renewLease(record, lease, nowMs)
        record = next ?? record
        return next !== null
      },
      async release(lease) {
        if (isHeldBy(record, lease)) record = { ...record, held: null }
      },
      holder: async (nowMs) => holderOf(record, nowMs, isAlive),
    }),
  }
}

/** Times that are kept of each device. */
const remembered = 20

type MemoryJournals = Omit<Journals, 'append'> & {
  append(rollout: string, events: readonly RolloutEvent[]): void
  forgetDevice(device: string): void
}

function memoryJournals(): MemoryJournals {
  /** Bodies as text: nobody can change what was written. */
  const bodies = new Map<string, readonly string[]>()
  const summaries = new Map<string, RolloutSummary>()
  const settled = new Map<string, readonly number[]>()
  return {
    append(rollout, events) {
      const more = events.map((event) => encodeEvent(event))
      const summary = summarize(summaries.get(rollout) ?? null, rollout, events)
      if (summary === null) return
      bodies.set(rollout, [...(bodies.get(rollout) ?? []), ...more])
      summaries.set(rollout, summary)
      for (const event of events) {
        if (event.type !== 'healthy' || event.settledSeconds === null) continue
        const times = [event.settledSeconds, ...(settled.get(event.device) ?? [])]
        settled.set(event.device, times.slice(0, remembered))
      }
    },
    unreadable: async () => [],
    events: async (rollout, skip = 0) => (bodies.get(rollout) ?? []).slice(skip).map(read),
    async releaseOf(rollout) {
      const [first] = bodies.get(rollout) ?? []
      const event = first === undefined ? null : read(first)
      return event?.type === 'started' ? event.release : null
    },
    list: async () => [...summaries.values()].toSorted(byNewest),
    settleHistory: async () => ({ times: new Map(settled), damaged: 0 }),
    forgetDevice: (device) => void settled.delete(device),
  }
}

function read(body: string): RolloutEvent {
  const event = decodeEvent(body)
  if (!event.ok) throw new Error(event.failure)
  return event.value
}

function byNewest(a: RolloutSummary, b: RolloutSummary): number {
  return b.startedUnixMs - a.startedUnixMs || (a.rollout < b.rollout ? 1 : -1)
}

interface Asked extends RolloutRequest {
  readonly id: number
  readonly rollout: string
}

function memoryRequests(): { open(): Requests & { forgetTaken(rollout: string): void } } {
  let requests: readonly Asked[] = []
  let ids = 0
  return {
    open() {
      /** Newest request of each rollout that this handle gave out. */
      const taken = new Map<string, number>()
      return {
        async request(rollout, request) {
          ids += 1
          requests = [...requests, { ...request, rollout, id: ids }]
        },
        async takeRequests(rollout) {
          const last = taken.get(rollout) ?? 0
          const fresh = requests.filter((each) => each.rollout === rollout && each.id > last)
          taken.set(rollout, fresh.at(-1)?.id ?? last)
          return fresh.map(({ action, by, why }) => ({ action, by, why: reason(why) }))
        },
        requested: async () => [...new Set(requests.map(({ rollout }) => rollout))],
        forgetTaken(rollout) {
          const last = taken.get(rollout) ?? 0
          requests = requests.filter((each) => each.rollout !== rollout || each.id > last)
        },
      }
    },
  }
}

function memoryBlocked(): BlockedReleases {
  const blocked = new Map<string, BlockedRelease>()
  return {
    async block(release) {
      blocked.set(release.digest, { ...release, why: reason(release.why) })
    },
    blocked: async () => [...blocked.values()].toSorted((a, b) => b.atUnixMs - a.atUnixMs),
    async unblock(named) {
      const gone = [...blocked.values()].filter(
        ({ digest, image }) => digest === named || image === named,
      )
      for (const { digest } of gone) blocked.delete(digest)
      return gone
    },
  }
}

function memoryKnown(forgetMore: (device: string) => void): KnownDevices {
  const known = new Map<string, Reachable>()
  return {
    async remember(devices) {
      for (const { name, address, sshPort, user, privateKeyFile, commonArgs } of devices) {
        known.set(name, { name, address, sshPort, user, privateKeyFile, commonArgs })
      }
    },
    known: async () => [...known.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    async forget(device) {
      known.delete(device)
      forgetMore(device)
    },
  }
}
