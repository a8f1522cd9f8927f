/** A plan: what it takes to get one device from what was observed to what is desired. Plain data. */

export type DiffLine =
  | { readonly sign: '+' | '-'; readonly text: string }
  /** `API_KEY_1 replaced`: what stands for two lines that are not shown. */
  | { readonly sign: '~'; readonly text: string }
  /** `…` stands for lines left out between two parts of a diff. */
  | { readonly sign: ' '; readonly text: string }

export interface Change {
  /** `package:git`, `file:/etc/default/gpsd`, `service:gpsd.service`, `image:REF`, `compose:DIR`, `reboot`. */
  readonly resource: string
  readonly action:
    | 'create'
    | 'update'
    | 'install'
    | 'pull'
    | 'disable'
    | 'restart'
    | 'up'
    | 'reboot'
  /** Why, or of a package its versions: `/etc/default/gpsd changes`, `3.25-4 -> 3.25-5`. */
  readonly because: string | null
  /** With secrets masked. Empty where there is no text to compare. */
  readonly diff: readonly DiffLine[]
}

/** One file as it should be after the change, and what must still be there before it. */
export interface PlannedFile {
  readonly path: string
  readonly mode: string
  /** `absent`, or sha256(observed nonce + content) of what was observed. */
  readonly before: string
  readonly isChanged: boolean
}

export interface DevicePlan {
  readonly device: string
  readonly changes: readonly Change[]
  /** What the operator should know and the plan does not change. */
  readonly notes: readonly string[]
  readonly baseGeneration: number
  /** What a lost controller left: a generation to revert, or a rollback to end, before anything else. */
  readonly pending: number | null
  /** Something is at work on it: what it will be is known when that has ended. */
  readonly isBusy: boolean
  /** Whether time service on the device is interrupted while the change is made. */
  readonly interruptsService: boolean
  /** Whether the device serves time now, so that there is something to take away. */
  readonly isServing: boolean
  /** `none`; `pending`: needed after this apply; `now`: part of this plan. */
  readonly reboot: 'none' | 'pending' | 'now'
  /** All files of the desired state, boot configuration included. */
  readonly files: readonly PlannedFile[]
}
