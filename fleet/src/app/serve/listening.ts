/** What a controller needs of the world to be asked: somebody who answers on a port. */
import type { Secret } from '../../core/secrets/secret.ts'
import type { Controller } from './controller.ts'

/**
 * Who may ask. `local`: whoever is on this machine, and no page of a browser that was lured here.
 * `token`: who knows the secret.
 */
export type Access = { readonly kind: 'local' } | { readonly kind: 'token'; readonly token: Secret }

export interface ListenRequest {
  readonly controller: Pick<Controller, 'view' | 'health'>
  readonly access: Access
  /** An IP address. */
  readonly bind: string
  /** 0: the system chooses. */
  readonly port: number
  readonly log: (line: string) => void
}

export interface Listening {
  readonly port: number
  /** Answers what was asked already, and ends within seconds. */
  close(): Promise<void>
}
