import type { Position } from '../value.ts'

/** Why a template has no value here. */
export interface Trouble {
  /**
   * `undefined`: a variable is missing, which `default` and `is defined` make good; `unsupported`:
   * Ansible may have a value for it; `mistake`: it has none.
   */
  readonly kind: 'undefined' | 'unsupported' | 'mistake'
  /** A sentence without subject: `uses the filter "ipaddr"`. */
  readonly what: string
  readonly fix: string | null
  /** The variable whose template it is; `null` while that is not known. */
  readonly place: Place | null
}

export interface Place {
  readonly variable: string
  readonly at: Position
}

export function unsupported(what: string): Trouble {
  return { kind: 'unsupported', what, fix: 'Write the value out', place: null }
}

export function mistaken(what: string, fix: string | null = null): Trouble {
  return { kind: 'mistake', what, fix, place: null }
}
