/** Looks at the daemon, the disk and the capabilities. The only part of the health that does I/O. */
import { statfs } from 'node:fs/promises'
import type { ControlFailure } from '@timeball/clock/control/exchange.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { PeerState, SystemState } from '@timeball/clock/control/state.ts'
import { readDiscipline } from './capability.ts'
import type { Discipline, DisciplineSource } from './capability.ts'
import type { GpsStatus } from './gps/gps-status.ts'
import type { OtherDisciplines } from './host/other-disciplines.ts'

/** What the daemon said about itself and its peers, in one look. */
export interface Daemon {
  readonly kind: 'ntpd' | 'chronyd'
  /** How it was asked: by the control protocol, or by a program of its own. */
  readonly through: 'control' | 'ntpq' | 'chronyc'
  readonly system: SystemState
  readonly peers: readonly PeerState[]
}

/** One look at everything. */
export interface Observation {
  readonly daemon: Result<Daemon, ControlFailure>
  readonly discipline: Discipline
  readonly gps: GpsStatus
  readonly others: OtherDisciplines
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
  readonly others: (ownDaemon: Daemon['kind'] | null) => Promise<OtherDisciplines>
}

/** A look is shared by all who ask within this time, so that a flood of requests asks ntpd once. */
const shareMs = 1000

/** A function that looks, one look at a time and at most one a second; it never rejects. */
export function observer(sources: ObserverSources): () => Promise<Observation> {
  let startedMs = -Infinity
  let isLooking = false
  let look: Promise<Observation> | null = null
  return () => {
    if (look !== null && (isLooking || performance.now() - startedMs <= shareMs)) return look
    startedMs = performance.now()
    isLooking = true
    look = observe(sources).finally(() => {
      isLooking = false
    })
    return look
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
  const uptimeSeconds = process.uptime()
  return { daemon, discipline, gps, others, diskUsedPercent, unixMs, uptimeSeconds }
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
