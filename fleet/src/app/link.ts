/**
 * A device in hand: what can be asked of it, each as one operation over the engine, and what is done
 * when the connection, and not the device, says no.
 */
import { fail, type Result } from '@timeball/lib/result.ts'
import {
  activateManifest,
  applyManifest,
  confirmManifest,
  encodeBundle,
  observeManifest,
  rebootManifest,
  reseatManifest,
  retireManifest,
  revertManifest,
  type Manifest,
  type ObserveOptions,
  type Operation,
} from '../core/bundle/bundle.ts'
import { shadowDownManifest, shadowUpManifest, type Shadow } from '../core/bundle/shadow.ts'
import { carriedRegistry, isCarried } from '../core/desired/carried-image.ts'
import type { DesiredState } from '../core/desired/resource.ts'
import type { Reachable } from '../core/device/device.ts'
import { isLost, isLostOrBusy, type Failure } from '../core/failure.ts'
import type { DevicePlan } from '../core/plan/change.ts'
import type { Observed } from '../core/plan/observed.ts'
import { finalFiles, secretFiles, type FinalFile } from '../core/plan/plan-files.ts'
import { operationId } from '../core/rollout/elsewhere.ts'
import { toObserved, type DeviceReport, type ReportLine } from '../device/report.ts'
import type { Delivery, Target } from '../ports/engine.ts'
import type { Outside } from './outside.ts'
import type { PlannedDevice } from './plan-fleet.ts'

type Lending = 'engine' | 'applier' | 'lendImages'

/** How devices are reached. */
export interface Reach {
  readonly outside: Pick<Outside, Lending | 'newNonce' | 'nowMs' | 'wait'>
  /** For one operation on one device. */
  readonly timeoutMs: number
  /** Cuts off what runs; on a device it is finished or reverted all the same. */
  readonly abort: AbortSignal
}

/** Leave to change devices. */
export interface Authority {
  /** The state directory that it is from, so that another one is told; absent: nobody is. */
  readonly origin?: string
  /** For this device: at least what it has seen, else it refuses. */
  readonly epoch: () => number
  /** Without confirmation in this time the device reverts; a rollback that failed is tried again. */
  readonly confirmMs: number
}

export type Sighting = Result<Observed, Failure>
type Answer = Promise<Result<DeviceReport, Failure>>

export interface ApplyOptions {
  /** Whether the device must prove first that it could roll back. */
  readonly proveWayBack: boolean
  readonly onLine: (line: ReportLine) => void
}

/** A device's own refusal is a failure, too, so that callers look in one place. */
export interface Link {
  observe(state: DesiredState, options?: ObserveOptions): Promise<Sighting>
  /** Once nothing is at work on it any more, or at the end of the time of one operation. */
  observeWhenIdle(state: DesiredState): Promise<Sighting>
  /**
   * A connection that is cut does not stop the applier. The same operation is sent again over a
   * fresh connection, and the device answers from its record, or says that it is still at it.
   */
  apply(planned: PlannedDevice, options: ApplyOptions): Answer
  /** Over a fresh connection: the device's own word that it was reached anew. */
  confirm(generation: number): Answer
  /**
   * A rollback, with the secrets that the device should have `today`. Each is an operation of its own,
   * since a record of an older one says nothing.
   */
  activate(generation: number, today: DesiredState): Answer
  /** Of what was not confirmed, or a rollback that was cut short. */
  revert(): Answer
  /** Until it has started anew; `bootId` is of before. */
  reboot(bootId: string, state: DesiredState): Promise<Sighting>
  /** Gives it the authority's epoch, whatever it has seen. */
  reseat(): Answer
  /** It serves no time and has no keys of ours afterwards. */
  retire(): Answer
  shadowUp(shadow: Shadow): Answer
  shadowDown(): Answer
}

/** A Pi takes well under a minute; the limit is the guide's `reboot_timeout`. */
const rebootDeadlineMs = 300_000

export function openLink(device: Reachable, reach: Reach, authority: Authority): Link {
  const confirmSeconds = Math.ceil(authority.confirmMs / 1000)
  const patience = { deadlineMs: authority.confirmMs / 2, retryOn: isLostOrBusy }
  const operation = (): Operation => newOperation(reach, authority.epoch(), authority.origin)
  const once = (make: (operation: Operation) => Manifest): Answer => {
    const made = operation()
    return send(device, reach, { operation: made, manifest: make(made) })
  }
  const observe: Link['observe'] = (state, options) => observeDevice(device, state, reach, options)
  return {
    observe,
    observeWhenIdle: (state) => whenIdle(reach, () => observe(state)),
    apply: ({ state, digest, observed, plan }, { proveWayBack, onLine }) =>
      withImages(device, reach, fetchesCarried(plan), async (imageSource) => {
        const made = operation()
        const input = { desired: state, observed, plan, stateDigest: digest, confirmSeconds }
        const parcel: Parcel = {
          operation: made,
          manifest: applyManifest({ ...input, proveWayBack, imageSource }, made),
          files: finalFiles(state, observed),
          onLine,
        }
        return await sendUntilAnswered(device, reach, parcel, patience)
      }),
    confirm: (generation) =>
      retry(reach, patience, () => {
        const made = operation()
        const manifest = confirmManifest(generation, made)
        return send(device, reach, { operation: made, manifest, connection: 'fresh' })
      }),
    activate(generation, today) {
      const made = operation()
      const files = secretFiles(today)
      const input = { generation, retrySeconds: confirmSeconds, secrets: files }
      const manifest = activateManifest(input, made)
      return retry(reach, patience, () => send(device, reach, { operation: made, manifest, files }))
    },
    revert: () =>
      retry(reach, { ...patience, retryOn: ({ code }) => code === 'locked' }, () =>
        once(revertManifest),
      ),
    async reboot(bootId, state) {
      const started = await once(rebootManifest)
      if (!started.ok) return started
      return await retry(reach, { deadlineMs: rebootDeadlineMs, retryOn: () => true }, async () => {
        const seen = await observe(state)
        if (!seen.ok || seen.value.bootId !== bootId) return seen
        return fail<Failure>({ code: 'timeout', detail: 'has not rebooted yet' })
      })
    },
    reseat: () => once(reseatManifest),
    retire: () => once(retireManifest),
    shadowUp: (shadow) =>
      withImages(device, reach, isCarried(shadow.image), (imageSource) =>
        once((made) => shadowUpManifest({ ...shadow, imageSource }, made)),
      ),
    shadowDown: () => once(shadowDownManifest),
  }
}

