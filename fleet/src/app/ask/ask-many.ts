/** One question to many devices, one round trip each, side by side. */
import { mapBounded } from '@timeball/lib/pool.ts'
import { printableText } from '@timeball/lib/printable-text.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Answer, Answered } from '../../core/ask/answer.ts'
import { askManifest, type Question } from '../../core/bundle/ask.ts'
import { encodeBundle } from '../../core/bundle/bundle.ts'
import type { Device } from '../../core/device/device.ts'
import type { Failure } from '../../core/failure.ts'
import type { Reach } from '../link.ts'
import { newOperation, targetOf } from '../link.ts'

export interface Asking {
  readonly reach: Omit<Reach, 'timeoutMs'>
  /** No further device is asked; those that were are waited for. */
  readonly stop: AbortSignal
  /** Devices at once. */
  readonly parallel: number
  readonly onStart?: (device: string) => void
  /** Output as it comes, as it is; it is not collected then. */
  readonly onPart?: (device: string, part: Uint8Array) => void
}

/** Besides the time that the device has: for the connection, and for it to end what is late. */
const graceMs = 15_000

/** Each device once, as it answers; at the end those whose turn never came, as `interrupted`. */
export async function* askMany(
  devices: readonly Device[],
  question: Question,
  asking: Asking,
): AsyncGenerator<Answered, void, void> {
  const left = new Set(devices)
  const pool = { limit: asking.parallel, signal: asking.stop }
  const answers = mapBounded(devices, pool, (device) => ask(device, question, asking))
  for await (const { item: device, value: result } of answers) {
    left.delete(device)
    yield { device: device.name, result }
  }
  for (const { name } of left) {
    const detail = 'it was called off before it was asked'
    yield { device: name, result: fail({ code: 'interrupted', detail }) }
  }
}

/** One device. With `onPart` output goes there as it comes, and is not collected. */
export function askOne(
  device: Device,
  question: Question,
  reach: Asking['reach'],
  onPart?: (part: Uint8Array) => void,
): Promise<Result<Answer, Failure>> {
  const tell = onPart === undefined ? {} : { onPart: (_: string, part: Uint8Array) => onPart(part) }
  return ask(device, question, { reach, ...tell })
}

async function ask(
  device: Device,
  question: Question,
  { reach, onStart, onPart }: Pick<Asking, 'reach' | 'onStart' | 'onPart'>,
): Promise<Result<Answer, Failure>> {
  const { outside, abort } = reach
  const operation = newOperation(reach, 0)
  const parts: Uint8Array[] = []
  let bytes = 0
  onStart?.(device.name)
  const file = { path: 'script', mode: '0600', content: [question.script] }
  const answer = await outside.engine.deliver(targetOf(device), {
    bundle: encodeBundle(outside.applier, askManifest(question, operation), [file]),
    nonce: operation.nonce,
    timeoutMs: Math.ceil(question.seconds) * 1000 + graceMs,
    connection: 'reuse',
    signal: abort,
    onLine: () => {},
    onBytes(part) {
      bytes += part.length
      // The device keeps to it by itself; this is for one that does not.
      if (bytes > question.mostBytes) return Promise.reject(new Error('more than was asked for'))
      if (onPart === undefined) parts.push(part)
      else if (part.length > 0) onPart(device.name, part)
      return Promise.resolve()
    },
  })
  if (!answer.ok) return answer
  const { end, lines } = answer.value
  if (end.status === 'failed') return fail(end.failure)
  const exit = lines.find((line) => line.type === 'exit')
  if (exit === undefined) return fail({ code: 'protocol', detail: 'it does not say how it ended' })
  return ok({
    exit: exit.code,
    output: printableText(new TextDecoder().decode(Buffer.concat(parts))),
    isInTime: exit.in_time,
    leftOutBytes: exit.left_out_bytes,
  })
}
