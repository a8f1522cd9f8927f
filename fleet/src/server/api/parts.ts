/** What resources need to be answered. */
import type { ApiSource } from '../../app/serve/api-source.ts'
import type { Caller } from '../../app/serve/caller.ts'
import type { ListenRequest } from '../../app/serve/listening.ts'

export interface ApiParts extends ApiSource {
  readonly controller: ListenRequest['controller']
  /** Who bears a token; `null`: nobody. */
  readonly bearer: (token: string) => Promise<Omit<Caller, 'from'> | null>
  readonly log: (line: string) => void
}