/** A connection that is cut does not stop the applier, which answers from its record. */
async function sendUntilAnswered(
  device: Reachable,
  reach: Reach,
  parcel: Parcel,
  patience: Patience,
): Answer {
  const first = await send(device, reach, parcel)
  if (first.ok || !isLost(first.failure)) return first
  const again = (): Answer => send(device, reach, { ...parcel, connection: 'fresh' })
  const answer = await retry(reach, patience, again)
  if (answer.ok || answer.failure.code !== 'locked') return answer
  // It is at work, and takes long: a slow pull, for instance.
  return await retry(reach, { ...patience, deadlineMs: reach.timeoutMs }, again)
}

function fetchesCarried({ changes }: DevicePlan): boolean {
  return changes.some(({ resource }) => resource.startsWith(`image:${carriedRegistry}/`))
}

/** The images of this machine are lent to the device while `work` runs, where it needs them. */
async function withImages(
  device: Reachable,
  { outside, abort }: Reach,
  isNeeded: boolean,
  work: (imageSource?: string) => Answer,
): Answer {
  if (!isNeeded) return await work()
  const lent = await outside.lendImages(targetOf(device), abort)
  if (!lent.ok) return lent
  try {
    return await work(`127.0.0.1:${lent.value.port}`)
  } finally {
    await lent.value.end()
  }
}

async function whenIdle(
  { outside, timeoutMs, abort }: Reach,
  observe: () => Promise<Sighting>,
): Promise<Sighting> {
  const untilMs = outside.nowMs() + timeoutMs
  let seen = await observe()
  while (seen.ok && seen.value.busy !== null && outside.nowMs() < untilMs && !abort.aborted) {
    await outside.wait(pauseMs, abort)
    seen = await observe()
  }
  return seen
}

/** Looks at a device: no authority is needed for that. */
export async function observeDevice(
  device: Reachable,
  state: DesiredState,
  reach: Reach,
  options?: ObserveOptions,
): Promise<Sighting> {
  const operation = newOperation(reach, 0)
  const manifest = observeManifest(state, operation, options)
  const report = await send(device, reach, { operation, manifest })
  return report.ok ? toObserved(report.value) : report
}

interface Parcel {
  readonly operation: Operation
  readonly manifest: Manifest
  readonly files?: readonly FinalFile[]
  readonly connection?: Delivery['connection']
  readonly onLine?: (line: ReportLine) => void
}

async function send(
  device: Reachable,
  { outside, timeoutMs, abort }: Reach,
  parcel: Parcel,
): Answer {
  const answer = await outside.engine.deliver(targetOf(device), {
    bundle: encodeBundle(outside.applier, parcel.manifest, parcel.files),
    nonce: parcel.operation.nonce,
    timeoutMs,
    connection: parcel.connection ?? 'reuse',
    signal: abort,
    onLine: parcel.onLine ?? (() => {}),
  })
  if (!answer.ok) return answer
  const { end } = answer.value
  return end.status === 'ok' ? answer : fail(end.failure)
}

export function targetOf(device: Reachable): Target {
  return {
    device: device.name,
    address: device.address,
    port: device.sshPort,
    user: device.user,
    privateKeyFile: device.privateKeyFile,
    commonArgs: device.commonArgs,
  }
}

export function newOperation(
  { outside }: Pick<Reach, 'outside'>,
  epoch: number,
  origin?: string,
): Operation {
  const nonce = outside.newNonce()
  return { id: operationId(nonce, origin), nonce, epoch }
}

export interface Patience {
  readonly deadlineMs: number
  readonly retryOn: (failure: Failure) => boolean
}

const pauseMs = 1_000

/** As long as `retryOn` says so of its failure. */
export async function retry<T>(
  { outside, abort }: Reach,
  { deadlineMs, retryOn }: Patience,
  attempt: () => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  const startMs = outside.nowMs()
  let result = await attempt()
  while (
    !result.ok &&
    retryOn(result.failure) &&
    !abort.aborted &&
    outside.nowMs() - startMs < deadlineMs
  ) {
    await outside.wait(pauseMs, abort)
    result = await attempt()
  }
  return result
}
