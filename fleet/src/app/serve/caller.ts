/** Who asks the controller, and how much that one may. */

/** Each may what those before it may. `viewer` changes nothing. */
export const roles = ['viewer', 'operator', 'admin'] as const
export type Role = (typeof roles)[number]

/** The listener that took a request; nothing that a client sends can change it. */
export type Door = 'socket' | 'network'

export interface Caller {
  /** Of the token; `socket` for whoever may open that. */
  readonly name: string
  readonly role: Role
  /** An address, or `socket`. */
  readonly from: string
}

export function mayAct(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed)
}
