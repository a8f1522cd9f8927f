/** What devices answer to a question. */
import type { Result } from '@timeball/lib/result.ts'
import type { Failure } from '../failure.ts'

export interface Answer {
  /** As of a shell: 128 and more is a signal. */
  readonly exit: number
  /** Both outputs as they came, printable: what it shows on a terminal is text and nothing else. */
  readonly output: string
  /** `false`: the device ended it because its time was over. */
  readonly isInTime: boolean
  /** Of output that was beyond the bound. */
  readonly leftOutBytes: number
}

export interface Answered {
  readonly device: string
  readonly result: Result<Answer, Failure>
}

/** It was asked, and ended well. */
export function isWell({ result }: Answered): boolean {
  return result.ok && result.value.exit === 0 && result.value.isInTime
}
