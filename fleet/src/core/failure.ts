/**
 * What can go wrong with one device, as a closed set. The adapter that owns the foreign program
 * classifies; use cases decide on it; one table in `api/explain.ts` turns a code into a sentence.
 */
export const failureCodes = [
  'unreachable',
  'auth-refused',
  'host-key-unknown',
  'host-key-changed',
  'timeout',
  'output-too-large',
  'protocol',
  'not-root',
  'not-allowed',
  'locked',
  'fenced',
  'epoch-ahead',
  'other-state',
  'moved',
  'no-way-back',
  'no-space',
  'corrupt-bundle',
  'package-failed',
  'apt-busy',
  'upgrade-failed',
  'image-failed',
  'compose-failed',
  'service-failed',
  'file-failed',
  'unconfirmed',
  'interrupted',
  'step-failed',
] as const

export type FailureCode = (typeof failureCodes)[number]

/** One device's failure. `detail` is printable text, already bounded and stripped of controls. */
export interface Failure {
  readonly code: FailureCode
  readonly detail: string
  /** Of `unreachable`, where it is known: its name, the way to it, or the port at which it listens. */
  readonly layer?: 'name' | 'route' | 'port'
}

/** For records; advice on what to do about it is in `api/explain.ts`. */
export function failureText({ code, detail }: Failure): string {
  return detail === '' ? code : `${code}: ${detail}`
}

const lostCodes: ReadonlySet<FailureCode> = new Set([
  'unreachable',
  'timeout',
  'protocol',
  'interrupted',
])

/** The device did not say how it went. */
export function isLost({ code }: Failure): boolean {
  return lostCodes.has(code)
}

export function isLostOrBusy(failure: Failure): boolean {
  return isLost(failure) || failure.code === 'locked'
}
