/** What resources need to be answered. */
import type { ApiSource } from '../../app/serve/api-source.ts'
import type { TokenCheck } from '../../app/serve/check-tokens.ts'
import type { ListenRequest } from '../../app/serve/listening.ts'

export interface ApiParts extends ApiSource, TokenCheck {
  readonly controller: ListenRequest['controller']
  readonly log: (line: string) => void
}
