/** What a long command tells while it works. */

import type { LockOptions } from './lock.ts'

/** One step: told when it begins, and again with its duration when it is done. */
export interface Progress {
  /** Such as `base image`. */
  readonly step: string
  readonly state: 'running' | 'done' | 'kept'
  /** What about it; may be empty. */
  readonly detail: string
  /** `null` until it is done. */
  readonly tookMs: number | null
}

export type OnProgress = (progress: Progress) => void

/** Runs one step and tells its begin, end and duration. `work` returns what to say about it. */
export async function step<T extends { readonly detail: string; readonly kept?: boolean }>(
  onProgress: OnProgress,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  onProgress({ step: name, state: 'running', detail: '', tookMs: null })
  const began = performance.now()
  const done = await work()
  const tookMs = Math.round(performance.now() - began)
  onProgress({
    step: name,
    state: done.kept === true ? 'kept' : 'done',
    detail: done.detail,
    tookMs,
  })
  return done
}

/** A lab command waits for another one this long, and says so. */
export function patience(onProgress: OnProgress): LockOptions {
  const onWait = (): void => {
    onProgress({ step: 'another lab command', state: 'running', detail: '', tookMs: null })
  }
  return { patienceMs: 600_000, onWait }
}
