/** Waits until a changed device serves good time again, by the rule that all judges share. */
import type { Device } from '../core/device/device.ts'
import type { Fleet } from '../core/fleet/fleet.ts'
import type { DeviceOutcome } from '../core/plan/event.ts'
import { clockEvidence } from '../core/service/clock-evidence.ts'
import { goodTime } from '../core/service/good-time.ts'
import type { Outside, Run } from './outside.ts'
import { sweepClocks } from './sweep-clocks.ts'

/** Longer than the second between packets that NTP servers grant one client. */
const pauseMs = 1_500
/** A sweep sends four packets to every device. */
const sweepPauseMs = 6_000

export type Settled = Pick<DeviceOutcome, 'service' | 'serviceReason'>

/** `settling` when the deadline passed first: a receiver may take minutes to be in step again. */
export async function settle(
  fleet: Fleet,
  device: Device,
  outside: Outside,
  run: Run,
): Promise<Settled> {
  const deadlineMs = fleet.settings.apply.settle_timeout
  if (deadlineMs === 0) return { service: 'unwatched', serviceReason: null }
  const startMs = outside.nowMs()
  for (;;) {
    const alone = await reasonAlone(device, outside, run)
    const reason = alone ?? (await reasonAmongOthers(fleet, device, outside, run))
    if (reason === null) return { service: 'serving', serviceReason: null }
    const isOver = outside.nowMs() - startMs >= deadlineMs
    if (isOver || run.abort.aborted || run.stop.aborted) {
      return { service: 'settling', serviceReason: reason }
    }
    await outside.wait(alone === null ? sweepPauseMs : pauseMs, run.stop)
  }
}

/** `null`: it answers, and says nothing against itself. Cheap, since it is asked often. */
export async function reasonAlone(
  device: Device,
  outside: Outside,
  run: Pick<Run, 'abort'>,
): Promise<string | null> {
  const [http, ntp] = await Promise.all([
    outside.probeHttp(device, run.abort),
    outside.probeNtp(device, 1, run.abort),
  ])
  if (!ntp.ok) return ntp.failure.detail
  if (!http.ok) return `health: ${http.failure.detail}`
  const { httpStatus, reasons, ntp: said } = http.value
  const because = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`
  if (httpStatus !== 200) return `health says ${httpStatus}${because}`
  const denied = goodTime({ clock: null, said }).reasons.find(
    ({ subject, state }) => subject === 'self-report' && state === 'settling',
  )
  return denied?.text ?? null
}

/** `null`: its time is good beside that of the others, as far as they can tell. */
async function reasonAmongOthers(
  fleet: Fleet,
  device: Device,
  outside: Outside,
  run: Run,
): Promise<string | null> {
  const sweep = await sweepClocks(fleet, outside, null, run.abort)
  const clock = clockEvidence(sweep, new Set([device.name])).get(device.name) ?? null
  return goodTime({ clock, said: null }).reasons[0]?.text ?? null
}
