/** One operation on one device: manifest in, report out. */
import { encodeBundle, type Manifest, type Operation } from '../core/bundle/bundle.ts'
import type { Failure } from '../core/failure.ts'
import type { Device } from '../core/device/device.ts'
import type { Fleet } from '../core/fleet/fleet.ts'
import type { FinalFile } from '../core/plan/plan-files.ts'
import { fail, type Result } from '@timeball/lib/result.ts'
import type { DeviceReport, ReportLine } from '../device/report.ts'
import type { Delivery, Target } from '../ports/engine.ts'
import type { Outside, Run } from './outside.ts'

export interface Parcel {
  readonly device: Device
  readonly operation: Operation
  readonly manifest: Manifest
  readonly files?: readonly FinalFile[]
  readonly connection?: Delivery['connection']
  readonly onLine?: (line: ReportLine) => void
}

/** A device's own refusal is a failure too, so that callers look in one place. */
export async function send(
  fleet: Fleet,
  parcel: Parcel,
  outside: Outside,
  run: Run,
): Promise<Result<DeviceReport, Failure>> {
  const answer = await outside.engine.deliver(targetOf(parcel.device), {
    bundle: encodeBundle(outside.applier, parcel.manifest, parcel.files),
    nonce: parcel.operation.nonce,
    timeoutMs: fleet.settings.ssh.timeout,
    connection: parcel.connection ?? 'reuse',
    signal: run.abort,
    onLine: parcel.onLine ?? (() => {}),
  })
  if (!answer.ok) return answer
  const { end } = answer.value
  return end.status === 'ok' ? answer : fail(end.failure)
}

export function newOperation(outside: Outside, epoch: number): Operation {
  const nonce = outside.newNonce()
  return { id: `op-${nonce}`, nonce, epoch }
}

function targetOf(device: Device): Target {
  return {
    device: device.name,
    address: device.address,
    port: device.sshPort,
    user: device.user,
    privateKeyFile: device.privateKeyFile,
    commonArgs: device.commonArgs,
  }
}
