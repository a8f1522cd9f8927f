/** What one minion is asked; it is settled once, at the latest when nobody is patient any more. */
import { fail, type Result } from '@timeball/lib/result.ts'
import type { ApiFailure } from './salt-api.ts'

/**
 * `unknown`: the master has no key of this minion. `silent`: no answer in time. `strange`: it
 * answers something else. `stopped`: nobody waits any more.
 */
export interface AskFailure {
  readonly kind: ApiFailure['kind'] | 'unknown' | 'silent' | 'strange' | 'stopped'
  readonly detail: string
}

export interface Asking {
  readonly patienceMs: number
  readonly signal: AbortSignal
}

interface Asked {
  readonly id: string
  readonly content: unknown
  /** The minion may not have the program yet. */
  readonly withProgram: boolean
}

export interface Question extends Asked {
  /** The first one counts. */
  readonly settle: (result: Result<unknown, AskFailure>) => void
  readonly isSettled: () => boolean
}

export interface OpenQuestion {
  readonly question: Question
  readonly result: Promise<Result<unknown, AskFailure>>
}

export function openQuestion(asked: Asked, { patienceMs, signal }: Asking): OpenQuestion {
  const { promise, resolve } = Promise.withResolvers<Result<unknown, AskFailure>>()
  const timer = setTimeout(onTime, patienceMs)
  let isSettled = false

  function settle(result: Result<unknown, AskFailure>): void {
    isSettled = true
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    resolve(result)
  }
  function onTime(): void {
    settle(fail({ kind: 'silent', detail: `no answer within ${patienceMs / 1000} s` }))
  }
  function onAbort(): void {
    settle(fail({ kind: 'stopped', detail: 'nobody waits for it any more' }))
  }

  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort)
  return { question: { ...asked, settle, isSettled: () => isSettled }, result: promise }
}
