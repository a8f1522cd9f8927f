/** What a controller needs of the world to be asked: somebody who answers on a port. */
import type { Secret } from '../../core/secrets/secret.ts'
import type { ApiSource } from './api-source.ts'
import type { TokenCheck } from './check-tokens.ts'
import type { Controller } from './controller.ts'

/**
 * Who may ask. `local`: whoever is on this machine, and no page of a browser that was lured here.
 * `token`: who knows the secret. The API is never answered without a token, but for the socket.
 */
export type Access = { readonly kind: 'local' } | { readonly kind: 'token'; readonly token: Secret }

export interface ListenRequest {
  readonly controller: Pick<Controller, 'view' | 'health'>
  readonly api: ApiSource
  readonly access: Access
  readonly tokens: TokenCheck
  /** An IP address. */
  readonly bind: string
  /** 0: the system chooses. */
  readonly port: number
  /** Path of a unix socket: whoever may open it is an admin. */
  readonly socket: string
  readonly log: (line: string) => void
}

export interface Listening {
  readonly port: number
  /** Answers what was asked already, and ends within seconds. */
  close(): Promise<void>
}
