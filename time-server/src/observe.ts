/** Looks at the daemon, the disk and the capabilities. The only part of the health that does I/O. */
import { statfs } from 'node:fs/promises'
import type { ControlFailure } from '@timeball/clock/control/exchange.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { PeersRead, SystemState } from '@timeball/clock/control/state.ts'
import { readDiscipline } from './capability.ts'
import type { Discipline, DisciplineSource } from './capability.ts'
import type { GpsStatus } from './gps/gps-status.ts'
import type { OtherDisciplines } from './host/other-disciplines.ts'

/** What the daemon said about itself and its peers, in one check. */
export interface Daemon extends PeersRead {
  readonly kind: 'ntpd' | 'chronyd'
  /** How it was asked: by the control protocol, or by a program of its own. */
  readonly through: 'control' | 'ntpq' | 'chronyc'
  readonly system: SystemState
}

/** One check at everything. */
export interface Observation {
  readonly daemon: Result<Daemon, ControlFailure>
  readonly discipline: Discipline
  readonly gps: GpsStatus
  readonly others: OtherDisciplines
  /** What is wrong with the keys' file, in one sentence; `null`: nothing. */
  readonly keysProblem: string | null
  /** `null`: it could not be read. */
  readonly diskUsedPercent: number | null
  /** What this machine's clock showed, in Unix milliseconds. */
  readonly unixMs: number
  /** Of this process, by the monotonic clock: the wall clock may be stepped under it. */
  readonly uptimeSeconds: number
}

/** Asks the daemon of this machine. Never rejects. */
export type DaemonReader = () => Promise<Result<Daemon, ControlFailure>>

/** What `observer` looks at. */
export interface ObserverSources {
  readonly daemon: DaemonReader
  readonly discipline: DisciplineSource
  readonly diskPath: string
  readonly gps: () => GpsStatus
  readonly keysProblem: () => string | null
  readonly others: (ownDaemon: Daemon['kind'] | null) => Promise<OtherDisciplines>
}

/** Looks, one check at a time and at most one a second. */
export interface Observer {
  /** The last check, while it is shared; `null`: another one is due, or under way. */
  fresh(monotonicMs: number): Observation | null
  /** That, or another one. Never rejects. */
  look(): Promise<Observation>
}

/** At once where that can be: to wait costs more than most answers. */
export type Soon<T> = T | Promise<T>

/**
 * What `make` makes of the last check, while it is shared, or else of another one; it is told what the
 * monotonic clock shows, so that nobody has to read that again.
 */
export function withLook<T>(
  observer: Observer,
  make: (observation: Observation, monotonicMs: number) => Soon<T>,
): Soon<T> {
  const nowMs = performance.now()
  const fresh = observer.fresh(nowMs)
  if (fresh !== null) return make(fresh, nowMs)
  return observer.look().then((observation) => make(observation, performance.now()))
}

/** A look is shared by all who ask within this time, so that a flood of requests asks ntpd once. */
const shareMs = 1000

export function observer(sources: ObserverSources): Observer {
  let startedMs = -Infinity
  let last: Observation | null = null
  let looking: Promise<Observation> | null = null

  function fresh(monotonicMs: number): Observation | null {
    return looking === null && monotonicMs - startedMs <= shareMs ? last : null
  }
  return {
    fresh,
    look() {
      const found = fresh(performance.now())
      if (found !== null) return Promise.resolve(found)
      if (looking !== null) return looking
      startedMs = performance.now()
      looking = observe(sources).then((observation) => {
        last = observation
        looking = null
        return observation
      })
      return looking
    },
  }
}

async function observe(sources: ObserverSources): Promise<Observation> {
  const [daemon, discipline, diskUsedPercent] = await Promise.all([
    sources.daemon(),
    readDiscipline(sources.discipline),
    readDiskUse(sources.diskPath),
  ])
  const ownDaemon = daemon.ok ? daemon.value.kind : null
  const others = await sources.others(ownDaemon)
  const gps = sources.gps()
  const { epochMilliseconds: unixMs } = Temporal.Now.instant()
  const uptimeSeconds = performance.now() / 1000
  const keysProblem = sources.keysProblem()
  return {
    daemon,
    discipline,
    gps,
    others,
    keysProblem,
    diskUsedPercent,
    unixMs,
    uptimeSeconds,
  }
}

/** As df(1) counts: of what ordinary users can have. */
async function readDiskUse(path: string): Promise<number | null> {
  try {
    const { blocks, bfree, bavail } = await statfs(path)
    const used = blocks - bfree
    return used + bavail === 0 ? null : Math.ceil((100 * used) / (used + bavail))
  } catch {
    return null
  }
}
