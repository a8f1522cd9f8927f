/** One delivery: it is settled once, by what the device says or by what comes in its way. */
import { randomUUID } from 'node:crypto'
import { printable } from '@timeball/lib/printable.ts'
import { fail, type Result } from '@timeball/lib/result.ts'
import type { Failure } from '../../core/failure.ts'
import type { DeviceReport } from '../../device/report.ts'
import type { Delivery, Target } from '../../ports/engine.ts'
import { deliveryReader } from '../delivery-reader.ts'
import { classifySshEnd, type SshEnd } from '../ssh/classify-ssh-end.ts'

export interface Job {
  readonly id: string
  readonly target: Target
  readonly delivery: Delivery
  readonly result: Promise<Result<DeviceReport, Failure>>
  isSettled(): boolean
  /** It is about to be sent: its time begins. */
  send(): void
  /** What the device says, once; `cancel` ends it. */
  hear(output: AsyncIterable<Uint8Array>, cancel: () => void): Promise<void>
  /** The connection has ended, and all that the device says was heard, or is being heard. */
  end(end: Omit<SshEnd, 'begun'>): Promise<void>
  giveUp(failure: Failure): void
  /** Nothing was heard of it, to the end. `why`: what Ansible said. */
  miss(why: string): void
}

export function openJob(target: Target, delivery: Delivery): Job {
  const reader = deliveryReader(delivery)
  const heard = Promise.withResolvers<void>()
  const outcome = openOutcome(delivery, () => reader.hasBegun())
  let step: 'waiting' | 'sent' | 'heard' = 'waiting'

  const giveUp: Job['giveUp'] = (failure) => outcome.settle(fail(failure))
  return {
    ...{ id: randomUUID(), target, delivery, giveUp },
    result: outcome.result,
    isSettled: () => outcome.isSettled(),
    send() {
      step = 'sent'
      outcome.startTime()
    },
    async hear(output, cancel) {
      if (step !== 'sent' || outcome.isSettled()) return cancel()
      step = 'heard'
      outcome.onFailure(cancel)
      try {
        for await (const chunk of output) {
          if (reader.result() !== null) continue
          await reader.push(chunk)
          const result = reader.result()
          if (result !== null) outcome.settle(result)
        }
      } finally {
        heard.resolve()
      }
    },
    async end(end) {
      if (step === 'heard') await heard.promise
      const failure = classifySshEnd({ ...end, begun: reader.hasBegun() })
      const noise = failure.code === 'protocol' ? reader.noise() : ''
      const detail = noise === '' ? failure.detail : `${failure.detail}; it said: ${noise}`
      giveUp({ ...failure, detail })
    },
    miss(why) {
      const said = why === '' ? '' : `: ${printable(why)}`
      if (step === 'waiting') giveUp({ code: 'unreachable', detail: `Ansible left it out${said}` })
      else giveUp({ code: 'protocol', detail: `Ansible ended without its result${said}` })
    },
  }
}

interface Outcome {
  readonly result: Job['result']
  isSettled(): boolean
  /** The first one counts. */
  settle(result: Result<DeviceReport, Failure>): void
  startTime(): void
  /** After a complete report what follows is let flow: the device may still tidy up. */
  onFailure(cancel: () => void): void
}

/** Settled also when it is called off, and when its time is over. */
function openOutcome({ signal, timeoutMs }: Delivery, hasBegun: () => boolean): Outcome {
  const { promise, resolve } = Promise.withResolvers<Result<DeviceReport, Failure>>()
  const failed = new AbortController()
  let isSettled = false
  let timer: NodeJS.Timeout | null = null

  function settle(result: Result<DeviceReport, Failure>): void {
    if (isSettled) return
    isSettled = true
    if (timer !== null) clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    if (!result.ok) failed.abort()
    resolve(result)
  }
  function onAbort(): void {
    const what =
      timer === null ? 'it was called off before it was sent' : 'the delivery was called off'
    settle(fail({ code: 'interrupted', detail: what }))
  }
  function onTime(): void {
    const what = hasBegun() ? 'the report was not complete' : 'the device did not answer'
    settle(fail({ code: 'timeout', detail: `${what} within ${timeoutMs / 1000} s` }))
  }

  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort)
  return {
    result: promise,
    settle,
    isSettled: () => isSettled,
    startTime: () => void (timer ??= setTimeout(onTime, timeoutMs)),
    onFailure: (cancel) => failed.signal.addEventListener('abort', cancel),
  }
}
