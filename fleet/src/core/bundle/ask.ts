/** A question to a device: a script whose output comes back. */
import { head, type Manifest, type Operation } from './bundle.ts'

export interface Question {
  /** With a first line of `#!`, or for `sh`. */
  readonly script: string
  /** `login`: the user who logs in. */
  readonly as: 'root' | 'login'
  /** Then the device ends it. */
  readonly seconds: number
  /** Of its output; the rest is counted and left out. */
  readonly mostBytes: number
}

export function askManifest({ as, seconds, mostBytes }: Question, operation: Operation): Manifest {
  return [
    ...head('ask', { ...operation, epoch: 0 }),
    `as ${as}`,
    `seconds ${Math.ceil(seconds)}`,
    `most-bytes ${mostBytes}`,
  ]
}
