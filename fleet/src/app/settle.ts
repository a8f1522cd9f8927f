/** Waits until a changed device serves good time again. */
import type { Device } from '../core/device/device.ts'
import type { DeviceOutcome } from '../core/plan/event.ts'
import type { Outside, Run } from './outside.ts'

/** Longer than the second between packets that NTP servers grant one client. */
const pauseMs = 1_500

/** `settling` when the deadline passed first: a receiver may take minutes to be in step again. */
export async function settle(
  device: Device,
  deadlineMs: number,
  outside: Outside,
  run: Run,
): Promise<DeviceOutcome['service']> {
  if (deadlineMs === 0) return 'unwatched'
  const startMs = outside.nowMs()
  for (;;) {
    if (await servesGoodTime(device, outside, run)) return 'serving'
    if (run.abort.aborted || run.stop.aborted) return 'settling'
    if (outside.nowMs() - startMs >= deadlineMs) return 'settling'
    await outside.wait(pauseMs, run.stop)
  }
}

/** By its own word and by what it sends: leap 3 is the alarm of RFC 5905 section 7.3. */
async function servesGoodTime(device: Device, outside: Outside, run: Run): Promise<boolean> {
  const [http, ntp] = await Promise.all([
    outside.probeHttp(device, run.abort),
    outside.probeNtp(device, 1, run.abort),
  ])
  return http.ok && http.value.httpStatus === 200 && ntp.ok && ntp.value.leap !== 3
}
