/** Tells a device, over a fresh connection, that its operator can still reach it. */
import { confirmManifest, type Operation } from '../core/bundle/bundle.ts'
import type { Failure } from '../core/failure.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { DeviceReport } from '../device/report.ts'
import type { DeviceWork } from './apply-device.ts'
import type { Outside, Run } from './outside.ts'
import { lostOrBusy, retry } from './retry.ts'
import { newOperation, send } from './send.ts'

/** The device's own word that it was reached anew, within half of the time that it waits for it. */
export async function confirm(
  work: Pick<DeviceWork, 'fleet' | 'device' | 'epoch' | 'confirmMs'>,
  generation: number,
  outside: Outside,
  run: Run,
): Promise<Result<DeviceReport, Failure>> {
  const { fleet, device } = work
  const policy = { deadlineMs: work.confirmMs / 2, retryOn: lostOrBusy }
  return await retry(outside, run, policy, () => {
    const operation: Operation = newOperation(outside, work.epoch)
    const manifest = confirmManifest(generation, operation)
    return send(fleet, { device, operation, manifest, connection: 'fresh' }, outside, run)
  })
}
