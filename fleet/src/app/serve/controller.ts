/** The controller: sweeps the clocks again and again, looks at the devices less often, and knows. */
import { controllerHealth, type ControllerHealth } from '../../core/controller/health.ts'
import { timesOf, type BackupMemory } from '../../core/backup/memory.ts'
import type { Fleet } from '../../core/fleet/fleet.ts'
import { controllerSubject } from '../backup/back-up-controller.ts'
import type {
  BackupsSeen,
  ClocksSeen,
  ControllerView,
  DeviceCheck,
  RolloutsSeen,
} from '../../core/controller/view.ts'
import type { SeriesStore } from '../../ports/series-store.ts'
import type { EventHub } from './event-hub.ts'
import type { SampleStore } from '../../ports/sample-store.ts'
import type { World } from '../../ports/world.ts'
import type { ScheduleSeen } from '../../core/schedules/seen.ts'
import type { Secret } from '../../core/secrets/secret.ts'
import { attainments } from './attainments.ts'
import { keyDates } from './key-dates.ts'
import { keepSamples } from './keep-samples.ts'
import { devicesNews, sweepTeller } from './news.ts'
import type { LiveFleet } from './live-fleet.ts'
import { lookAtDevices } from './look-at-devices.ts'
import { seeClocks } from './see-clocks.ts'

export interface ControllerParts {
  readonly version: string
  readonly live: LiveFleet
  readonly time: Pick<World, 'nowMs' | 'wait'>
  readonly store: SampleStore
  /** What the journal of rollouts says now. */
  readonly rollouts: () => Promise<RolloutsSeen>
  /** What is remembered of backups now. */
  readonly backups: () => Promise<BackupMemory>
  readonly schedules: () => Promise<readonly ScheduleSeen[]>
  /** Between the end of a sweep and the begin of the next. */
  readonly sweepEveryMs: number
  readonly lookEveryMs: number
  readonly events: Pick<EventHub, 'publish'>
  /** What it keeps of each sweep for whoever looks back; may reject. */
  readonly series: Pick<SeriesStore, 'append'>
  readonly hide: (secrets: readonly Secret[]) => void
  readonly log: (line: string) => void
}

export interface Controller {
  view(): Promise<ControllerView>
  health(): ControllerHealth
  /** Devices that answered when they were looked at last. */
  reached(): ReadonlySet<string>
  /** Ends soon after `stop` fires; what it does then is cut off, and changes nothing. */
  run(stop: AbortSignal): Promise<void>
}

/** An unreachable device must not hold up the looks at the others for ever. */
const longestLookMs = 120_000

/**
 * INVARIANTS:
 * - one sweep and one poll run at most, each at its own pace, and each with one edition of the fleet.
 */
export function createController(parts: ControllerParts): Controller {
  const { version, live, log } = parts
  const nowMs = (): number => parts.time.nowMs()
  const store = keepSamples(parts.store, { nowMs, log })
  const attain = attainments(store)
  const tell = sweepTeller(parts)
  let clocks: ClocksSeen | null = null
  let sweptMs: number | null = null
  let devices: ReadonlyMap<string, DeviceCheck> = new Map()
  let keys: ReadonlyMap<string, number> = new Map()

  async function sweep(stop: AbortSignal): Promise<void> {
    const next = await live.use(({ fleet, outside }) =>
      seeClocks(fleet, { outside, store, attain, signal: stop }),
    )
    if (next === null) return
    const before = clocks
    clocks = next
    sweptMs = nowMs()
    await tell(before, next)
  }

  async function look(stop: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(longestLookMs)])
    const [found, dates] = await live.use(({ fleet, outside }) =>
      Promise.all([
        lookAtDevices(fleet, { outside, signal, hide: parts.hide }),
        keyDates(fleet, outside.secrets),
      ]),
    )
    keys = dates
    if (stop.aborted) return
    devices = new Map(found.map((each) => [each.device, each]))
    parts.events.publish('devices', devicesNews(found))
  }

  return {
    view: async () => ({
      ...fleetSeen(version, live),
      ...{ clocks, devices, keys },
      ...(await rememberedBy(parts)),
    }),
    health: () => controllerHealth(sweptMs, nowMs(), parts.sweepEveryMs),
    reached: () => reachedOf(devices),
    async run(stop) {
      let looking: Promise<void> | null = null
      let lookedMs: number | null = null
      while (!stop.aborted) {
        await live.refresh()
        await sweep(stop)
        const isDue = lookedMs === null || nowMs() - lookedMs >= parts.lookEveryMs
        if (looking === null && isDue && !stop.aborted) {
          lookedMs = nowMs()
          looking = look(stop).finally(() => {
            looking = null
          })
        }
        await parts.time.wait(parts.sweepEveryMs, stop)
      }
      await looking
    },
  }
}

function reachedOf(devices: ReadonlyMap<string, DeviceCheck>): ReadonlySet<string> {
  const found = [...devices.values()].filter(({ isReachable }) => isReachable)
  return new Set(found.map(({ device }) => device))
}

async function rememberedBy({ live, ...parts }: ControllerParts) {
  return {
    backups: backupsOf(await parts.backups(), live.fleet()),
    rollouts: await parts.rollouts(),
    schedules: await parts.schedules(),
  }
}

function fleetSeen(version: string, live: LiveFleet) {
  const fleet = live.fleet()
  const imageAsWritten = fleet.settings.image.ref
  return { version, fleet, imageAsWritten, isFleetStale: live.isStale() }
}

function backupsOf(memory: BackupMemory, { devices }: Pick<Fleet, 'devices'>): BackupsSeen {
  const names = devices.map(({ name }) => name)
  return {
    good: timesOf(memory.good_unix_ms, [...names, controllerSubject]),
    drilled:
      timesOf(memory.good_unix_ms, names).size === 0
        ? new Map()
        : new Map(names.map((name) => [name, memory.drill_unix_ms[name] ?? 0])),
  }
}
