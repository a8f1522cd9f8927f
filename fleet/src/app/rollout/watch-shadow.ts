/**
 * The new image beside the old one of a canary, without receiver and clock, for a while: what its
 * time is worth is seen before anybody's time is taken away for it.
 */
import { shadowDownManifest, shadowUpManifest } from '../../core/bundle/shadow.ts'
import { failureText } from '../../core/failure.ts'
import type { Device } from '../../core/device/device.ts'
import { medianOf } from '@timeball/lib/median.ts'
import { scaleSeconds } from '../../core/table.ts'
import type { Run } from '../outside.ts'
import { newOperation, send } from '../send.ts'
import { deviceOf, lookAt, type RolloutTarget } from './target.ts'

const ports = { ntp: 10_123, http: 13_000, metrics: 19_090 } as const
/** The best of these counts; servers limit rates. */
const samples = 2
/** Fewer good answers than this are no time server. */
const leastAnswers = 3

/** `null`: nothing speaks against the swap; else what does. */
export async function watchShadow(
  name: string,
  target: RolloutTarget,
  run: Run,
): Promise<string | null> {
  const { fleet, started, outside } = target
  const { device } = deviceOf(target, name)
  const ntpServers = device.gps ? [device.address] : device.ntpServers
  const seen = await lookAt(name, target, run)
  if (!seen.ok) return `as a shadow: ${failureText(seen.failure)}`
  const up = newOperation(outside, target.epochs.of(name))
  const shadow = { image: started.release.image, ports, ntpServers }
  const parcel = { device, operation: up, manifest: shadowUpManifest(shadow, up) }
  const begun = await send(fleet, parcel, outside, run)
  if (!begun.ok) return `as a shadow: ${failureText(begun.failure)}`
  try {
    return judge(await compareTimes(device, target, run), started.settings.gates.max_offset_ms)
  } finally {
    // When this does not arrive, the next apply or boot takes it away.
    const down = newOperation(outside, target.epochs.of(name))
    await send(fleet, { device, operation: down, manifest: shadowDownManifest(down) }, outside, run)
  }
}

interface Difference {
  /** How far the shadow is ahead of the server that serves. */
  readonly seconds: number
  readonly errorSeconds: number
  /** Where its own daemon would steer the clock to, which it does not do; `null`: it does not say. */
  readonly steerMs: number | null
}

/** Both are asked one after the other, so that the clock of this machine does not matter. */
async function compareTimes(
  device: Device,
  { started, outside, nowMs }: RolloutTarget,
  run: Run,
): Promise<readonly Difference[]> {
  const untilMs = nowMs() + started.settings.shadow
  const found: Difference[] = []
  while (nowMs() < untilMs && !run.abort.aborted) {
    await outside.wait(started.settings.interval, run.abort)
    const old = await outside.probeNtp(device, samples, run.abort)
    const shadow = { ...device, ntpPort: ports.ntp, httpPort: ports.http }
    const fresh = await outside.probeNtp(shadow, samples, run.abort)
    const health = await outside.probeHttp(shadow, run.abort)
    if (!old.ok || !fresh.ok || fresh.value.leap === 3) continue
    found.push({
      seconds: fresh.value.offsetSeconds - old.value.offsetSeconds,
      errorSeconds: fresh.value.errorSeconds + old.value.errorSeconds,
      steerMs: health.ok ? health.value.ntp.offsetMs : null,
    })
  }
  return found
}

function judge(found: readonly Difference[], maxOffsetMs: number): string | null {
  const seconds = medianOf(found.map((each) => each.seconds))
  const errorSeconds = medianOf(found.map((each) => each.errorSeconds))
  if (seconds === null || errorSeconds === null || found.length < leastAnswers) {
    return `as a shadow it gave good time ${found.length} times (${leastAnswers} wanted)`
  }
  if (Math.abs(seconds) - errorSeconds > maxOffsetMs / 1000) {
    const off = `${scaleSeconds(seconds)} ± ${scaleSeconds(errorSeconds)}`
    return `as a shadow it is off by ${off} (limit ${maxOffsetMs} ms)`
  }
  // What it serves is the clock that the old daemon steers; this is what the new one would make of it.
  const steerMs = medianOf(found.flatMap((each) => each.steerMs ?? []))
  if (steerMs === null || Math.abs(steerMs) <= maxOffsetMs) return null
  return `as a shadow it would steer the clock by ${steerMs.toFixed(1)} ms (limit ${maxOffsetMs} ms)`
}
