/** Runs an image on this machine, shut off as on a device, to see whether it keeps the contract. */
import type { Rights, TrialAnswers } from '../core/health/image-check.ts'
import type { Result } from '@timeball/lib/result.ts'

export interface FoundImage {
  /** Such as `linux/arm64`. */
  readonly platform: string
  /** `org.opencontainers.image.version`; `null`: it has none. */
  readonly version: string | null
}

/** Failures are printable sentences for people. */
export interface ImageTrial {
  /** Finds the image, and pulls it when it is not here. */
  find(): Promise<Result<FoundImage, string>>
  /** Starts it and waits until `/health` answers; a failure says how it ended, and has removed it. */
  start(rights: Rights): Promise<Result<RunningTrial, string>>
  /** Removes what `find` brought only for the trial. */
  close(): Promise<void>
}

export interface RunningTrial {
  /** Replaces its file of keys, at the end. */
  ask(): Promise<TrialAnswers>
  /** SIGTERM, the time of the contract, then SIGKILL, which is a failure; removes it in any case. */
  end(): Promise<Result<null, string>>
}
