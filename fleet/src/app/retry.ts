/** Asking a device again when the connection, and not the device, said no. */
import type { Failure, FailureCode } from '../core/failure.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { Outside, Run } from './outside.ts'

export interface RetryPolicy {
  readonly deadlineMs: number
  readonly retryOn: (failure: Failure) => boolean
}

const pauseMs = 1_000

export async function retry<T>(
  outside: Outside,
  run: Run,
  policy: RetryPolicy,
  attempt: () => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  const startMs = outside.nowMs()
  let result = await attempt()
  while (
    !result.ok &&
    policy.retryOn(result.failure) &&
    !run.abort.aborted &&
    outside.nowMs() - startMs < policy.deadlineMs
  ) {
    await outside.wait(pauseMs, run.abort)
    result = await attempt()
  }
  return result
}

const lostCodes: ReadonlySet<FailureCode> = new Set([
  'unreachable',
  'timeout',
  'protocol',
  'interrupted',
])

/** The device did not say how it went. */
export function isLost(failure: Failure): boolean {
  return lostCodes.has(failure.code)
}

export function lostOrBusy(failure: Failure): boolean {
  return isLost(failure) || failure.code === 'locked'
}
