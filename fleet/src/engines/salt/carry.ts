/** One bundle to one device over an agreed key, and its report back. */
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { z } from 'zod'
import type { Failure } from '../../core/failure.ts'
import type { DeviceReport } from '../../device/report.ts'
import type { Delivery } from '../../ports/engine.ts'
import { deliveryReader, type DeliveryReader } from '../delivery-reader.ts'
import { classifyRemoteEnd } from '../ssh/classify-ssh-end.ts'
import type { Order, Session, SessionFailure } from './sessions.ts'

export interface Carrying {
  readonly session: Session
  readonly delivery: Delivery
  /** Ends when the time is over, and when it is called off. */
  readonly signal: AbortSignal
  /** What the bundle is handed to on the device. */
  readonly command: string
  /** For a minion to answer, beyond what it is asked to wait. */
  readonly answerMs: number
}

/** `null`: nothing was done, since the minion did not know the key any more. */
export type Carried = Result<DeviceReport, Failure> | null

/** A bundle goes in parts; Salt's events are cut above 1 MiB, and salt-api takes no more either. */
const partBytes = 192 * 1024
/** How long a minion waits for something to tell. */
const waitSeconds = 5
/** So often in a row a minion may not answer while its master does. */
const mostSilences = 2
const againMs = 1_000

const replySchema = z.object({
  data: z.string(),
  next: z.int().min(0),
  end: z.object({ code: z.int(), stderr: z.string() }).nullable(),
})

export async function carry(carrying: Carrying): Promise<Carried> {
  const { session, signal, delivery } = carrying
  const operation = randomBytes(16).toString('hex')
  const reader = deliveryReader(delivery)
  const result = await exchange(carrying, operation, reader)
  if (result !== null && !result.ok) {
    const asking = { patienceMs: carrying.answerMs, signal: new AbortController().signal }
    const dropped = session.ask(operation, { kind: 'drop' }, asking)
    // A device that does not answer forgets it by itself, and who called it off does not wait.
    if (!signal.aborted && result.failure.code !== 'unreachable') await dropped
  }
  return result
}

async function exchange(
  carrying: Carrying,
  operation: string,
  reader: DeliveryReader,
): Promise<Carried> {
  let answer = await put(carrying, operation)
  if (!answer.ok && answer.failure.kind === 'unsent') return null
  while (answer.ok) {
    const reply = replySchema.safeParse(answer.value)
    if (!reply.success) return fail({ code: 'protocol', detail: 'its minion answers nothing' })
    const { data, next, end } = reply.data
    if (data !== '') await reader.push(Buffer.from(data, 'base64'))
    const result = reader.result()
    if (result !== null) return result
    if (end !== null) return fail(withNoise(classifyRemoteEnd(end.code, end.stderr), reader))
    answer = await persist(carrying, operation, { kind: 'get', from: next, wait: waitSeconds })
  }
  return fail(failureOf(answer.failure, reader))
}

interface CarryFailure {
  readonly kind: SessionFailure['kind'] | 'unsent' | 'broken'
  readonly detail: string
}

/** The answer to the last part is the first reply. */
async function put(carrying: Carrying, operation: string): Promise<Result<unknown, CarryFailure>> {
  const { delivery, command } = carrying
  let part = 0
  let answer: Result<unknown, CarryFailure> = ok({})
  try {
    for await (const { bytes, last } of partsOf(delivery.bundle)) {
      const data = (await promisify(deflate)(bytes)).toString('base64')
      const order = { kind: 'put', part, data, last, command, wait: waitSeconds } as const
      answer = await persist(carrying, operation, order)
      if (!answer.ok) break
      part += 1
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return fail({ kind: 'broken', detail: `the bundle broke off: ${why}` })
  }
  const isUnsent = !answer.ok && answer.failure.kind === 'lost' && part === 0
  return isUnsent ? fail({ kind: 'unsent', detail: '' }) : answer
}

interface Part {
  readonly bytes: Uint8Array
  readonly last: boolean
}

async function* partsOf(bundle: Delivery['bundle']): AsyncGenerator<Part, void, void> {
  let waiting = Buffer.alloc(0)
  for await (const bytes of bundle instanceof Uint8Array ? [bundle] : bundle()) {
    waiting = Buffer.concat([waiting, bytes])
    while (waiting.length > partBytes) {
      yield { bytes: waiting.subarray(0, partBytes), last: false }
      waiting = waiting.subarray(partBytes)
    }
  }
  yield { bytes: waiting, last: true }
}

/** Asks again while it may help: an order that comes twice changes nothing more. */
async function persist(
  { session, signal, answerMs }: Carrying,
  operation: string,
  order: Order,
): Promise<Result<unknown, SessionFailure>> {
  const wait = 'wait' in order ? order.wait * 1000 : 0
  for (let silences = 0; ;) {
    const answer = await session.ask(operation, order, { patienceMs: wait + answerMs, signal })
    if (answer.ok || signal.aborted) return answer
    const { kind } = answer.failure
    if (kind === 'silent') silences += 1
    const isPassing = kind === 'gone' || (kind === 'silent' && silences < mostSilences)
    if (!isPassing) return answer
    await pause(againMs, undefined, { signal }).catch(() => {})
  }
}

function failureOf({ kind, detail }: CarryFailure, reader: DeliveryReader): Failure {
  const lost = reader.hasBegun() ? 'the report is not complete: ' : ''
  if (kind === 'broken' || kind === 'strange') return { code: 'protocol', detail }
  return { code: 'unreachable', detail: `${lost}${detail}` }
}

/** What the device said instead of a report. */
function withNoise(failure: Failure, reader: DeliveryReader): Failure {
  const noise = failure.code === 'protocol' ? reader.noise() : ''
  return noise === '' ? failure : { ...failure, detail: `${failure.detail}; it said: ${noise}` }
}
