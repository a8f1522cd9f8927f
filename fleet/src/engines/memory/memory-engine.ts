/** Devices as functions in this process: for tests of use cases, and for the contract itself. */
import type { Failure } from '../../core/failure.ts'
import { fail, ok } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { DeviceReport } from '../../device/report.ts'
import { deliveryReader } from '../delivery-reader.ts'
import type { DeliveryReader } from '../delivery-reader.ts'
import { deliverEach } from '../deliver-each.ts'
import type { Delivery, Engine, Target } from '../../ports/engine.ts'

/**
 * A device: gets what was sent and yields what it would print. Text is passed on as it is, a
 * `Failure` is what the engine reports in place of an answer.
 */
export type MemoryDevice = (
  request: Pick<Delivery, 'nonce' | 'connection'> & { readonly bundle: Uint8Array },
) => AsyncIterable<string | Failure> | Iterable<string | Failure>

/** `devices` is keyed by the name of the target; one that is missing is unreachable. */
export function memoryEngine(devices: ReadonlyMap<string, MemoryDevice>): Engine {
  const deliver: Engine['deliver'] = async (target, delivery) => {
    const device = devices.get(target.device)
    return device === undefined ? unreachable(target) : await answer(device, delivery)
  }
  return {
    name: 'memory',
    deliver,
    deliverAll: (targets, broadcast) => deliverEach(deliver, targets, broadcast),
    lend: () => Promise.resolve(ok({ port: 1, end: () => Promise.resolve() })),
    close: () => Promise.resolve(),
  }
}

function unreachable(target: Target): Result<never, Failure> {
  return fail({ code: 'unreachable', detail: `no device has the name ${target.device}` })
}

async function answer(
  device: MemoryDevice,
  delivery: Delivery,
): Promise<Result<DeviceReport, Failure>> {
  const reader = deliveryReader(delivery)
  const interruption = Promise.withResolvers<Result<never, Failure>>()
  function interrupt(failure: Failure): void {
    interruption.resolve(fail(failure))
  }
  function onAbort(): void {
    interrupt({ code: 'interrupted', detail: 'the delivery was called off' })
  }

  if (delivery.signal.aborted) onAbort()
  delivery.signal.addEventListener('abort', onAbort)
  const timer = setTimeout(() => {
    const detail = `no complete report within ${delivery.timeoutMs / 1000} s`
    interrupt({ code: 'timeout', detail })
  }, delivery.timeoutMs)
  try {
    return await Promise.race([interruption.promise, listen(device, delivery, reader)])
  } finally {
    clearTimeout(timer)
    delivery.signal.removeEventListener('abort', onAbort)
  }
}

async function listen(
  device: MemoryDevice,
  { nonce, connection, bundle }: Delivery,
  reader: DeliveryReader,
): Promise<Result<DeviceReport, Failure>> {
  const output = device({ nonce, connection, bundle: await wholeOf(bundle) })
  for await (const part of output) {
    if (typeof part !== 'string') return fail(part)
    if ((await reader.push(Buffer.from(part))) !== 'more') break
  }
  const incomplete = { code: 'protocol', detail: 'the device ended before its report' } as const
  return reader.result() ?? fail(incomplete)
}

async function wholeOf(bundle: Delivery['bundle']): Promise<Uint8Array> {
  return bundle instanceof Uint8Array ? bundle : Buffer.concat(await Array.fromAsync(bundle()))
}
