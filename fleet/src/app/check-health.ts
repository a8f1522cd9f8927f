/** One look at the health of devices: from inside over the engine, from outside over HTTP and NTP. */
import type { NtpFailure, NtpFailureCode, NtpMeasurement } from '@timeball/clock/ntp/measurement.ts'
import type { ClockJudgement } from '../core/clock/server.ts'
import type { Device } from '../core/device/device.ts'
import type { Fleet } from '../core/fleet/fleet.ts'
import type { DesiredState } from '../core/desired/resource.ts'
import { judgeHealth } from '../core/health/judge.ts'
import {
  defaultThresholds,
  type HealthThresholds,
  type HealthVerdict,
} from '../core/health/verdict.ts'
import type { Observed } from '../core/plan/observed.ts'
import { driftOf, planDevice } from '../core/plan/plan-device.ts'
import type { Result } from '@timeball/lib/result.ts'
import { mapBounded } from '@timeball/lib/pool.ts'
import { observeOne } from './observe.ts'
import { sweepClocks } from './sweep-clocks.ts'
import type { Outside, Run } from './outside.ts'
import type { Prepared } from './prepare.ts'

/** Verdicts in inventory order; devices not looked at before `run.stop` are missing. */
export async function checkHealth(
  prepared: Prepared,
  outside: Outside,
  run: Run,
): Promise<readonly HealthVerdict[]> {
  const { fleet, devices, states } = prepared
  const found = new Map<string, HealthVerdict>()
  // Before the other looks, which would keep its timestamps waiting.
  const sweep = await sweepClocks(fleet, outside, null, run.abort)
  const clocks = new Map(sweep.judgements.map((each) => [each.server.name, each]))
  const pool = { limit: fleet.settings.ssh.parallel, signal: run.stop }
  const looks = mapBounded(devices, pool, async (device) => {
    const state = states.get(device.name)
    return state === undefined
      ? null
      : await checkDevice(prepared, device, state, {
          outside,
          run,
          clock: clocks.get(device.name) ?? null,
        })
  })
  for await (const { item, value } of looks) {
    if (value !== null) found.set(item.name, value)
    run.emit({ type: 'observed', device: item.name, failure: null })
  }
  return devices.flatMap(({ name }) => found.get(name) ?? [])
}

/** The best of these counts: the one with the shortest way. */
const samples = 4

interface Look {
  readonly outside: Outside
  readonly run: Run
  readonly clock: ClockJudgement | null
}

async function checkDevice(
  { fleet, image, incomplete }: Prepared,
  device: Device,
  state: DesiredState,
  { outside, run, clock }: Look,
): Promise<HealthVerdict> {
  const [observed, http, ntp] = await Promise.all([
    observeOne(fleet, { device, state }, outside, run),
    outside.probeHttp(device, run.abort),
    measurementOf(device, clock, { outside, run }),
  ])
  const isPinned = image.includes('@')
  const plan = observed.ok ? planDevice(state, observed.value, { reboot: 'never' }) : null
  return judgeHealth({
    device: device.name,
    role: device.role,
    http,
    ntp,
    clock,
    observed,
    drift: plan === null || incomplete !== null ? null : driftOf(plan),
    release:
      isPinned && observed.ok ? releaseOf(observed.value, image) : { wanted: null, running: null },
    thresholds: thresholdsOf(fleet),
  })
}

/** What the sweep measured. Silence is asked about again by itself: that tells why it is silent. */
async function measurementOf(
  device: Device,
  clock: ClockJudgement | null,
  { outside, run }: Pick<Look, 'outside' | 'run'>,
): Promise<Result<NtpMeasurement, NtpFailure>> {
  const swept = clock?.server.swept.result
  if (swept === undefined) return await outside.probeNtp(device, samples, run.abort)
  if (swept.ok || answers.has(swept.failure.code)) return swept
  const again = swept.failure.code === 'no-answer' ? 1 : samples
  return await outside.probeNtp(device, again, run.abort)
}

const answers: ReadonlySet<NtpFailureCode> = new Set(['unsynchronised', 'kiss', 'bogus'])

/** Both as local image ids, which is what a device can tell of a running container. */
function releaseOf(
  observed: Observed,
  image: string,
): { wanted: string | null; running: string | null } {
  const [container] = observed.containers.values()
  return { wanted: observed.images.get(image) ?? image, running: container?.imageId ?? null }
}

function thresholdsOf({ settings }: Fleet): HealthThresholds {
  return {
    ...defaultThresholds,
    diskPercent: settings.health.disk_percent,
    maxOffsetMs: settings.health.max_offset_ms,
    isDisciplineWanted: settings.clock.discipline,
  }
}
