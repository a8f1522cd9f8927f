/** Views for tests: a well fleet of four, from which a test changes only what it is about. */
import { fleetOf } from '../../../../test/make-fleet.ts'
import { clockServer, judged, rowsOf } from '../../clock/test/servers.ts'
import type { ClockServer } from '../../clock/server.ts'
import type { DevicePhase, RolloutStatus } from '../../rollout/state.ts'
import { newMemory, withRun } from '../../schedules/memory.ts'
import { goodIn, quorumOf } from '../quorum.ts'
import type { ClocksSeen, ControllerView, DeviceCheck, RolloutSeen } from '../view.ts'

export const names = ['pi-gps-01', 'pi-gps-02', 'pi-ntp-01', 'pi-ntp-02'] as const

export function clocksSeen(change: Partial<Record<string, Partial<ClockServer>>> = {}): ClocksSeen {
  const report = judged(names.map((name) => clockServer(name, change[name])))
  return {
    startedUnixMs: 1_795_000_000_000,
    tookSeconds: 0.5,
    time: report.time,
    rows: rowsOf(report),
    quorum: quorumOf(fleetOf(), report),
    good: goodIn(report),
  }
}

export function lookAt(device: string, change: Partial<DeviceCheck> = {}): DeviceCheck {
  const image = 'registry.example/server@sha256:aa'
  return { device, isReachable: true, drift: [], isOutdated: false, image, ...change }
}

export function aView(change: Partial<ControllerView> = {}): ControllerView {
  return {
    version: '0.1.0',
    imageAsWritten: 'registry.example/server:1.2',
    fleet: fleetOf(),
    isFleetStale: false,
    clocks: clocksSeen(),
    devices: new Map(names.map((name) => [name, lookAt(name)])),
    keys: new Map(),
    backups: { good: new Map(), drilled: new Map() },
    schedules: [
      {
        name: 'backup',
        schedule: { cron: '30 2 * * *', zone: 'UTC', jitter: 0 },
        memory: withRun(newMemory(0), {
          ...{ started_unix_ms: 1_794_999_990_000, ended_unix_ms: 1_794_999_991_000 },
          ...{ outcome: 'good', message: 'all is well' },
        }),
        nextUnixMs: 1_795_001_000_000,
      },
    ],
    rollouts: { newest: null, blocked: null, waiting: null, still: null },
    ...change,
  }
}

/** A rollout over the devices that are given with their phases; each healthy one had a gap. */
export function aRollout(
  status: RolloutStatus,
  phases: Readonly<Record<string, DevicePhase>>,
): RolloutSeen {
  const devices = Object.entries(phases).map(([device, phase]) => {
    return { device, phase, downtimeSeconds: phase === 'healthy' ? 3.5 : null }
  })
  const byName = new Map(devices.map((each) => [each.device, each]))
  return { status, progressMs: 1_795_000_001_000, devices: byName }
}
