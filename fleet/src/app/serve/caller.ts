/** Who asks the controller. */
import type { Role } from '../../core/controller/roles.ts'

/** The listener that took a request; nothing that a client sends can change it. */
export type Door = 'socket' | 'network'

export interface Caller {
  /** Of the token; `socket` for whoever may open that. */
  readonly name: string
  readonly role: Role
  /** An address, or `socket`. */
  readonly from: string
}
