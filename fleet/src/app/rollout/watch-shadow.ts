/**
 * The new image beside the old one of a canary, without receiver and clock, for a while: what its
 * time is worth is seen before anybody's time is taken away for it.
 */
import { failureText } from '../../core/failure.ts'
import type { Device } from '../../core/device/device.ts'
import { medianOf } from '@timeball/lib/median.ts'
import { scaleSeconds } from '../../core/table.ts'
import type { DeviceInHand, RolloutTarget } from './target.ts'

const ports = { ntp: 10_123, http: 13_000, metrics: 19_090 } as const
/** The best of these counts; servers limit rates. */
const samples = 2
/** Fewer good answers than this are no time server. */
const leastAnswers = 3

/** `null`: nothing speaks against the swap; else what does. */
export async function watchShadow(
  hand: DeviceInHand,
  target: RolloutTarget,
  signal: AbortSignal,
): Promise<string | null> {
  const { device, link } = hand
  const { started } = target
  const ntpServers = device.gps ? [device.address] : device.ntpServers
  const seen = await hand.look()
  if (!seen.ok) return `as a shadow: ${failureText(seen.failure)}`
  const begun = await link.shadowUp({ image: started.release.image, ports, ntpServers })
  if (!begun.ok) return `as a shadow: ${failureText(begun.failure)}`
  try {
    return judge(await compareTimes(device, target, signal), started.settings.gates.max_offset_ms)
  } finally {
    // When this does not arrive, the next apply or boot takes it away.
    await link.shadowDown()
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
  signal: AbortSignal,
): Promise<readonly Difference[]> {
  const untilMs = nowMs() + started.settings.shadow
  const found: Difference[] = []
  while (nowMs() < untilMs && !signal.aborted) {
    await outside.wait(started.settings.interval, signal)
    const old = await outside.probeNtp(device, samples, signal)
    const shadow = { ...device, ntpPort: ports.ntp, httpPort: ports.http }
    const fresh = await outside.probeNtp(shadow, samples, signal)
    const health = await outside.probeHttp(shadow, signal)
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
