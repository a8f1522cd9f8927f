/** One check of the health of devices: from inside over the engine, from outside over HTTP and NTP. */
import type { NtpFailureCode } from '@timeball/clock/ntp/measurement.ts'
import { failureVerdicts, judgeClocks } from '../core/clock/judge.ts'
import type { Device } from '../core/device/device.ts'
import type { Fleet } from '../core/fleet/fleet.ts'
import type { DesiredState } from '../core/desired/resource.ts'
import { judgeHealth } from '../core/health/judge.ts'
import { clockEvidence } from '../core/service/clock-evidence.ts'
import {
  defaultThresholds,
  type HealthInput,
  type HealthThresholds,
  type HealthVerdict,
} from '../core/health/verdict.ts'
import { hasApiKeys } from '../core/service/contract.ts'
import type { Observed } from '../core/plan/observed.ts'
import { driftOf, planDevice } from '../core/plan/plan-device.ts'
import { mapBounded } from '@timeball/lib/pool.ts'
import { sweepClocks, type ClockSweep } from './sweep-clocks.ts'
import { observeDevice } from './link.ts'
import { reachOf, type Outside, type Run } from './outside.ts'
import type { Prepared } from './prepare.ts'

export interface HealthCheck {
  /** In inventory order; devices not checked before `run.stop` are missing. */
  readonly verdicts: readonly HealthVerdict[]
  readonly sweep: ClockSweep
}

export async function checkHealth(
  prepared: Prepared,
  outside: Outside,
  run: Run,
): Promise<HealthCheck> {
  const { fleet, devices, states } = prepared
  const found = new Map<string, HealthVerdict>()
  // Before the other checks, which would keep its timestamps waiting.
  const sweep = await sweepClocks(fleet, outside, null, run.abort)
  const clocks = clockEvidence(sweep)
  const results = new Map(sweep.judgements.map(({ server }) => [server.name, server.swept.result]))
  const pool = { limit: fleet.settings.ssh.parallel, signal: run.stop }
  const checks = mapBounded(devices, pool, async (device) => {
    const state = states.get(device.name)
    const clock = clocks.get(device.name)
    const ntp = results.get(device.name)
    if (state === undefined || clock === undefined || ntp === undefined) return null
    return await checkDevice(prepared, { device, state, ntp, clock, sweep }, outside, run)
  })
  for await (const { item, value } of checks) {
    if (value !== null) found.set(item.name, value)
    run.emit({ type: 'observed', device: item.name, failure: null })
  }
  return { verdicts: devices.flatMap(({ name }) => found.get(name) ?? []), sweep }
}

/** The best of these counts: the one with the shortest way. */
const samples = 4

interface Subject extends Pick<HealthInput, 'ntp' | 'clock'> {
  readonly device: Device
  readonly state: DesiredState
  readonly sweep: ClockSweep
}

async function checkDevice(
  { fleet, image, incomplete }: Prepared,
  subject: Subject,
  outside: Outside,
  run: Run,
): Promise<HealthVerdict> {
  const { device, state } = subject
  const [observed, http, contract, clock] = await Promise.all([
    observeDevice(device, state, reachOf(fleet, outside, run.abort), { full: run.full === true }),
    outside.probeHttp(device, run.abort),
    outside.probeContract(device, run.abort),
    measure(subject, outside, run),
  ])
  const isPinned = image.includes('@')
  const plan = observed.ok ? planDevice(state, observed.value, { reboot: 'never' }) : null
  return judgeHealth({
    device: device.name,
    role: device.role,
    http,
    contract: { contract, hasKeys: hasApiKeys(state) },
    ...clock,
    observed,
    drift: plan === null || incomplete !== null ? null : driftOf(plan),
    release:
      isPinned && observed.ok ? releaseOf(observed.value, image) : { wanted: null, running: null },
    thresholds: thresholdsOf(fleet),
  })
}

/**
 * What the sweep measured. Silence is asked about again by itself: that tells why it is silent, or
 * that it answers now, and then it is judged again among the others.
 */
async function measure(
  { device, ntp, clock, sweep }: Subject,
  outside: Outside,
  run: Run,
): Promise<Pick<HealthInput, 'ntp' | 'clock'>> {
  if (ntp.ok || answers.has(ntp.failure.code)) return { ntp, clock }
  const isSilent = ntp.failure.code === 'no-answer'
  const again = await outside.probeNtp(device, isSilent ? 1 : samples, run.abort)
  if (!again.ok) {
    const { failure } = again
    const verdict = failureVerdicts[failure.code]
    return { ntp: again, clock: { ...clock, verdict, faults: [], failure } }
  }
  const servers = sweep.judgements.map(({ server }) =>
    server.name === device.name
      ? { ...server, swept: { ...server.swept, result: again, heardSeconds: sweep.tookSeconds } }
      : server,
  )
  const judged = clockEvidence(judgeClocks(servers, sweep.options)).get(device.name)
  return { ntp: again, clock: judged ?? clock }
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
