/** `deliverAll` for an engine that reaches one device at a time. */
import { mapBounded } from '@timeball/lib/pool.ts'
import { fail } from '@timeball/lib/result.ts'
import type { Broadcast, Delivered, Delivery, Engine, Target } from '../ports/engine.ts'

export async function* deliverEach(
  deliver: Engine['deliver'],
  targets: readonly Target[],
  broadcast: Broadcast,
): AsyncGenerator<Delivered, void, void> {
  const left = new Set(targets)
  const pool = { limit: broadcast.parallel, signal: broadcast.signal }
  const results = mapBounded(targets, pool, (target) =>
    deliver(target, deliveryTo(target, broadcast)),
  )
  for await (const { item: target, value: result } of results) {
    left.delete(target)
    yield { target, result }
  }
  for (const target of left) {
    const detail = 'it was called off before it was sent'
    yield { target, result: fail({ code: 'interrupted', detail }) }
  }
}

export function deliveryTo(
  { device }: Target,
  { onLine, onBytes, ...shipment }: Broadcast,
): Delivery {
  return {
    ...shipment,
    onLine: (line) => onLine(device, line),
    ...(onBytes === undefined ? {} : { onBytes: (part) => onBytes(device, part) }),
  }
}
