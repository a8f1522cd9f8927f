/** The deliveries that one host of a run is still to get. */
import type { Failure } from '../../core/failure.ts'
import type { Job } from './job.ts'

export interface HostQueue {
  /** `false`: nobody asks for this host any more. */
  push(job: Job): boolean
  /** The next one, or one that comes soon; `null`: there is none, and none can be added. */
  next(): Promise<Job | null>
  /** `null`: those that wait stay as they are. */
  close(failure: Failure | null): void
}

/** How long a host that has nothing to do waits: mostly there is a next step of the same operation. */
const lingerMs = 250

export function hostQueue(): HostQueue {
  const waiting: Job[] = []
  let isOpen = true
  let wake = Promise.withResolvers<void>()

  function take(): Job | null {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      if (!job.isSettled()) return job
    }
    return null
  }

  return {
    push(job) {
      if (!isOpen) return false
      waiting.push(job)
      wake.resolve()
      return true
    },
    async next() {
      const job = take()
      if (job !== null || !isOpen) return job
      wake = Promise.withResolvers()
      const timer = setTimeout(wake.resolve, lingerMs)
      await wake.promise
      clearTimeout(timer)
      const late = take()
      isOpen &&= late !== null
      return late
    },
    close(failure) {
      isOpen = false
      wake.resolve()
      if (failure !== null) for (const job of waiting.splice(0)) job.giveUp(failure)
    },
  }
}
